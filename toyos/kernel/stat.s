# stat.s: inode -> what fstat tells of it.

.include "common.inc"
.include "errno.inc"
.include "file.inc"
.include "stat.inc"

.equ AT_EMPTY_PATH,     0x1000          # an empty path stands for the descriptor itself
.equ SECTOR,            512

# Room for a struct stat, a path_walk block and one word more on the stack.
.equ S_WALK,            STAT_SIZE
.equ S_FLAGS,           S_WALK + WALK_SIZE
.equ S_FRAME,           (S_FLAGS + 4 + 15) / 16 * 16

.text

# sys_fstat(fd, to) -> 0
proc sys_fstat, args=2
        mv      s0, a1
        call    fd_file
        beqz    a0, 1f
        lw      a0, F_INODE(a0)
        mv      a1, s0
        call    stat_inode
        return
1:      li      a0, -EBADF
        return
endp

# sys_newfstatat(directory descriptor, path, to, flags) -> 0
proc sys_newfstatat, args=4, frame=S_FRAME
        mv      s0, a2
        mv      s1, a0
        li      t0, AT_EMPTY_PATH
        and     t0, t0, a3
        beqz    t0, 2f
        sw      a1, S_FLAGS(sp)
        mv      a0, sp                  # is the path empty?
        li      a2, 1
        call    copyin
        bltz    a0, 3f
        lw      a1, S_FLAGS(sp)
        lbu     t0, 0(sp)
        bnez    t0, 1f
        mv      a0, s1
        mv      a1, s0
        call    sys_fstat
        return
1:      mv      a0, s1
2:      addi    a2, sp, S_WALK
        call    path_from_user
        if_error a0, 3f
        mv      a1, s0
        call    stat_inode
3:      return
endp

# stat_inode(inode, to) -> 0 or -EFAULT: writes its struct stat to the user. s0 = inode, s1 = to.
proc stat_inode, args=2, frame=S_FRAME
        mv      s0, a0
        mv      s1, a1
        mv      a0, sp
        li      a1, 0
        li      a2, STAT_SIZE
        call    memset
        li      t0, 1
        sw      t0, STAT_DEVICE(sp)
        lw      t0, I_NUMBER(s0)
        sw      t0, STAT_NUMBER(sp)
        lw      t0, I_MODE(s0)
        sw      t0, STAT_MODE(sp)
        lw      t0, I_LINKS(s0)
        sw      t0, STAT_LINKS(sp)
        lw      t0, I_OWNER(s0)
        sw      t0, STAT_OWNER(sp)
        lw      t0, I_GROUP(s0)
        sw      t0, STAT_GROUP(sp)
        lw      t0, I_DEVICE(s0)
        sw      t0, STAT_SPECIAL(sp)
        lw      t0, I_BYTES(s0)
        sw      t0, STAT_BYTES(sp)
        addi    t0, t0, SECTOR - 1
        li      t1, SECTOR
        divu    t0, t0, t1
        sw      t0, STAT_BLOCKS(sp)
        li      t0, COPY_SIZE
        sw      t0, STAT_BLOCK(sp)
        lw      t0, I_TIME(s0)
        sw      t0, STAT_ACCESSED(sp)
        sw      t0, STAT_CHANGED(sp)
        sw      t0, STAT_MOVED(sp)
        mv      a0, s1
        mv      a1, sp
        li      a2, STAT_SIZE
        call    copyout
        return
endp
