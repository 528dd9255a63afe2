# Windows to the stack of a process that need not be the current one, outside of window traps: the page table is walked
# here, once a page.

.include "window.inc"
.include "cause.inc"

.text

# windows_spill(pcb, above, last, sp): stores the windows of this process from the one below `above` down to `last` to
# its stack; `sp` is the stack pointer of the first of them. Comes back only if all went well: a process whose stack
# cannot take them is ended, and the dispatcher looks what to do. Called by the policies.
#
# It goes through the windows itself, so everything is in global registers, and nothing on the kernel's stack:
# t0 = window, tp = the last one, a6 = page as the process sees it, a7 = from there to its frame, gp = PAGE_LAST.
.globl windows_spill
windows_spill:
        la      t0, spill_pcb
        sw      a0, 0(t0)
        csrr    t1, cwp
        sw      t1, spill_kernel_window - spill_pcb(t0)
        addi    t1, a3, -WINDOW_BYTES
        mv      t0, a1
        mv      tp, a2
        window_below t0
        csrw    cwp, t0
        j       .Lpage
.Lnext: window_below t0
        csrw    cwp, t0
        addi    t1, sp, -WINDOW_BYTES
        sub     t2, t1, a6
        bgtu    t2, gp, .Lpage
.Lstore:
        add     t1, t1, a7
        each_own sw, t1
        bne     t0, tp, .Lnext
        la      t1, spill_kernel_window
        lw      t1, 0(t1)
        csrw    cwp, t1
        ret

.Lpage: bltz    t1, .Lrefused           # t1 = address; it is not in the same page as the one before
        li      t2, -PAGE_SIZE
        and     a6, t1, t2
        la      t2, spill_pcb
        lw      t2, 0(t2)
        lw      t2, P_SPACE + SPACE_ROOT(t2)
        writable_frame t2, t1, spare=a7, refused=.Lrefused
        sub     a7, t2, a6
        li      gp, PAGE_LAST
        sub     t2, t1, a6
        bleu    t2, gp, .Lstore

# The page is not there, or not the process's alone, or the window reaches into the next one. t0 = window, t1 = address.
.Lrefused:
        la      t2, spare_window
        each_own sw, t2
        la      t2, spill_kernel_window
        lw      t2, 0(t2)
        csrw    cwp, t2
        la      a0, spill_pcb
        lw      a0, 0(a0)
        mv      a1, t0
        mv      a2, tp
        mv      a3, t1
        j       spill_spare

# spill_spare(pcb, window, last, address): goes on with the window that is in spare_window, by the kernel's usual way to
# the memory of processes. Jumped to by windows_spill.
# s0 = pcb, s1 = window; locals: 0 = last, 4 = address.
proc spill_spare, args=4, frame=16
        mv      s0, a0
        mv      s1, a1
        sw      a2, 0(sp)
        sw      a3, 4(sp)
        addi    a0, s0, P_SPACE
        mv      a1, a3
        la      a2, spare_window
        li      a3, WINDOW_BYTES
        call    space_write
        bnez    a0, 1f
        mv      a0, s0
        mv      a1, s1
        lw      a2, 0(sp)
        beq     a1, a2, 2f
        la      t0, spare_window
        lw      a3, OWN_ISP(t0)
        call    windows_spill
        return
1:      mv      a3, a0
        mv      a0, s0
        li      a1, CAUSE_STORE_PAGE_FAULT
        lw      a2, 4(sp)
        call    fault_end
        call    dispatch
2:
endp

.bss
        .balign 4
spill_pcb:      .zero 4
spill_kernel_window: .zero 4            # the window that the kernel runs in
spare_window:   .zero WINDOW_BYTES
