# process_calls: what each system call on processes, memory and time answers, to sound and to senseless arguments; and
# what a process dies of. Output: process_calls.expect, one line a call with its result (errors are negative, see
# errno.inc).

.include "common.inc"
.include "errno.inc"
.include "syscall.inc"
.include "signal.inc"
.include "wait.inc"
.include "time.inc"
.include "kstat.inc"
.include "proclist.inc"
.include "try.inc"

.equ NOWHERE,           0x40000000      # user addresses that nothing is mapped at,
.equ KERNEL,            0x80000000      # the kernel's,
.equ DEVICE,            0xd0000000      # a device's, as the kernel sees it
.equ PAGE,              4096
.equ HEAP_GROWTH,       25 * PAGE
.equ PAGES_WRITTEN,     8
.equ EXIT_CODE,         0x1234          # of which the low byte counts
.equ ARGUMENTS_MAX,     32768           # bytes, with 4 for the pointer to each (exec.inc of the kernel)
.equ RECORDS,           64

.text

proc main, args=3
        call    pages_free
        la      t0, free_before
        sw      a0, 0(t0)
        call    numbers
        call    waiting
        call    killing
        call    copying
        call    dying
        call    replacing
        call    growing
        call    timing
        call    counting
        call    pages_free
        la      t0, free_before
        lw      t0, 0(t0)
        sub     a0, t0, a0
        tell    "pages lost"
        li      a0, 0
endp

# pages_free() -> the kernel's count of free pages; fills `counters`.
proc pages_free
        la      a0, counters
        li      a1, KS_SIZE
        syscall SYS_kstat
        la      t0, counters
        lw      a0, KS_FREE(t0)
endp

# reap() -> status of the child that ends next, or a negative error.
proc reap
        li      a0, -1
        la      a1, status
        li      a2, 0
        li      a3, 0
        syscall SYS_wait4
        bltz    a0, 1f
        la      t0, status
        lw      a0, 0(t0)
1:
endp

proc numbers
        try "no such call", 18
        try "number between the tables", 1000
        try "number behind the tables", 4000
        try "negative number", -1
        try "getpid", SYS_getpid
        try "getppid", SYS_getppid
        try "getuid", SYS_getuid
        try "clone with other flags", SYS_clone, 0x100
        try "clone with nothing", SYS_clone
        try "reboot", SYS_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF
endp

proc waiting
        try "wait without children", SYS_wait4, -1
        child
        li      a0, EXIT_CODE
        syscall SYS_exit
        ends "status of an exit"
        child
        la      a0, moment
        li      a1, 0
        syscall SYS_nanosleep
        li      a0, 0
        syscall SYS_exit
87:     try "do not wait", SYS_wait4, -1, status, WNOHANG
        try "unknown option", SYS_wait4, -1, status, 0x100
        try "status to nowhere", SYS_wait4, -1, NOWHERE
        try "status to the kernel", SYS_wait4, -1, KERNEL
        try "usage to nowhere", SYS_wait4, -1, 0, 0, NOWHERE
        try "wait for a stranger", SYS_wait4, 1
        try "wait for myself", SYS_wait4, 2
        try "wait for a group that is not there", SYS_wait4, -7
        try "now for good", SYS_wait4, -1, status, 0, usage
        try "and again", SYS_wait4, -1, status
endp

proc killing
        try "is init there?", SYS_kill, 1, 0
        try "kill init", SYS_kill, 1, SIGKILL
        try "kill process 0", SYS_kill, 0, SIGKILL
        try "kill nobody", SYS_kill, 12345, SIGKILL
        try "kill a group", SYS_kill, -2, SIGKILL
        try "signal that is none", SYS_kill, 2, 65
        try "negative signal", SYS_kill, 2, -1
        try "signal that is ignored", SYS_kill, 2, SIGCHLD
        try "signal that stops", SYS_kill, 2, SIGSTOP
        child
        syscall SYS_getpid
        li      a1, SIGTERM
        syscall SYS_kill
        ends "killed itself"
        child                           # asleep
        la      a0, long_time
        li      a1, 0
        syscall SYS_nanosleep
