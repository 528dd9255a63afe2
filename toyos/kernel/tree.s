# tree.s: the first file system: a read-only tree of inodes in memory.
#
# cpio.s grows it at boot from the archive that lies in RAM; names and contents stay in the archive. device.s adds
# /dev. The file layer sees only the table `tree_fs`.

.include "common.inc"
.include "errno.inc"
.include "memlayout.inc"
.include "tree.inc"

.section .rodata
.balign 4
tree_fs:        .word FS_READ_ONLY, tree_lookup, tree_read, tree_entry
dots:           .ascii ".."            # names of a directory itself (the first dot) and of its parent (both)

.bss
.balign 4
# The inode of /.
.globl root_inode
root_inode:     .space T_SIZE
tree_frame:     .word 0                 # the frame that new inodes are taken from
tree_used:      .word 0                 # bytes of it that are taken
tree_count:     .word 0                 # inodes made; the next one's number is one higher

.text

# tree_init(): makes an empty root directory.
.globl tree_init
tree_init:
        la      a0, root_inode
        la      t0, tree_fs
        sw      t0, I_FS(a0)
        li      t0, S_IFDIR | 0755
        sw      t0, I_MODE(a0)
        li      t0, 2
        sw      t0, I_LINKS(a0)
        sw      a0, T_PARENT(a0)
        li      t0, 1
        sw      t0, I_NUMBER(a0)
        la      a1, tree_count
        sw      t0, 0(a1)
        ret

# tree_new(directory, name, length, mode) -> new inode as the last entry of the directory, or -ENOMEM. Frames for
# inodes are never given back. s0 = directory, s1 = name.
proc tree_new, args=4, frame=16
        mv      s0, a0
        mv      s1, a1
        sw      a2, 0(sp)
        sw      a3, 4(sp)
        la      a1, tree_used
        lw      t0, 0(a1)
        la      a2, tree_frame
        lw      a0, 0(a2)
        beqz    a0, 1f
        li      t1, PAGE_SIZE
        bltu    t0, t1, 2f
1:      call    frame_alloc             # filled with zeros
        beqz    a0, 5f
        la      a2, tree_frame
        sw      a0, 0(a2)
        la      a1, tree_used
        li      t0, 0
2:      add     a0, a0, t0
        addi    t0, t0, T_SIZE
        sw      t0, 0(a1)

        la      t0, tree_fs
        sw      t0, I_FS(a0)
        la      t1, tree_count
        lw      t0, 0(t1)
        addi    t0, t0, 1
        sw      t0, 0(t1)
        sw      t0, I_NUMBER(a0)
        lw      t0, 4(sp)
        sw      t0, I_MODE(a0)
        srli    t0, t0, 12
        li      t1, S_IFDIR >> 12
        xor     t0, t0, t1
        li      t1, 1
        bnez    t0, 6f
        lw      t0, I_LINKS(s0)         # named by its entry, its "." and each ".." below it
        addi    t0, t0, 1
        sw      t0, I_LINKS(s0)
        li      t1, 2
6:      sw      t1, I_LINKS(a0)
        sw      s1, T_NAME(a0)
        lw      t0, 0(sp)
        sw      t0, T_LENGTH(a0)
        sw      s0, T_PARENT(a0)

        lw      t0, T_LAST(s0)          # hang it behind the last entry
        sw      a0, T_LAST(s0)
        beqz    t0, 3f
        sw      a0, T_NEXT(t0)
        j       4f
3:      sw      a0, T_FIRST(s0)
4:      return
5:      li      a0, -ENOMEM
        return
endp

# tree_make(path, length, mode) -> inode with that path, made if there is none yet, and so are the directories on the
# way to it; -ENOMEM, or -EINVAL for a path through "..", through a file, or with a name too long. The names are not
# copied.
# s0 = next byte of the path, s1 = inode reached.
.equ M_END,             0
.equ M_MODE,            4
.equ M_NAME,            8
.equ M_LENGTH,          12
proc tree_make, args=3, frame=16
        mv      s0, a0
        add     t0, a0, a1
        sw      t0, M_END(sp)
        sw      a2, M_MODE(sp)
        la      s1, root_inode

.Lpart: lw      t1, M_END(sp)           # slashes before the part
        beq     s0, t1, .Lreached
        lbu     t0, 0(s0)
        li      a0, '/'
        bne     t0, a0, 1f
        addi    s0, s0, 1
        j       .Lpart
1:      sw      s0, M_NAME(sp)          # the part itself
2:      addi    s0, s0, 1
        beq     s0, t1, 3f
        lbu     t0, 0(s0)
        bne     t0, a0, 2b
