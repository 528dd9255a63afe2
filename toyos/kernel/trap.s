# The trap path's portable middle, between arch/MODE/trap_entry.s and `resume`:
#
#   1 trap            the hart
#   2 save state      trap_entry (arch)
#   3 handle          `trap` below: interrupt, system call or fault
#   4 choose next     `dispatch` (dispatch.s), when there is something to choose; else the same process goes on
#   5 load state      resume (arch)
#   6 return          resume (arch)
#
# The kernel stack is empty at every trap: nothing of one process stays on it while another runs. What a process needs
# later is in its PCB.

.include "kernel.inc"
.include "cause.inc"

.text

# trap(cause, value): jumped to from trap_entry and idle. The current process's state is in its PCB.
.globl trap
trap:
        bltz    a0, .Linterrupt
        li      t0, CAUSE_SYSTEM_CALL
        bne     a0, t0, .Lfault
        call    system_call
        j       .Ldone
.Lfault:
        call    process_fault
        j       .Ldone
.Linterrupt:
        li      t0, CAUSE_TIMER
        bne     a0, t0, 1f
        call    clock_interrupt
        j       .Ldone
1:      call    external_interrupt
.Ldone: la      t0, dispatch_wanted
        lw      t0, 0(t0)
        bnez    t0, 2f
        load_current a0                 # the short way out: nothing to choose
        j       resume
2:      call    dispatch