87:     la      t0, victim
        sw      a0, 0(t0)
        la      a0, moment
        li      a1, 0
        syscall SYS_nanosleep
        la      t0, victim
        lw      a0, 0(t0)
        li      a1, SIGKILL
        syscall SYS_kill
        tell    "kill a sleeper"
        la      t0, victim
        lw      a0, 0(t0)
        li      a1, SIGKILL
        syscall SYS_kill
        tell    "kill a zombie"
        call    reap
        tell    "its status"
        la      t0, victim
        lw      a0, 0(t0)
        li      a1, SIGKILL
        syscall SYS_kill
        tell    "kill it when it is gone"
        child                           # ready: it never gives up the hart
88:     j       88b
87:     li      a1, SIGHUP
        syscall SYS_kill
        tell    "kill one that is ready"
        call    reap
        tell    "its status"
endp

proc copying
        la      t0, buffer              # own pages to begin with
        li      t1, PAGE
        li      a0, PAGES_WRITTEN
1:      sw      t0, 0(t0)
        add     t0, t0, t1
        addi    a0, a0, -1
        bnez    a0, 1b
        call    pages_free
        la      t0, counters
        lw      s1, KS_COW_COPIES(t0)
        child
        la      t0, buffer
        li      t1, PAGE
        li      a0, PAGES_WRITTEN
1:      sw      a0, 0(t0)
        add     t0, t0, t1
        addi    a0, a0, -1
        bnez    a0, 1b
        ends "child that writes"
        call    pages_free
        la      t0, counters
        lw      a0, KS_COW_COPIES(t0)
        sub     a0, a0, s1
        addi    a0, a0, -PAGES_WRITTEN
        sltiu   a0, a0, 4               # and a page or two of stack and data
        tell    "a copy for each page written"
        la      t0, counters
        lw      a0, KS_SHARED(t0)
        tell    "pages shared now"
        la      t0, buffer
        lw      a0, 0(t0)
        sub     a0, a0, t0
        tell    "what the child changed for me"
endp

proc dying
        child
        lw      t0, 0(zero)
        ends "read address 0"
        child
        la      t0, main
        sw      t0, 0(t0)
        ends "write text"
        child
        la      t0, buffer
        jr      t0
        ends "execute data"
        child
        jr      sp
        ends "execute the stack"
        child
        li      t0, KERNEL
        lw      t0, 0(t0)
        ends "read the kernel"
        child
        li      t0, DEVICE
        sw      t0, 0(t0)
        ends "write a device"
        child
        li      t0, KERNEL
        jr      t0
        ends "jump to the kernel"
        child
        .word   0
        ends "illegal instruction"
        child
        csrr    t0, sstatus
        ends "privileged instruction"
        child
        ebreak
        ends "breakpoint"
        child
        la      t0, buffer + 1
        lw      t0, 3(t0)
        sw      t0, 1(sp)
        ends "misaligned but permitted"
        child
1:      addi    sp, sp, -16
        sw      sp, 0(sp)
        j       1b
        ends "endless recursion"
        child
        li      sp, 0                   # the kernel does not touch the stack of a process
        ends "exit with a senseless sp"
endp

proc replacing
        try "execve of what is not there", SYS_execve, absent
        try "execve of an empty path", SYS_execve, empty
        try "execve of a directory", SYS_execve, folder
        try "execve of a file that may not be executed", SYS_execve, text
        try "execve below a program", SYS_execve, below
        try "execve of too long a path", SYS_execve, long_path
        try "execve of a path that is nowhere", SYS_execve, NOWHERE
        try "execve of a path in the kernel", SYS_execve, KERNEL
        try "execve with a list that is nowhere", SYS_execve, true, NOWHERE
        try "execve with a string that is nowhere", SYS_execve, true, wild_list
        try "execve with an environment in the kernel", SYS_execve, true, short_list, KERNEL
        try "execve with too long a string", SYS_execve, true, long_list
        try "execve with too many strings", SYS_execve, true, many
        child
        la      a0, true
        li      a1, 0
        li      a2, 0
        syscall SYS_execve
        ends "execve without lists"
        child
        la      a0, true
        la      a1, short_list
        la      a2, fitting_list
        syscall SYS_execve
        ends "execve with as much as fits"
