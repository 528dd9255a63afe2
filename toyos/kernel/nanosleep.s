# nanosleep: sleeping for a time.

.include "kernel.inc"
.include "time.inc"

.equ NANOSECONDS, 1000000000

.text

# sys_nanosleep(timespec, remaining) -> 0, -EINVAL or -EFAULT. Nothing interrupts this sleep, so `remaining` is not
# written. When the call is made again after waking up, P_SLEEPING tells that the time to wait for is set already.
# s0 = current; locals: the timespec.
proc sys_nanosleep, args=2, frame=TIMESPEC_SIZE
        load_current s0
        lw      t0, P_SLEEPING(s0)
        bnez    t0, .Lwoken
        mv      a1, a0
        mv      a0, sp
        li      a2, TIMESPEC_SIZE
        call    copyin
        bnez    a0, .Ldone
        lw      a1, TIMESPEC_NSEC(sp)
        li      t0, NANOSECONDS
        li      a0, -EINVAL
        bgeu    a1, t0, .Ldone
        lw      a2, TIMESPEC_SEC + 4(sp)
        bltz    a2, .Ldone
        bnez    a2, .Lforever
        addi    a1, a1, NANOSECONDS_A_TICK - 1  # ticks, rounded up: never too short
        li      t0, NANOSECONDS_A_TICK
        divu    a1, a1, t0
        lw      a2, TIMESPEC_SEC(sp)
        li      t0, TIMEBASE
        mulhu   a3, a2, t0
        mul     a2, a2, t0
        add     a2, a2, a1
        sltu    a1, a2, a1
        add     a3, a3, a1
        mv      a0, a2                  # no time at all: done
        or      t0, a2, a3
        beqz    t0, .Ldone
        sw      a2, P_WAKE(s0)
        sw      a3, P_WAKE + 4(s0)
        call    time_now
        lw      a2, P_WAKE(s0)
        lw      a3, P_WAKE + 4(s0)
        add     a2, a2, a0
        sltu    a0, a2, a0
        add     a3, a3, a1
        add     a3, a3, a0
        j       .Lset
.Lforever:
        li      a2, -1                  # 2^32 seconds and more: later than the end of time
        li      a3, -1
.Lset:  sw      a2, P_WAKE(s0)
        sw      a3, P_WAKE + 4(s0)
        li      t0, 1
        sw      t0, P_SLEEPING(s0)
        mv      a0, s0
        call    sleeper_insert
.Lwoken:
        sw      zero, P_SLEEPING(s0)    # only the clock wakes it, and not too early
        mv      a0, zero
.Ldone:
endp

# sleeper_insert(pcb): puts the current process to sleep among the sleepers, in the order of P_WAKE. Does not come back.
# s0 = pcb, s1 = sleeper to compare with.
proc sleeper_insert, args=1
        mv      s0, a0
        la      s1, sleepers
        lw      s1, 0(s1)
1:      beqz    s1, 2f
        lw      a0, P_WAKE(s0)
        lw      a1, P_WAKE + 4(s0)
        lw      a2, P_WAKE(s1)
        lw      a3, P_WAKE + 4(s1)
        call    time_before
        bnez    a0, 2f
        lw      s1, P_NEXT(s1)
        j       1b
2:      la      a0, sleepers
        mv      a1, s1
        call    sleep_before
endp
