# Process 0: what the hart does when nobody is ready.

.include "kernel.inc"
.include "cause.inc"

.equ SIP_TIMER,         0x20

.text

# idle: sleeps until an interrupt is pending, then takes it as if it had trapped. Jumped to by the dispatcher. The
# stack starts afresh, as at any trap; interrupts stay off, wfi wakes up all the same.
.globl idle
idle:
        la      sp, kernel_stack_top
1:      wfi
        csrr    t0, sip
        csrr    t1, sie
        and     t0, t0, t1
        beqz    t0, 1b
        la      t1, dispatch_wanted     # process 0 cannot be resumed, only dispatched
        sw      sp, 0(t1)
        li      a0, CAUSE_TIMER
        andi    t0, t0, SIP_TIMER
        bnez    t0, 2f
        li      a0, CAUSE_EXTERNAL
2:      j       trap
