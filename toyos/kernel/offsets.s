# Exports, as absolute symbols, the offsets of the PCB that tools outside the kernel need: debugger, measurements, tests.

.include "kernel.inc"

.globl P_PC, P_SP, P_A0, P_NR, P_ARCH_SIZE
.globl P_STATE, P_PID, P_PARENT, P_CHILD, P_SIBLING, P_NEXT, P_QUEUE
.globl P_PRIORITY, P_QUANTUM, P_CPU_TIME, P_VOLUNTARY, P_INVOLUNTARY
.globl P_SPACE, P_BRK_START, P_BRK, P_WAKE, P_STATUS, P_FILES, P_NAME, P_SIZE
.globl NPROC, NFILE, NAME_SIZE
