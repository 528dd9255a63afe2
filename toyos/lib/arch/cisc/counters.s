# counters.s: the processor's own counters, `cisc` mode. Leaves.

.text

# instructions() -> low 32 bits of the number of instructions that the processor
# has retired since it was started: those of all processes and of the kernel
.globl instructions
instructions:
        csrr    a0, instret
        rsb

# clock_ticks() -> low 32 bits of the clock, which counts at TIMEBASE (time.inc)
.globl clock_ticks
clock_ticks:
        csrr    a0, time
        rsb
