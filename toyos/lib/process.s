# process.s: the system calls that make, change and end processes.
# C's convention for errors: -1 with errno set (errno.s). Leaves.

.include "common.inc"
.include "syscall.inc"
.include "signal.inc"

.text

# fork() -> 0 in the child, the child's pid in the parent, -1 on error
.globl fork
fork:
        li      a0, SIGCHLD             # clone() with nothing shared is fork
        li      a1, 0
        li      a2, 0
        li      a3, 0
        syscall SYS_clone
        j       syscall_result

# execve(path, argv, envp) -> does not return, or -1
.globl execve
execve:
        syscall SYS_execve
        j       syscall_result

# wait(status) -> pid of a child that ended, or -1; status: address of a word
# that receives how it ended (exit code << 8, or signal number), or 0
.globl wait
wait:
        mv      a1, a0
        li      a0, -1
        li      a2, 0
        li      a3, 0
        syscall SYS_wait4
        j       syscall_result

# waitpid(pid, status, options) -> as wait, for one child, or any if pid is -1;
# 0 if options has WNOHANG and no child has ended yet
.globl waitpid
waitpid:
        li      a3, 0
        syscall SYS_wait4
        j       syscall_result

# getpid() -> pid of this process
.globl getpid
getpid:
        syscall SYS_getpid
        j       syscall_result

# getppid() -> pid of its parent
.globl getppid
getppid:
        syscall SYS_getppid
        j       syscall_result

# kill(pid, signal) -> 0 or -1
.globl kill
kill:
        syscall SYS_kill
        j       syscall_result

# yield() -> 0: lets the other ready processes run first
.globl yield
yield:
        syscall SYS_sched_yield
        j       syscall_result
