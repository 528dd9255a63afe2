# file.s: the system calls on files and folders.
# C's convention for errors: -1 with errno set (errno.s). Leaves.

.include "common.inc"
.include "syscall.inc"
.include "fcntl.inc"

.text

# open(path, flags, mode) -> descriptor or -1
.globl open
open:
        mv      a3, a2
        mv      a2, a1
        mv      a1, a0
        li      a0, AT_FDCWD            # relative to the current folder
        syscall SYS_openat
        j       syscall_result

# close(fd) -> 0 or -1
.globl close
close:
        syscall SYS_close
        j       syscall_result

# read(fd, buffer, size) -> bytes read, 0 at the end, or -1
.globl read
read:
        syscall SYS_read
        j       syscall_result

# write(fd, buffer, size) -> bytes written or -1
.globl write
write:
        syscall SYS_write
        j       syscall_result

# lseek(fd, offset, whence) -> new offset from the start, or -1
.globl lseek
lseek:
        syscall SYS_lseek
        j       syscall_result

# dup(fd) -> lowest free descriptor for the same open file, or -1
.globl dup
dup:
        syscall SYS_dup
        j       syscall_result

# dup2(fd, to) -> to, which now names the same open file as fd, or -1
.globl dup2
dup2:
        beq     a0, a1, 1f              # dup3 refuses what dup2 allows
        li      a2, 0
        syscall SYS_dup3
1:      j       syscall_result

# getdents(fd, buffer, size) -> bytes of folder entries read (linux_dirent64),
# 0 at the end, or -1
.globl getdents
getdents:
        syscall SYS_getdents64
        j       syscall_result

# fstat(fd, buffer) -> 0 or -1
.globl fstat
fstat:
        syscall SYS_fstat
        j       syscall_result

# chdir(path) -> 0 or -1
.globl chdir
chdir:
        syscall SYS_chdir
        j       syscall_result

# getcwd(buffer, size) -> length with the NUL, or -1
.globl getcwd
getcwd:
        syscall SYS_getcwd
        j       syscall_result

# ioctl(fd, request, argument) -> 0 or -1: settings of a terminal (termios.inc)
.globl ioctl
ioctl:
        syscall SYS_ioctl
        j       syscall_result
