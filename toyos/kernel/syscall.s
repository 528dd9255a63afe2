# System calls: from the number to the procedure that does it.
#
# A handler gets the process's a0-a3, returns the result, and may call sleep_on, which does not come back: the process
# then makes the same call again when it has been woken. So a handler changes nothing before its last sleep_on.

.include "kernel.inc"
.include "syscall.inc"

# One entry of a table; the numbers in between have no system call. Entries come in the order of their numbers.
.macro entry number, handler
        .rept   \number - entry_next
        .word   sys_none
        .endr
        .word   \handler
        .set    entry_next, \number + 1
.endm

.section .rodata
        .balign 4
linux_table:
.set entry_next, 0
        entry   SYS_getcwd, sys_getcwd
        entry   SYS_dup, sys_dup
        entry   SYS_dup3, sys_dup3
        entry   SYS_fcntl, sys_fcntl
        entry   SYS_ioctl, sys_ioctl
        entry   SYS_faccessat, sys_faccessat
        entry   SYS_chdir, sys_chdir
        entry   SYS_openat, sys_openat
        entry   SYS_close, sys_close
        entry   SYS_getdents64, sys_getdents64
        entry   SYS_lseek, sys_lseek
        entry   SYS_read, sys_read
        entry   SYS_write, sys_write
        entry   SYS_readv, sys_readv
        entry   SYS_writev, sys_writev
        entry   SYS_newfstatat, sys_newfstatat
        entry   SYS_fstat, sys_fstat
        entry   SYS_exit, sys_exit
        entry   SYS_exit_group, sys_exit
        entry   SYS_nanosleep, sys_nanosleep
        entry   SYS_sched_yield, sys_sched_yield
        entry   SYS_kill, sys_kill
        entry   SYS_reboot, sys_reboot
        entry   SYS_times, sys_times
        entry   SYS_getpid, sys_getpid
        entry   SYS_getppid, sys_getppid
        entry   SYS_getuid, sys_getuid
        entry   SYS_geteuid, sys_geteuid
        entry   SYS_getgid, sys_getgid
        entry   SYS_getegid, sys_getegid
        entry   SYS_brk, sys_brk
        entry   SYS_clone, sys_clone
        entry   SYS_execve, sys_execve
        entry   SYS_wait4, sys_wait4
        entry   SYS_clock_gettime, sys_clock_gettime
.equ LINUX_CALLS, entry_next

.equ OWN_CALLS_FIRST, SYS_proclist
own_table:
.set entry_next, OWN_CALLS_FIRST
        entry   SYS_proclist, sys_proclist
        entry   SYS_kstat, sys_kstat
        entry   SYS_window_flush, sys_window_flush
.equ OWN_CALLS, entry_next - OWN_CALLS_FIRST

.text

# system_call(): does what the current process asks for, stores the result in its a0 and moves its pc behind the call.
# Called by `trap`.
# s0 = its PCB.
proc system_call
        count   KS_SYSTEM_CALLS
        load_current s0
        lw      a0, P_NR(s0)
        li      t0, LINUX_CALLS
        la      t1, linux_table
        bltu    a0, t0, 1f
        addi    a0, a0, -OWN_CALLS_FIRST
        li      t0, OWN_CALLS
        la      t1, own_table
        bltu    a0, t0, 1f
        li      a0, -ENOSYS
        j       2f
1:      slli    a0, a0, 2
        add     t1, t1, a0
        lw      t1, 0(t1)
        lw      a0, P_A0(s0)
        lw      a1, P_A1(s0)
        lw      a2, P_A2(s0)
        lw      a3, P_A3(s0)
        jalr    t1
2:      sw      a0, P_A0(s0)
        lw      t0, P_PC(s0)
        addi    t0, t0, SYSCALL_LENGTH
        sw      t0, P_PC(s0)
endp

# sys_window_flush() -> 0: all that the process's callers have in registers is in its memory. For longjmp; in modes
# without register windows there is nothing to do.
proc sys_window_flush
        load_current a0
        call    context_settle
        mv      a0, zero
endp

# A number without a system call.
.globl sys_none
sys_none:
        li      a0, -ENOSYS
        ret