3:      lw      t0, M_NAME(sp)
        sub     a2, s0, t0
        sw      a2, M_LENGTH(sp)
        li      t0, NAME_MAX
        bgtu    a2, t0, .Linvalid

        lw      a0, M_NAME(sp)
        lw      a1, M_LENGTH(sp)
        la      a2, dots
        li      a3, 2
        call    name_equal
        bnez    a0, .Linvalid
        lw      t0, I_MODE(s1)
        li      t1, S_IFMT
        and     t0, t0, t1
        li      t1, S_IFDIR
        bne     t0, t1, .Linvalid
        mv      a0, s1
        lw      a1, M_NAME(sp)
        lw      a2, M_LENGTH(sp)
        call    tree_lookup
        if_error a0, 4f
        mv      s1, a0
        j       .Lpart
4:      mv      a0, s1
        lw      a1, M_NAME(sp)
        lw      a2, M_LENGTH(sp)
        lw      a3, M_MODE(sp)
        lw      t0, M_END(sp)
        beq     s0, t0, 5f              # the last part is what is asked for,
        li      a3, S_IFDIR | 0755      # the others are directories
5:      call    tree_new
        if_error a0, 6f
        mv      s1, a0
        j       .Lpart

.Lreached:
        lw      t0, M_MODE(sp)
        sw      t0, I_MODE(s1)
        la      t1, root_inode
        bne     s1, t1, 7f
        andi    t0, t0, 0777            # the root's permissions may be set, but it stays a directory
        li      t1, S_IFDIR
        or      t0, t0, t1
        sw      t0, I_MODE(s1)
7:      mv      a0, s1
        return
.Linvalid:
        li      a0, -EINVAL
6:      return
endp

# tree_lookup(directory, name, length) -> inode, or -ENOENT. s0 = name, s1 = inode that is looked at.
proc tree_lookup, args=3, frame=16
        mv      s1, a0
        mv      s0, a1
        sw      a2, 0(sp)
        mv      a0, s0
        lw      a1, 0(sp)
        la      a2, dots
        li      a3, 1
        call    name_equal
        bnez    a0, 2f                  # ".": the directory itself
        mv      a0, s0
        lw      a1, 0(sp)
        la      a2, dots
        li      a3, 2
        call    name_equal
        beqz    a0, 1f
        lw      s1, T_PARENT(s1)
        j       2f

1:      addi    s1, s1, T_FIRST - T_NEXT        # so that the first entry is the next one
3:      lw      s1, T_NEXT(s1)
        beqz    s1, 4f
        mv      a0, s0
        lw      a1, 0(sp)
        lw      a2, T_NAME(s1)
        lw      a3, T_LENGTH(s1)
        call    name_equal
        beqz    a0, 3b
2:      mv      a0, s1
        return
4:      li      a0, -ENOENT
        return
endp

# tree_read(inode, to, offset, length) -> bytes, 0 at the end of the file.
proc tree_read, args=4
        lw      t0, I_BYTES(a0)
        bgeu    a2, t0, 2f
        sub     t0, t0, a2              # bytes from there to the end
        bleu    t0, a3, 1f
        mv      t0, a3
1:      mv      s0, t0
        lw      t1, T_DATA(a0)
        mv      a0, a1
        add     a1, t1, a2
        mv      a2, s0
        call    memcpy
        mv      a0, s0
        return
2:      li      a0, 0
        return
endp

# tree_entry(directory, number, block) -> 1 and the entry in the block, or 0 behind the last one. 0 is ".", 1 is "..".
# A leaf.
tree_entry:
        la      a3, dots
        li      t0, 1
        mv      t1, a0
        beqz    a1, 2f
        lw      t1, T_PARENT(a0)
        beq     a1, t0, 1f
        lw      t1, T_FIRST(a0)
3:      beqz    t1, 4f
        addi    a1, a1, -1
        beq     a1, t0, 5f
        lw      t1, T_NEXT(t1)
        j       3b
5:      lw      a3, T_NAME(t1)
        lw      t0, T_LENGTH(t1)
        j       2f
1:      li      t0, 2
2:      sw      a3, E_NAME(a2)
        sw      t0, E_LENGTH(a2)
        lw      t0, I_NUMBER(t1)
        sw      t0, E_NUMBER(a2)
        lw      t0, I_MODE(t1)
        sw      t0, E_MODE(a2)
        li      a0, 1
        ret
4:      li      a0, 0
        ret

# name_equal(name, length, other name, its length) -> 1 or 0. A leaf.
name_equal:
        bne     a1, a3, 2f
1:      beqz    a1, 3f
        lbu     t0, 0(a0)
        lbu     t1, 0(a2)
        bne     t0, t1, 2f
        addi    a0, a0, 1
        addi    a2, a2, 1
        addi    a1, a1, -1
        j       1b
2:      li      a0, 0
        ret
3:      li      a0, 1
        ret
