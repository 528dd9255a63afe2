# counters.s: the processor's own counters, `risc` mode. Leaves.

.text

# instructions() -> low 32 bits of the number of instructions that the processor
# has retired since it was started: those of all processes and of the kernel
.globl instructions
instructions:
        rdinstret a0
        ret

# clock_ticks() -> low 32 bits of the clock, which counts at TIMEBASE (time.inc)
.globl clock_ticks
clock_ticks:
        rdtime  a0
        ret
