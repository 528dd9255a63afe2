# files: what each system call on files answers, to sound and to senseless arguments. Output: files.expect, one line a
# call with its result (errors are negative, see errno.inc).

.include "common.inc"
.include "errno.inc"
.include "syscall.inc"
.include "fcntl.inc"
.include "stat.inc"
.include "dirent.inc"

.equ NOWHERE,           0x40000000      # user addresses that nothing is mapped at,
.equ KERNEL,            0x80000000      # the kernel's,
.equ LAST,              0xffffffff      # and the last one of all
.equ SOME,              16              # bytes
.equ BUFFER_SIZE,       4096
.equ MAGIC_NMAGIC,      0x108

# Makes a system call and prints what is said of it, with its result. Arguments are constants or addresses.
.macro try said, number, a=0, b=0, c=0, d=0
        .data
        .balign 4
88:     .word   \a, \b, \c, \d
        .section .rodata
89:     .asciz  "\said: %d\n"
        .text
        la      s0, 88b
        lw      a0, 0(s0)
        lw      a1, 4(s0)
        lw      a2, 8(s0)
        lw      a3, 12(s0)
        syscall \number
        mv      a1, a0
        la      a0, 89b
        call    printf
.endm

# Prints what is said, and the word or text at an address.
.macro show said, address
        .section .rodata
89:     .asciz  "\said\n"
        .text
        la      a0, 89b
        la      a1, \address
        call    printf
.endm

.macro show_word said, address
        .section .rodata
89:     .asciz  "\said\n"
        .text
        la      a1, \address
        lw      a1, 0(a1)
        la      a0, 89b
        call    printf
.endm

.text

proc main, args=3
        call    opening
        call    reading
        call    descriptors
        call    directories
        call    special
        call    telling
        call    addresses
        call    exhausting
        li      a0, 0
        return
endp

proc opening
        try "open program", SYS_openat, AT_FDCWD, program, O_RDONLY
        try "close", SYS_close, 3
        try "close again", SYS_close, 3
        try "open what is not there", SYS_openat, AT_FDCWD, absent, O_RDONLY
        try "open below what is not there", SYS_openat, AT_FDCWD, far, O_RDONLY | O_CREAT
        try "open an empty path", SYS_openat, AT_FDCWD, empty, O_RDONLY
        try "open below a file", SYS_openat, AT_FDCWD, below_file, O_RDONLY
        try "open a file as a directory", SYS_openat, AT_FDCWD, program_slash, O_RDONLY
        try "the same by a flag", SYS_openat, AT_FDCWD, program, O_DIRECTORY
        try "write a program", SYS_openat, AT_FDCWD, program, O_WRONLY
        try "truncate a program", SYS_openat, AT_FDCWD, program, O_TRUNC
        try "create a file", SYS_openat, AT_FDCWD, absent, O_WRONLY | O_CREAT, 0644
        try "create what is there", SYS_openat, AT_FDCWD, program, O_CREAT | O_EXCL
        try "write a directory", SYS_openat, AT_FDCWD, bin, O_RDWR
        try "senseless access mode", SYS_openat, AT_FDCWD, program, 3
        try "too long a path", SYS_openat, AT_FDCWD, long_path, O_RDONLY
        try "many dots and slashes", SYS_openat, AT_FDCWD, winding, O_RDONLY
        try "close", SYS_close, 3
        try "open from no directory", SYS_openat, 9, relative, O_RDONLY
        try "open from the console", SYS_openat, 0, relative, O_RDONLY
        try "absolute path from no directory", SYS_openat, 9, program, O_RDONLY
        try "close", SYS_close, 3
        return
endp

