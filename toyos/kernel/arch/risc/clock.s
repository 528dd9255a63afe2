# The clock and the one timer. Times are counts of the 10 MHz clock, 64 bits in two words. Leaves.

.include "kernel.inc"

.text

# time_now() -> a0 = low word, a1 = high word of the time since the machine was started.
.globl time_now
time_now:
        rdtimeh a1
        rdtime  a0
        rdtimeh t0
        bne     a1, t0, time_now        # the low word has just wrapped
        ret

# timer_set(low, high): the next timer interrupt comes at that time; it also ends a pending one. The high word is
# out of reach in between, so that no half-written time fires.
.globl timer_set
timer_set:
        li      t0, -1
        csrw    stimecmph, t0
        csrw    stimecmp, a0
        csrw    stimecmph, a1
        ret
