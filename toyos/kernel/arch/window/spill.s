# Windows to the stack of a process that need not be the current one, outside of traps: the page table is walked here,
# once a page.

.include "window.inc"
.include "space.inc"
.include "cause.inc"

.equ S_LAST,  0                 # the frame of windows_spill
.equ S_AT,    4
.equ S_FRAME, 16

.text

# windows_spill(pcb, above, last, sp): stores the windows of this process from the one below `above` down to `last` to
# its stack; `sp` is the stack pointer of the first of them. Comes back only if all went well: a process whose stack
# cannot take them is ended, and the dispatcher looks what to do. Called by the policies.
# s0 = pcb, s1 = the window above the next one.
proc windows_spill, args=4, frame=S_FRAME
        mv      s0, a0
        mv      s1, a1
        sw      a2, S_LAST(sp)
1:      mv      a0, s1
        lw      a1, S_LAST(sp)
        lw      a2, P_SPACE + SPACE_ROOT(s0)
        call    windows_store
        beqz    a0, 2f
        mv      s1, a1                  # this one is in spare_window
        addi    a0, s0, P_SPACE
        mv      a1, a2
        sw      a2, S_AT(sp)
        la      a2, spare_window
        li      a3, WINDOW_BYTES
        call    space_write
        bnez    a0, 3f
        la      t0, spare_window
        lw      a3, OWN_ISP(t0)
        lw      t0, S_LAST(sp)
        bne     s1, t0, 1b
2:      return
3:      mv      a3, a0
        mv      a0, s0
        li      a1, CAUSE_STORE_PAGE_FAULT
        lw      a2, S_AT(sp)
        call    fault_end
        call    dispatch
endp

# windows_store(above, last, root, sp) -> a0 = 0: done; else a window could not be stored, as its page is not there or not
# its process's alone, or because it reaches into the next page: its registers are in spare_window, a1 is its number, a2
# the address that it belongs to. A leaf that goes through the windows itself, so everything is in global registers:
# t0 = window, tp = the last one, a6 = page as the process sees it, a7 = from there to the frame, gp = PAGE_LAST.
windows_store:
        csrr    t0, cwp
        la      t1, kernel_window
        sw      t0, 0(t1)
        la      t1, spill_root
        sw      a2, 0(t1)
        addi    t1, a3, -WINDOW_BYTES
        mv      t0, a0
        mv      tp, a1
        window_below t0
        csrw    cwp, t0
        j       .Llookup
.Lnext: window_below t0
        csrw    cwp, t0
        addi    t1, sp, -WINDOW_BYTES
        sub     t2, t1, a6
        bgtu    t2, gp, .Llookup
.Lstore:
        add     t1, t1, a7
        each_own sw, t1
        bne     t0, tp, .Lnext
        la      t1, kernel_window
        lw      t1, 0(t1)
        csrw    cwp, t1
        li      a0, 0
        ret

.Llookup:                               # t1 = address
        bltz    t1, .Lelse
        li      t2, -PAGE_SIZE
        and     a6, t1, t2
        la      t2, spill_root
        lw      t2, 0(t2)
        srli    a7, t1, MEGAPAGE_SHIFT
        slli    a7, a7, 2
        add     t2, t2, a7
        lw      t2, 0(t2)
        beqz    t2, .Lelse
        frame_of t2
        srli    a7, t1, PAGE_SHIFT
        andi    a7, a7, PTE_ENTRIES - 1
        slli    a7, a7, 2
        add     t2, t2, a7
        lw      t2, 0(t2)
        andi    a7, t2, PTE_W
        beqz    a7, .Lelse
        frame_of t2
        sub     a7, t2, a6
        li      gp, PAGE_LAST
        sub     t2, t1, a6
        bleu    t2, gp, .Lstore
.Lelse: la      t2, spare_window
        each_own sw, t2
        la      t2, kernel_window
        lw      t2, 0(t2)
        csrw    cwp, t2
        li      a0, 1
        mv      a1, t0
        mv      a2, t1
        ret

.bss
        .balign 4
kernel_window:  .zero 4                 # the window that the kernel runs in
spill_root:     .zero 4
spare_window:   .zero WINDOW_BYTES
