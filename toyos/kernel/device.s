# device.s: special files -> the operations that serve them.
#
# A special file's inode holds a device number, major << 8 | minor, with the numbers of Linux. device_init makes the
# files in /dev, whether or not the archive brings them along.

.include "common.inc"
.include "errno.inc"
.include "file.inc"

# A row of `devices`.
struct
field DEVICE_NUMBER
field DEVICE_OPS
field DEVICE_PATH               # its file
field DEVICE_LENGTH             # of the path
endstruct DEVICE_SIZE

.equ DEVICE_MODE,       S_IFCHR | 0666

.section .rodata
.balign 4
devices:
        .word 5 << 8 | 1, console_ops, path_console, path_tty - path_console
        .word 5 << 8 | 0, console_ops, path_tty, path_null - path_tty
        .word 1 << 8 | 3, null_ops, path_null, path_zero - path_null
        .word 1 << 8 | 5, zero_ops, path_zero, path_end - path_zero
devices_end:
null_ops:       .word null_read, null_write, null_seek, entries_never, control_never
zero_ops:       .word zero_read, null_write, null_seek, entries_never, control_never
path_console:   .ascii "dev/console"
path_tty:       .ascii "dev/tty"
path_null:      .ascii "dev/null"
path_zero:      .ascii "dev/zero"
path_end:
.balign 16
zeros:          .space COPY_SIZE

.text

# device_init() -> inode of the console, or a negative error number: makes the files in /dev. s0 = row, s1 = the
# result.
proc device_init
        la      s0, devices
        li      s1, 0
1:      lw      a0, DEVICE_PATH(s0)
        lw      a1, DEVICE_LENGTH(s0)
        li      a2, DEVICE_MODE
        call    tree_make
        if_error a0, 3f
        lw      t0, DEVICE_NUMBER(s0)
        sw      t0, I_DEVICE(a0)
        bnez    s1, 2f
        mv      s1, a0                  # the console has the first row
2:      addi    s0, s0, DEVICE_SIZE
        la      t0, devices_end
        bne     s0, t0, 1b
        mv      a0, s1
3:      return
endp

# device_ops(inode) -> table of file operations, or 0 when nobody serves this device. A leaf.
.globl device_ops
device_ops:
        lw      a0, I_DEVICE(a0)
        la      a1, devices
        la      t1, devices_end
1:      lw      t0, DEVICE_NUMBER(a1)
        beq     t0, a0, 2f
        addi    a1, a1, DEVICE_SIZE
        bne     a1, t1, 1b
        li      a0, 0
        ret
2:      lw      a0, DEVICE_OPS(a1)
        ret

# /dev/null: always at its end; takes everything. Leaves.
null_read:
null_seek:
        li      a0, 0
        ret
null_write:
        mv      a0, a2
        ret

# zero_read(file, to, length) -> length: /dev/zero. s0 = where the next zeros go, s1 = how many are left.
proc zero_read, args=3, frame=16
        mv      s0, a1
        mv      s1, a2
        sw      a2, 0(sp)
1:      beqz    s1, 4f
        li      a2, COPY_SIZE
        bgeu    s1, a2, 2f
        mv      a2, s1
2:      sw      a2, 4(sp)
        mv      a0, s0
        la      a1, zeros
        call    copyout
        bltz    a0, 3f
        lw      t0, 4(sp)
        add     s0, s0, t0
        sub     s1, s1, t0
        j       1b
3:      lw      t0, 0(sp)
        beq     s1, t0, 5f              # an error counts only if nothing was read before
4:      lw      a0, 0(sp)
        sub     a0, a0, s1
5:      return
endp
