# path.s: path -> inode. Knows directories only through the operations of their file system.

.include "common.inc"
.include "errno.inc"
.include "file.inc"
.include "pcb.inc"

.bss
path_text:      .space PATH_MAX         # a path on its way from the user

.text

# path_walk(start, path, block) -> inode, or -ENOENT, -ENOTDIR. `start` is the directory that a path without a leading
# slash begins in. The block (WALK_...) tells the last directory that was searched and the name that was looked for in
# it, or a directory of 0 if more of the path was to come; so a creator knows where the new file belongs.
# s0 = next byte of the path, s1 = inode reached.
proc path_walk, args=3, frame=16
        mv      s1, a0
        mv      s0, a1
        sw      a2, 0(sp)
        sw      zero, WALK_DIRECTORY(a2)
        lbu     t0, 0(s0)
        beqz    t0, .Lno_entry          # an empty path names nothing
        li      t1, '/'
        bne     t0, t1, .Lpart
        la      s1, root_inode

.Lpart: lbu     t0, 0(s0)
        beqz    t0, .Lreached
        mv      a0, s1
        call    is_directory            # before a slash or a name only a directory may stand
        beqz    a0, .Lnot_directory
        lbu     t0, 0(s0)
        li      t1, '/'
        bne     t0, t1, 1f
        addi    s0, s0, 1
        j       .Lpart

1:      mv      a1, s0                  # a name: a1, a2 bytes long
2:      addi    s0, s0, 1
        lbu     t0, 0(s0)
        beqz    t0, 3f
        bne     t0, t1, 2b
3:      sub     a2, s0, a1
        lw      t0, 0(sp)
        sw      s1, WALK_DIRECTORY(t0)
        sw      a1, WALK_NAME(t0)
        sw      a2, WALK_LENGTH(t0)
        mv      a0, s1
        lw      t0, I_FS(a0)
        lw      t0, FS_LOOKUP(t0)
        jalr    t0
        if_error a0, .Lmissing
        mv      s1, a0
        j       .Lpart

.Lreached:
        mv      a0, s1
        return
.Lmissing:
        mv      s1, a0
1:      lbu     t0, 0(s0)               # is more of the path to come?
        beqz    t0, .Lreached
        li      t1, '/'
        addi    s0, s0, 1
        beq     t0, t1, 1b
        lw      t0, 0(sp)
        sw      zero, WALK_DIRECTORY(t0)
        j       .Lreached
.Lno_entry:
        li      a0, -ENOENT
        return
.Lnot_directory:
        li      a0, -ENOTDIR
        return
endp

# is_directory(inode) -> 1 or 0. A leaf.
.globl is_directory
is_directory:
        lw      a0, I_MODE(a0)
        li      t0, S_IFMT
        and     a0, a0, t0
        li      t0, S_IFDIR
        sub     a0, a0, t0
        seqz    a0, a0
        ret

# path_from_user(directory descriptor, path in the user's memory, block) -> inode, as path_walk, or -EFAULT,
# -ENAMETOOLONG, -EBADF. A path without a leading slash begins in the directory of the descriptor, or in the current
# one if that is AT_FDCWD.
proc path_from_user, args=3
        mv      s0, a0
        mv      s1, a2
        sw      zero, WALK_DIRECTORY(s1)
        la      a0, path_text
        li      a2, PATH_MAX
        call    copyinstr
        bltz    a0, 3f
        la      a1, path_text
        lbu     t0, 0(a1)
        li      t1, '/'
        la      a0, root_inode
        beq     t0, t1, 2f
        li      t0, AT_FDCWD
        beq     s0, t0, 1f
        mv      a0, s0
        call    fd_file
        beqz    a0, 4f
        lw      a0, F_INODE(a0)
        j       2f
1:      la      a0, current
        lw      a0, 0(a0)
        lw      a0, P_CWD(a0)
2:      la      a1, path_text
        mv      a2, s1
        call    path_walk
3:      return
4:      li      a0, -EBADF
        return
endp

# file_lookup(path in kernel memory, block LOOKUP_...) -> 0, or a negative error number: finds the file that exec is
# to load.
proc file_lookup, args=2, frame=WALK_SIZE
        mv      s0, a1
        mv      a1, a0
        la      a0, current
        lw      a0, 0(a0)
        lw      a0, P_CWD(a0)
        mv      a2, sp
        call    path_walk
        if_error a0, 1f
        sw      a0, LOOKUP_INODE(s0)
        lw      t0, I_BYTES(a0)
        sw      t0, LOOKUP_LENGTH(s0)
        lw      t0, I_MODE(a0)
        sw      t0, LOOKUP_MODE(s0)
        li      a0, 0
1:      return
endp