proc reading
        try "open program", SYS_openat, AT_FDCWD, program, O_RDONLY
        try "read", SYS_read, 3, buffer, 2
        la      t0, buffer
        lhu     t1, 0(t0)
        sw      t1, 0(t0)
        show_word "which is %x", buffer
        try "tell", SYS_lseek, 3, 0, SEEK_CUR
        try "seek back", SYS_lseek, 3, -2, SEEK_CUR
        try "seek before the beginning", SYS_lseek, 3, -1, SEEK_SET
        try "seek by no rule", SYS_lseek, 3, 0, 3
        try "seek behind the end", SYS_lseek, 3, 0x7fffffff, SEEK_SET
        try "seek too far", SYS_lseek, 3, 1, SEEK_CUR
        try "read behind the end", SYS_read, 3, buffer, SOME
        try "read nothing", SYS_read, 3, buffer, 0
        try "read less than nothing", SYS_read, 3, buffer, -1
        try "write what is open for reading", SYS_write, 3, buffer, SOME
        try "entries of a file", SYS_getdents64, 3, buffer, BUFFER_SIZE
        try "control a file", SYS_ioctl, 3, 0x5401, buffer
        try "back to the beginning", SYS_lseek, 3, 0, SEEK_SET
        try "read into three places", SYS_readv, 3, three, 3
        try "read into too many places", SYS_readv, 3, three, 1025
        try "read into none", SYS_readv, 3, three, 0
        try "close", SYS_close, 3
        try "read what is closed", SYS_read, 3, buffer, SOME
        try "read a senseless descriptor", SYS_read, -1, buffer, SOME
        try "read a huge descriptor", SYS_read, 0x40000000, buffer, SOME
        try "write three pieces", SYS_writev, 1, pieces, 3
        try "write no pieces to what is closed", SYS_writev, 9, pieces, 0
        try "open /dev/null", SYS_openat, AT_FDCWD, null, O_WRONLY
        try "write more than can be told", SYS_writev, 3, endless, 3
        try "close", SYS_close, 3
        return
endp

proc descriptors
        try "open", SYS_openat, AT_FDCWD, program, O_RDONLY | O_CLOEXEC
        try "dup", SYS_dup, 3
        try "dup what is closed", SYS_dup, 9
        try "dup3", SYS_dup3, 3, 15, 0
        try "dup3 to itself", SYS_dup3, 3, 3, 0
        try "dup3 too high", SYS_dup3, 3, 16, 0
        try "dup3 with a senseless flag", SYS_dup3, 3, 5, 1
        try "dup3 of what is closed", SYS_dup3, 9, 5, 0
        try "close on exec?", SYS_fcntl, 3, 1
        try "close the copy on exec?", SYS_fcntl, 4, 1
        try "change it", SYS_fcntl, 4, 2, 1
        try "close the copy on exec?", SYS_fcntl, 4, 1
        try "dup from 10 on", SYS_fcntl, 3, 0, 10
        try "dup from 16 on", SYS_fcntl, 3, 0, 16
        try "flags", SYS_fcntl, 3, 3
        try "senseless command", SYS_fcntl, 3, 99
        try "read 8 through one", SYS_read, 3, buffer, 8
        try "tell through another", SYS_lseek, 15, 0, SEEK_CUR
        try "close", SYS_close, 3
        try "and read on", SYS_read, 4, buffer, 8
        try "replace", SYS_dup3, 1, 4, 0
        try "write to the console by it", SYS_write, 4, hello, hello_end - hello
        try "close", SYS_close, 4
        try "close", SYS_close, 10
        try "close", SYS_close, 15
        return
endp

proc directories
        try "where", SYS_getcwd, buffer, BUFFER_SIZE
        show "%s", buffer
        try "into /dev", SYS_chdir, dev
        try "where", SYS_getcwd, buffer, BUFFER_SIZE
        show "%s", buffer
        try "where, in little room", SYS_getcwd, buffer, 4
        try "where, in just enough", SYS_getcwd, buffer, 5
        try "into a file", SYS_chdir, program
        try "into nothing", SYS_chdir, absent
        try "open ./null", SYS_openat, AT_FDCWD, relative, O_RDWR
        try "close", SYS_close, 3
        try "open .", SYS_openat, AT_FDCWD, dot, O_RDONLY
        try "read a directory", SYS_read, 3, buffer, SOME
        try "entries, in little room", SYS_getdents64, 3, buffer, 23
        try "entries, one by one", SYS_getdents64, 3, buffer, 24
        show "%s", buffer + DIRENT_NAME
        try "entries, one by one", SYS_getdents64, 3, buffer, 31
        show "%s", buffer + DIRENT_NAME
        try "the other entries", SYS_getdents64, 3, buffer, BUFFER_SIZE
        show "%s", buffer + DIRENT_NAME
        try "no more entries", SYS_getdents64, 3, buffer, BUFFER_SIZE
        try "open beside it", SYS_openat, 3, relative, O_RDWR
        try "close", SYS_close, 4
        try "far behind the end", SYS_lseek, 3, 0x7fffffff, SEEK_SET
        try "no entries there", SYS_getdents64, 3, buffer, BUFFER_SIZE
        try "close", SYS_close, 3
        try "up", SYS_chdir, dots
        try "up from the root", SYS_chdir, dots
        try "where", SYS_getcwd, buffer, BUFFER_SIZE
        show "%s", buffer
        return
