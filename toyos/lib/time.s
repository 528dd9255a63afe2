# time.s: clocks and sleeping.

.include "common.inc"
.include "syscall.inc"
.include "time.inc"

.text

# nanosleep(request, remaining) -> 0 or -1; request: address of a timespec
# (time.inc); remaining: address of another one, or 0
.globl nanosleep
nanosleep:
        syscall SYS_nanosleep
        j       syscall_result

# sleep(seconds) -> 0 or -1
proc sleep, args=1, frame=TIMESPEC_SIZE
        sw      a0, TIMESPEC_SEC(sp)
        sw      zero, TIMESPEC_SEC+4(sp)
        sw      zero, TIMESPEC_NSEC(sp)
        mv      a0, sp
        li      a1, 0
        call    nanosleep
        return
endp

# usleep(microseconds) -> 0 or -1
proc usleep, args=1, frame=TIMESPEC_SIZE
        li      t0, 1000000             # microseconds a second
        divu    t1, a0, t0
        sw      t1, TIMESPEC_SEC(sp)
        sw      zero, TIMESPEC_SEC+4(sp)
        remu    t1, a0, t0
        li      t0, 1000                # nanoseconds a microsecond
        mul     t1, t1, t0
        sw      t1, TIMESPEC_NSEC(sp)
        mv      a0, sp
        li      a1, 0
        call    nanosleep
        return
endp

# times(buffer) -> 1/100 seconds since boot; buffer: address of TMS_SIZE bytes
# (time.inc), or 0
.globl times
times:
        syscall SYS_times
        j       syscall_result

# clock_gettime(clock, buffer) -> 0 or -1; buffer: address of a timespec
.globl clock_gettime
clock_gettime:
        syscall SYS_clock_gettime
        j       syscall_result
