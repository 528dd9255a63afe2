# The clock and the one timer. Times are counts of the 10 MHz clock, 64 bits in two words. Leaves.

.include "kernel.inc"

.text

# time_now() -> a0 = low word, a1 = high word of the time since the machine was started. Uses t0.
.globl time_now
time_now:
        csrr    a1, timeh
        csrr    a0, time
        csrr    t0, timeh
        bnel    t0, a1, time_now        # the low word has just wrapped
        rsb

# timer_set(low, high): the next timer interrupt comes at that time; it also ends a pending one. The high word is
# out of reach in between, so that no half-written time fires.
.globl timer_set
timer_set:
        csrw    stimecmph, $-1
        csrw    stimecmp, a0
        csrw    stimecmph, a1
        rsb
