# cpio.s: the initial archive in RAM -> inodes of the tree (tree.s).
#
# Format "newc" of cpio(5): for each file a header of ASCII digits, the name, the contents; name and contents
# each end on a multiple of 4 bytes. The last one is called TRAILER!!!. The archive comes from outside: every length
# in it is checked, and at the first mistake reading ends with a line on the console; what was found until then stays.

.include "common.inc"
.include "errno.inc"
.include "tree.inc"

# The header: magic, then numbers of 8 hexadecimal digits.
.equ C_MAGIC,           0               # 070701, or 070702 with a checksum (not verified)
.equ C_MODE,            14
.equ C_UID,             22
.equ C_GID,             30
.equ C_TIME,            46
.equ C_BYTES,           54
.equ C_MAJOR,           78              # device number of a special file
.equ C_MINOR,           86
.equ C_NAMESIZE,        94              # with the NUL
.equ C_SIZE,            110

# The frame of cpio_mount.
.equ X_NAMESIZE,        0
.equ X_BYTES,           4
.equ X_DATA,            8
.equ X_MODE,            12

.section .rodata
magic:          .ascii "07070"          # and 1 or 2
trailer:        .asciz "TRAILER!!!"
trailer_end:
bad_archive:    .asciz "initrd: byte %u: not a header of a newc archive, or cut off; the files behind it are missing\n"
bad_name:       .asciz "initrd: byte %u: this file is left out (error %d)\n"

.text

# cpio_mount(): reads the archive between boot_initrd_start and boot_initrd_end, if there is one.
# s0 = header, s1 = bytes from it to the end of the archive.
proc cpio_mount, frame=16
        la      t0, boot_initrd_start
        lw      s0, 0(t0)
        beqz    s0, .Ldone
        la      t0, boot_initrd_end
        lw      s1, 0(t0)
        bleu    s1, s0, .Ldone
        sub     s1, s1, s0

.Lheader:
        li      t0, C_SIZE
        bltu    s1, t0, .Lbad
        mv      a0, s0
        la      a1, magic
        li      a2, 5
        call    memcmp
        bnez    a0, .Lbad
        lbu     t0, 5(s0)
        addi    t0, t0, -'1'
        li      t1, 2
        bgeu    t0, t1, .Lbad

        addi    a0, s0, C_NAMESIZE
        call    hexadecimal
        sw      a0, X_NAMESIZE(sp)
        beqz    a0, .Lbad
        li      t0, C_SIZE
        sub     t1, s1, t0
        bgtu    a0, t1, .Lbad
        add     a0, a0, t0              # header and name, up to a multiple of 4
        addi    a0, a0, 3
        andi    a0, a0, -4
        bgtu    a0, s1, .Lbad
        add     t0, s0, a0
        sw      t0, X_DATA(sp)
        sub     s1, s1, a0              # bytes from the contents on

        addi    a0, s0, C_BYTES
        call    hexadecimal
        sw      a0, X_BYTES(sp)
        bgtu    a0, s1, .Lbad

        addi    a0, s0, C_SIZE
        la      a1, trailer
        la      a2, trailer_end
        sub     a2, a2, a1
        call    strncmp
        beqz    a0, .Ldone
        mv      a0, s0
        lw      a1, X_DATA(sp)
        lw      a2, X_BYTES(sp)
        lw      a3, X_NAMESIZE(sp)
        call    cpio_file

        lw      t0, X_BYTES(sp)
        lw      s0, X_DATA(sp)
        addi    t0, t0, 3
        andi    t0, t0, -4
        bgeu    t0, s1, .Ldone          # an archive without a trailer
        add     s0, s0, t0
        sub     s1, s1, t0
        j       .Lheader

.Lbad:  la      t0, boot_initrd_start
        lw      t0, 0(t0)
        sub     s0, s0, t0
        sw      s0, 0(sp)
        la      a0, bad_archive
        mv      a1, sp
        call    printk
.Ldone: return
endp

# cpio_file(header, contents, bytes, bytes of the name with its NUL): makes the inode of one file. s0 = header, s1 =
# inode.
proc cpio_file, args=4, frame=16
        mv      s0, a0
        sw      a1, 0(sp)
        sw      a2, 4(sp)
        sw      a3, 8(sp)
        addi    a0, s0, C_MODE
        call    hexadecimal
        mv      a2, a0
        addi    a0, s0, C_SIZE
        lw      a1, 8(sp)
        addi    a1, a1, -1
        call    tree_make
        if_error a0, 1f
        mv      s1, a0
        lw      t0, 0(sp)
        sw      t0, T_DATA(s1)
        lw      t0, 4(sp)
        sw      t0, I_BYTES(s1)
        addi    a0, s0, C_TIME
        call    hexadecimal
        sw      a0, I_TIME(s1)
        addi    a0, s0, C_UID
        call    hexadecimal
        sw      a0, I_OWNER(s1)
        addi    a0, s0, C_GID
        call    hexadecimal
        sw      a0, I_GROUP(s1)
        addi    a0, s0, C_MAJOR
        call    hexadecimal
        slli    a0, a0, 8
        sw      a0, I_DEVICE(s1)
        addi    a0, s0, C_MINOR
        call    hexadecimal
        lw      t0, I_DEVICE(s1)
        or      t0, t0, a0
        sw      t0, I_DEVICE(s1)
        return
1:      sw      a0, 4(sp)
        la      t0, boot_initrd_start
        lw      t0, 0(t0)
        sub     t0, s0, t0
        sw      t0, 0(sp)
        la      a0, bad_name
        mv      a1, sp
        call    printk
        return
endp

# hexadecimal(text) -> the number that its 8 digits write; a byte that is no digit counts as some digit. A leaf. Also
# used by symbol.s.
.globl hexadecimal
hexadecimal:
        mv      a1, a0
        addi    a2, a0, 8
        li      a0, 0
1:      lbu     t0, 0(a1)
        li      t1, 'A'
        bltu    t0, t1, 2f
        addi    t0, t0, 9               # A and a have the last digit 1: with 9 it makes 10
2:      andi    t0, t0, 15
        slli    a0, a0, 4
        or      a0, a0, t0
        addi    a1, a1, 1
        bne     a1, a2, 1b
        ret
