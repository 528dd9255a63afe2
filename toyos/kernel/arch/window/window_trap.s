# A process has run out of windows: the two traps, handled with a few registers and without the rest of the kernel.
#
# The process's stack is used in place, by its own address (sstatus.SUM), so that the hart checks and translates. All
# that is checked here is that it lies below KERNEL_BASE; nothing is mapped at the very end of the address space. If
# the page is not there, or waits for its copy, the fault becomes a page fault of the process at the instruction that
# wanted a window: `trap` repairs it or ends the process, and the instruction is executed again.

.include "window.inc"
.include "cause.inc"

.equ WRET_BIT, 13               # of the instruction: 1 in wret, 0 in wrest
.equ MISALIGNED, 2              # of a return address
.equ CAUSE_MISALIGNED_JUMP, 0

.text

# Jumped to by trap_entry. tp = PCB, which has t0 already; sscratch = the process's tp.
.globl window_trap
window_trap:
        csrr    t0, scause
        andi    t0, t0, CAUSE_IS_UNDERFLOW
        bnez    t0, window_underflow

# Overflow: the policy decides who gives way. t0, t1, t2 and tp are what window_overflow may use.
        sw      t1, P_T1(tp)
        sw      t2, P_T2(tp)
        csrr    t0, sepc                # a page fault would overwrite it
        sw      t0, P_PC(tp)
        csrrw   t0, sscratch, zero      # a trap from here on is the kernel's
        sw      t0, P_TP(tp)
        li      t0, SSTATUS_SUM
        csrs    sstatus, t0
        csrr    t2, cwp                 # t2 = the process's window, as long as this lasts
        j       window_overflow

# The way back from there, in the process's window. tp = PCB, sepc = where it goes on.
.globl window_done
window_done:
        li      t0, SSTATUS_SUM
        csrc    sstatus, t0
        csrw    sscratch, tp
        lw      t2, P_T2(tp)
        lw      t1, P_T1(tp)
        lw      t0, P_T0(tp)
        lw      tp, P_TP(tp)
        sret

# Underflow: the window that is returned to is on the stack. It is filled where the process is now, instead of below:
# the outs are not needed any more and become what the ins are; locals and ins come from the stack; the instruction is
# done. So neither cwp nor wim change, and nobody else's window is in the way. As long as the outs are not needed, they
# serve the handler.
window_underflow:
        csrr    a0, sepc
        sw      a0, P_PC(tp)
        csrrw   a1, sscratch, zero
        sw      a1, P_TP(tp)
        li      a1, SSTATUS_SUM
        csrs    sstatus, a1
        lw      a1, 0(a0)               # it was just executed, so it can be read
        addi    a0, a0, SYSCALL_LENGTH
        slli    a1, a1, 31 - WRET_BIT
        bgez    a1, 1f
        andi    a1, ira, MISALIGNED
        bnez    a1, underflow_misaligned
        mv      a0, ira
1:      csrw    sepc, a0
        addi    t0, isp, -WINDOW_BYTES
        bltz    isp, underflow_refused  # SUM does not close the kernel's pages
        mv      sp, isp
        mv      ra, ira
        mv      a0, i0
        mv      a1, i1
        mv      a2, i2
        mv      a3, i3
        mv      a4, i4
        mv      a5, i5
.globl underflow_access
underflow_access:
        each_own lw, t0
.globl underflow_access_end
underflow_access_end:
        li      t0, SSTATUS_SUM
        csrc    sstatus, t0
        csrw    sscratch, tp
        lw      t0, P_T0(tp)
        lw      tp, P_TP(tp)
        sret

# wret to an address that no instruction has.
underflow_misaligned:
        li      t0, CAUSE_MISALIGNED_JUMP
        csrw    scause, t0
        andi    t0, ira, -2
        csrw    stval, t0
        j       page_fault

# The stack is where only the kernel may be: as if the hart had refused it. t0 = address.
underflow_refused:
        csrw    stval, t0
        li      t0, CAUSE_LOAD_PAGE_FAULT
        csrw    scause, t0
        j       page_fault

# The same for an overflow, jumped to by window_overflow. t1 = address.
.globl overflow_refused
overflow_refused:
        csrw    stval, t1
        li      t0, CAUSE_STORE_PAGE_FAULT
        csrw    scause, t0
        csrw    sscratch, tp
# The hart has refused the process's stack, with the tp of these handlers in sscratch. Jumped to by kernel_fault.
.globl overflow_fault
overflow_fault:
        csrr    tp, sscratch
        csrw    cwp, t2
        lw      t2, P_T2(tp)
        lw      t1, P_T1(tp)
        j       page_fault

# Some ins may have been loaded; they were in the outs.
.globl underflow_fault
underflow_fault:
        csrr    tp, sscratch
        mv      isp, sp
        mv      ira, ra
        mv      i0, a0
        mv      i1, a1
        mv      i2, a2
        mv      i3, a3
        mv      i4, a4
        mv      i5, a5

# The process's registers are as they were at its trap, but for t0 and tp, and scause and stval tell of a page fault.
page_fault:
        li      t0, SSTATUS_SUM | SSTATUS_SPP
        csrc    sstatus, t0
        lw      t0, P_PC(tp)
        csrw    sepc, t0
        lw      t0, P_TP(tp)
        csrw    sscratch, t0
        j       trap_save
