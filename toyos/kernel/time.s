# System calls that tell the time.

.include "kernel.inc"
.include "time.inc"

.text

# sys_times(tms) -> 1/100 s since the machine was started; fills the struct tms unless its address is 0. -EFAULT.
# s0 = current, s1 = user address; locals: the structure.
proc sys_times, args=1, frame=TMS_SIZE
        mv      s1, a0
        load_current s0
        mv      a0, s0
        call    charge
        beqz    s1, 1f
        lw      a0, P_CPU_TIME(s0)
        lw      a1, P_CPU_TIME + 4(s0)
        li      a2, TIMEBASE / CLOCK_TICKS
        call    divide
        sw      a0, TMS_UTIME(sp)
        sw      zero, TMS_STIME(sp)
        lw      a0, P_CHILDREN_TIME(s0)
        lw      a1, P_CHILDREN_TIME + 4(s0)
        li      a2, TIMEBASE / CLOCK_TICKS
        call    divide
        sw      a0, TMS_CUTIME(sp)
        sw      zero, TMS_CSTIME(sp)
        mv      a0, s1
        mv      a1, sp
        li      a2, TMS_SIZE
        call    copyout
        bnez    a0, 2f
1:      call    time_now
        li      a2, TIMEBASE / CLOCK_TICKS
        call    divide
2:
endp

# sys_clock_gettime(clock, timespec) -> 0, -EINVAL: no such clock, -EFAULT. The board has no calendar: CLOCK_REALTIME
# counts from the start of the machine, as CLOCK_MONOTONIC does.
# s0 = current, s1 = user address; locals: the structure.
proc sys_clock_gettime, args=2, frame=TIMESPEC_SIZE
        mv      s1, a1
        load_current s0
        li      t0, CLOCK_PROCESS_CPUTIME_ID
        beq     a0, t0, 1f
        mv      t0, a0
        li      a0, -EINVAL
        li      t1, CLOCK_MONOTONIC
        bgtu    t0, t1, 3f
        call    time_now
        j       2f
1:      mv      a0, s0
        call    charge
        lw      a0, P_CPU_TIME(s0)
        lw      a1, P_CPU_TIME + 4(s0)
2:      li      a2, TIMEBASE
        call    divide
        sw      a0, TIMESPEC_SEC(sp)
        sw      a1, TIMESPEC_SEC + 4(sp)
        li      t0, NANOSECONDS_A_TICK
        mul     a2, a2, t0
        sw      a2, TIMESPEC_NSEC(sp)
        sw      zero, TIMESPEC_PAD(sp)
        mv      a0, s1
        mv      a1, sp
        li      a2, TIMESPEC_SIZE
        call    copyout
3:
endp
