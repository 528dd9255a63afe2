# System calls that tell a process who it is. Leaves.

.include "kernel.inc"

# Defines the system call `name`, which returns a word of the current PCB.
.macro tell name, field
.globl \name
\name:  load_current a0
        lw      a0, \field(a0)
        ret
.endm

.text
tell sys_getpid, P_PID
tell sys_getuid, P_UID
tell sys_geteuid, P_EUID
tell sys_getgid, P_GID
tell sys_getegid, P_EGID

.globl sys_getppid
sys_getppid:
        load_current a0
        lw      a0, P_PARENT(a0)
        lw      a0, P_PID(a0)
        ret