endp

proc special
        try "open /dev/null", SYS_openat, AT_FDCWD, null, O_RDWR
        try "read it", SYS_read, 3, buffer, SOME
        try "write it", SYS_write, 3, buffer, SOME
        try "seek it", SYS_lseek, 3, 99, SEEK_SET
        try "close", SYS_close, 3
        try "open /dev/zero", SYS_openat, AT_FDCWD, zero_file, O_RDWR
        try "read it", SYS_read, 3, buffer, BUFFER_SIZE
        show_word "which is %d", buffer + BUFFER_SIZE - 4
        try "read it until memory ends", SYS_read, 3, NOWHERE, 0x7fffffff
        try "close", SYS_close, 3
        try "open /dev/tty without waiting", SYS_openat, AT_FDCWD, tty, O_RDWR | O_NONBLOCK
        try "read it", SYS_read, 3, buffer, SOME
        try "seek it", SYS_lseek, 3, 0, SEEK_SET
        try "its settings", SYS_ioctl, 3, 0x5401, buffer
        show_word "input settings %x", buffer
        try "its size", SYS_ioctl, 3, 0x5413, buffer
        la      t0, buffer
        lhu     a1, 0(t0)
        lhu     a2, 2(t0)
        la      a0, rows_columns
        call    printf
        try "a senseless request", SYS_ioctl, 3, 0x1234, buffer
        try "close", SYS_close, 3
        return
endp

proc telling
        try "fstat the console", SYS_fstat, 0, buffer
        show_word "mode %x", buffer + STAT_MODE
        show_word "device %x", buffer + STAT_SPECIAL
        try "fstat what is closed", SYS_fstat, 9, buffer
        try "stat a directory", SYS_newfstatat, AT_FDCWD, dev, buffer
        show_word "mode %x", buffer + STAT_MODE
        show_word "links %d", buffer + STAT_LINKS
        try "stat a program", SYS_newfstatat, AT_FDCWD, program, buffer
        show_word "mode %x", buffer + STAT_MODE
        try "stat nothing", SYS_newfstatat, AT_FDCWD, absent, buffer
        try "stat by descriptor", SYS_newfstatat, 1, empty, buffer, 0x1000
        try "may be executed", SYS_faccessat, AT_FDCWD, program, 1
        try "may be written", SYS_faccessat, AT_FDCWD, program, 2
        try "may the console be written", SYS_faccessat, AT_FDCWD, tty, 6
        try "may it be executed", SYS_faccessat, AT_FDCWD, tty, 1
        try "is it there", SYS_faccessat, AT_FDCWD, absent, 0
        try "senseless mode", SYS_faccessat, AT_FDCWD, program, 8
        return
endp

