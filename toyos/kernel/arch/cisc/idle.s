# Process 0: what the hart does when nobody is ready.

.include "kernel.inc"
.include "cause.inc"

.equ SIP_TIMER,         0x20

.text

# idle: sleeps until an interrupt is pending, then takes it as if it had trapped. Jumped to by the dispatcher. The
# stack starts afresh, as at any trap; interrupts stay off, wfi wakes up all the same.
.globl idle
idle:
        moval   kernel_stack_top, sp
1:      wfi
        csrr    t0, sip
        csrr    t1, sie
        andl2   t1, t0
        beql    t0, $0, 1b
        movl    $1, dispatch_wanted     # process 0 cannot be resumed, only dispatched
        movl    $CAUSE_TIMER, a0
        andl2   $SIP_TIMER, t0
        bnel    t0, $0, trap
        movl    $CAUSE_EXTERNAL, a0
        br      trap
