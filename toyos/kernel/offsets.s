# Exports, as absolute symbols, the offsets and numbers that tools outside the kernel need to read its memory:
# debugger, measurements, tests. It has no code.

.include "kernel.inc"
.include "space.inc"
.include "tree.inc"

# PCBs (pcb.inc)
.globl P_PC, P_SP, P_A0, P_NR, P_ARCH_SIZE
.globl P_STATE, P_PID, P_PARENT, P_CHILD, P_SIBLING, P_NEXT, P_PREV, P_QUEUE, P_CHILDREN_QUEUE
.globl P_PRIORITY, P_QUANTUM, P_CPU_TIME, P_CHILDREN_TIME, P_VOLUNTARY, P_INVOLUNTARY
.globl P_SPACE, P_BRK_START, P_BRK, P_WAKE, P_SLEEPING, P_STATUS
.globl P_UID, P_EUID, P_GID, P_EGID, P_CWD, P_FILES, P_CLOEXEC, P_NAME, P_SIZE
.globl STATE_FREE, STATE_NEW, STATE_READY, STATE_RUNNING, STATE_SLEEP, STATE_ZOMBIE
.globl NPROC, NFILE, NAME_SIZE

# Open files and inodes (file.inc, tree.inc)
.globl F_REFS, F_OPS, F_INODE, F_OFFSET, F_FLAGS, F_SIZE
.globl I_FS, I_NUMBER, I_MODE, I_LINKS, I_BYTES, I_DEVICE
.globl T_NAME, T_LENGTH, T_PARENT, T_FIRST, T_NEXT, T_SIZE
.globl O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE, O_APPEND, O_NONBLOCK
.globl S_IFMT, S_IFDIR, S_IFCHR, S_IFREG

# Memory (memlayout.inc, pte.inc)
.globl KERNEL_BASE, USER_STACK_TOP, USER_STACK_LOW, USER_HEAP_END, PTE_COW

# The kernel's counters (kstat.inc)
.globl KS_FREE, KS_TOTAL, KS_FREE_BOOT, KS_SWITCHES, KS_COW_COPIES, KS_SHARED, KS_CLOCK_INTERRUPTS, KS_FORKS
.globl KS_SYSTEM_CALLS, KS_PAGE_FAULTS, KS_PROCESSES, KS_PROCESSES_MAX, KS_UPTIME, KS_IDLE, KS_SIZE
