# errno.s: how system calls report errors to programs.
#
# The kernel returns a negative error number. The wrappers in process.s, file.s,
# heap.s, time.s and kernel.s turn that into C's convention: the result is -1
# and the word errno holds the (positive) number.

.include "common.inc"
.include "errno.inc"

.text

# syscall_result(result of the kernel) -> the same, or -1 with errno set.
# A leaf that the wrappers jump to, so that it returns to their callers.
.globl syscall_result
syscall_result:
        li      t0, -ERRNO_LAST
        bltu    a0, t0, 1f
        neg     a0, a0
        la      t0, errno
        sw      a0, 0(t0)
        li      a0, -1
1:      ret

# strerror(number) -> text that describes the error number, as on Linux
.globl strerror
strerror:
        la      t0, error_texts
        mv      t1, a0
1:      lbu     a0, 0(t0)               # an empty text ends the list
        beqz    a0, 4f
        beqz    t1, 3f
2:      lbu     a0, 0(t0)               # step over one text
        addi    t0, t0, 1
        bnez    a0, 2b
        addi    t1, t1, -1
        j       1b
3:      mv      a0, t0
        ret
4:      la      a0, unknown_error
        ret

# perror(prefix): "prefix: text of errno" and a newline, to standard error
proc perror, args=1
        mv      s0, a0
        la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        mv      a1, s0
        la      a0, prefix_error
        call    eprintf
        return
endp

.section .rodata
prefix_error:   .asciz "%s: %s\n"
unknown_error:  .asciz "Unknown error"

# The texts in the order of their numbers, from 0.
error_texts:
        .asciz "Success"
        .asciz "Operation not permitted"
        .asciz "No such file or directory"
        .asciz "No such process"
        .asciz "Interrupted system call"
        .asciz "Input/output error"
        .asciz "No such device or address"
        .asciz "Argument list too long"
        .asciz "Exec format error"
        .asciz "Bad file descriptor"
        .asciz "No child processes"
        .asciz "Resource temporarily unavailable"
        .asciz "Cannot allocate memory"
        .asciz "Permission denied"
        .asciz "Bad address"
        .asciz "Block device required"
        .asciz "Device or resource busy"
        .asciz "File exists"
        .asciz "Invalid cross-device link"
        .asciz "No such device"
        .asciz "Not a directory"
        .asciz "Is a directory"
        .asciz "Invalid argument"
        .asciz "Too many open files in system"
        .asciz "Too many open files"
        .asciz "Inappropriate ioctl for device"
        .asciz "Text file busy"
        .asciz "File too large"
        .asciz "No space left on device"
        .asciz "Illegal seek"
        .asciz "Read-only file system"
        .asciz "Too many links"
        .asciz "Broken pipe"
        .asciz "Numerical argument out of domain"
        .asciz "Numerical result out of range"
        .asciz "Resource deadlock avoided"
        .asciz "File name too long"
        .asciz "No locks available"
        .asciz "Function not implemented"
        .asciz "Directory not empty"
        .asciz "Too many levels of symbolic links"
        .byte 0

.bss
.globl errno
.balign 4
errno:  .space 4