proc addresses
        try "path from nowhere", SYS_openat, AT_FDCWD, NOWHERE, O_RDONLY
        try "path from the kernel", SYS_openat, AT_FDCWD, KERNEL, O_RDONLY
        try "path from the end of memory", SYS_openat, AT_FDCWD, LAST, O_RDONLY
        try "write from nowhere", SYS_write, 1, NOWHERE, SOME
        try "write from the kernel", SYS_write, 1, KERNEL, SOME
        try "write from the end of memory", SYS_write, 1, LAST, SOME
        try "write all there is", SYS_write, 1, 0, 0x7fffffff
        try "open program", SYS_openat, AT_FDCWD, program, O_RDONLY
        try "read to nowhere", SYS_read, 3, NOWHERE, SOME
        try "read to the kernel", SYS_read, 3, KERNEL, SOME
        try "read to the program's text", SYS_read, 3, main, SOME
        try "read to the end of memory", SYS_read, 3, LAST, SOME
        try "nothing was taken", SYS_lseek, 3, 0, SEEK_CUR
        try "stat to the kernel", SYS_fstat, 3, KERNEL
        try "vector from nowhere", SYS_readv, 3, NOWHERE, 2
        try "where, to the kernel", SYS_getcwd, KERNEL, 100
        try "into nowhere", SYS_chdir, NOWHERE
        try "settings to the kernel", SYS_ioctl, 0, 0x5401, KERNEL
        try "settings from nowhere", SYS_ioctl, 0, 0x5402, NOWHERE
        try "close", SYS_close, 3
        try "open /bin", SYS_openat, AT_FDCWD, bin, O_RDONLY
        try "entries to the kernel", SYS_getdents64, 3, KERNEL, BUFFER_SIZE
        try "close", SYS_close, 3
        return
endp

# A process may have 16 open files. s0 = files opened, s1 = result of the last call.
proc exhausting
        li      s0, 0
1:      li      a0, AT_FDCWD
        la      a1, null
        li      a2, O_RDONLY
        syscall SYS_openat
        mv      s1, a0
        bltz    s1, 2f
        addi    s0, s0, 1
        j       1b
2:      la      a0, opened
        mv      a1, s0
        mv      a2, s1
        call    printf
        li      s0, 3
3:      mv      a0, s0
        syscall SYS_close
        addi    s0, s0, 1
        beqz    a0, 3b
        try "open again", SYS_openat, AT_FDCWD, null, O_RDONLY
        try "close", SYS_close, 3
        call    crowd
        mv      a1, a0
        la      a0, crowded
        call    printf
        try "open again", SYS_openat, AT_FDCWD, null, O_RDONLY
        try "close", SYS_close, 3
        return
endp

# crowd() -> the error that ends it: a child opens as many files as it may; if the system's table was not full even then, it
# becomes a parent in its turn, and so on. s0 = next descriptor to close, s1 = result of the last call.
proc crowd, frame=16
        call    fork
        beqz    a0, 1f
        mv      a1, sp
        li      a2, 0
        call    waitpid
        lw      a0, 0(sp)
        srli    a0, a0, 8
        return
1:      li      s0, 3                   # the files of the parent stay open there
2:      mv      a0, s0
        syscall SYS_close
        addi    s0, s0, 1
        beqz    a0, 2b
3:      li      a0, AT_FDCWD
        la      a1, null
        li      a2, O_RDONLY
        syscall SYS_openat
        mv      s1, a0
        bgez    s1, 3b
        neg     a0, s1
        li      t0, -EMFILE
        bne     s1, t0, 4f
        call    crowd
4:      call    _exit
endp

.section .rodata
program:        .asciz "/bin/init"
program_slash:  .asciz "/bin/init/"
below_file:     .asciz "/bin/init/x"
absent:         .asciz "/bin/absent"
far:            .asciz "/absent/file"
winding:        .asciz "//dev/.././bin//../bin/init"
bin:            .asciz "/bin"
dev:            .asciz "/dev"
null:           .asciz "/dev/null"
zero_file:      .asciz "/dev/zero"
tty:            .asciz "/dev/tty"
relative:       .asciz "./null"
dot:            .asciz "."
dots:           .asciz ".."
empty:          .asciz ""
crowded:        .asciz "in a crowd: %d\n"
opened:         .asciz "opened %d files, then %d\n"
rows_columns:   .asciz "%d rows, %d columns\n"
hello:          .ascii "hello\n"
hello_end:
piece_one:      .ascii "one "
piece_two:      .ascii "two "
piece_three:    .ascii "three\n"
piece_end:
long_path:      .rept 64
                .ascii "/bin/../"
                .endr
                .byte 0

.data
.balign 4
endless:        .word buffer, 0x7fffffff, buffer, 0x7fffffff, buffer, 1
three:          .word buffer, 4, buffer + 64, 0, buffer + 128, 4
pieces:         .word piece_one, piece_two - piece_one, piece_two, piece_three - piece_two
                .word piece_three, piece_end - piece_three

.bss
.balign 4
buffer:         .space BUFFER_SIZE