endp

proc growing
        li      a0, 0
        syscall SYS_brk
        mv      s1, a0
        li      t0, HEAP_GROWTH
        add     a0, a0, t0
        syscall SYS_brk
        sub     a0, a0, s1
        tell    "heap grown by"
        li      t0, HEAP_GROWTH
        add     t0, t0, s1
        lw      a0, -4(t0)
        sw      t0, -4(t0)
        tell    "its last word"
        mv      a0, s1
        syscall SYS_brk
        sub     a0, a0, s1
        tell    "heap shrunk to"
        li      a0, 0x70000000
        syscall SYS_brk
        sub     a0, a0, s1
        tell    "more than there is"
        li      a0, KERNEL
        syscall SYS_brk
        sub     a0, a0, s1
        tell    "into the kernel"
        li      a0, PAGE
        syscall SYS_brk
        sub     a0, a0, s1
        tell    "below its start"
endp

proc timing
        try "sleep for nothing", SYS_nanosleep, no_time
        try "sleep a moment", SYS_nanosleep, moment
        try "too many nanoseconds", SYS_nanosleep, bad_nanoseconds
        try "negative time", SYS_nanosleep, bad_seconds
        try "time from nowhere", SYS_nanosleep, NOWHERE
        try "clock", SYS_clock_gettime, CLOCK_MONOTONIC, usage
        try "own clock", SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, usage
        try "no such clock", SYS_clock_gettime, 99, usage
        try "clock to the kernel", SYS_clock_gettime, CLOCK_MONOTONIC, KERNEL
        try "times to text", SYS_times, main
        li      a0, 0
        syscall SYS_times
        sltiu   a0, a0, 1
        tell    "times without a table fails"
        la      a0, usage
        li      a1, 0
        syscall SYS_nanosleep           # the clock's answer is a time to sleep, too
        tell    "sleep as long as the process has run"
endp

proc counting
        try "list to nowhere", SYS_proclist, NOWHERE, -1
        try "list in no room", SYS_proclist, records, PL_SIZE - 1
        try "list in little room", SYS_proclist, records, 2 * PL_SIZE - 1
        try "list of all three", SYS_proclist, records, RECORDS * PL_SIZE
        try "counters to nowhere", SYS_kstat, NOWHERE, 4
        try "one counter", SYS_kstat, counters, 4
        la      a0, counters
        li      a1, -1
        syscall SYS_kstat
        addi    a0, a0, -KS_SIZE
        tell    "counters and no more"
        la      t0, counters
        lw      a0, KS_PROCESSES(t0)
        tell    "processes"
endp

.section .rodata
absent:         .asciz "/bin/nothing"
empty:          .asciz ""
folder:         .asciz "/bin"
text:           .asciz "/etc/init.args"
true:           .asciz "/bin/true"
below:          .asciz "/bin/true/x"
long_path:      .fill 300, 1, 'x'
                .byte 0
# With "/bin/true", a NUL and two pointers: exactly ARGUMENTS_MAX bytes.
fitting:        .fill ARGUMENTS_MAX - 4 - 4 - 10 - 1, 1, 'y'
                .byte 0
long:           .fill ARGUMENTS_MAX - 4, 1, 'z'
                .byte 0
                .balign 4
wild_list:      .word true, NOWHERE, 0
short_list:     .word true, 0
fitting_list:   .word fitting, 0
long_list:      .word long, 0
many:           .rept ARGUMENTS_MAX / 14 + 1
                .word true
                .endr
                .word 0
no_time:        .word 0, 0, 0, 0
moment:         .word 0, 0, 2000000, 0
long_time:      .word 1000000, 0, 0, 0
bad_nanoseconds: .word 0, 0, 1000000000, 0
bad_seconds:    .word 0, -1, 0, 0

.bss
                .balign 4096
buffer:         .zero PAGES_WRITTEN * PAGE
free_before:    .zero 4
status:         .zero 4
victim:         .zero 4
counters:       .zero KS_SIZE
usage:          .zero RUSAGE_SIZE
records:        .zero RECORDS * PL_SIZE
