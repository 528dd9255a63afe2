# io.s: read, write and their relatives -> the operations of the open file.

.include "common.inc"
.include "errno.inc"
.include "file.inc"

.equ IOV_SIZE,          8               # struct iovec: address, length
.equ IOV_MAX,           1024            # so many at a time

.text

# io_file(fd, forbidden) -> the open file, or -EBADF; its access mode must not be the forbidden one.
proc io_file, args=2
        mv      s0, a1
        call    fd_file
        beqz    a0, 1f
        lw      t0, F_FLAGS(a0)
        andi    t0, t0, O_ACCMODE
        bne     t0, s0, 2f
1:      li      a0, -EBADF
2:      return
endp

# sys_read(fd, to, length) -> bytes read, 0 at the end of the file
proc sys_read, args=3
        mv      s0, a1
        mv      s1, a2
        li      a1, O_WRONLY
        call    io_file
        if_error a0, 2f
        bltz    s1, 1f                  # longer than the largest result
        mv      a1, s0
        mv      a2, s1
        lw      t0, F_OPS(a0)
        lw      t0, FO_READ(t0)
        jalr    t0
        return
1:      li      a0, -EINVAL
2:      return
endp

# sys_write(fd, from, length) -> bytes written
proc sys_write, args=3
        mv      s0, a1
        mv      s1, a2
        li      a1, O_RDONLY
        call    io_file
        if_error a0, 2f
        bltz    s1, 1f
        mv      a1, s0
        mv      a2, s1
        lw      t0, F_OPS(a0)
        lw      t0, FO_WRITE(t0)
        jalr    t0
        return
1:      li      a0, -EINVAL
2:      return
endp

# sys_readv(fd, vector, count) -> bytes read into the runs of the vector, one after the other
proc sys_readv, args=3
        la      a3, sys_read
        call    io_vector
        return
endp

# sys_writev(fd, vector, count) -> bytes written from the runs of the vector
proc sys_writev, args=3
        la      a3, sys_write
        call    io_vector
        return
endp

# io_vector(fd, vector, count, call) -> bytes: does sys_read or sys_write for every run, until one moves less than asked
# for. An error counts only if nothing was moved before. Once something was moved the file must not put the process to
# sleep, because the call would begin again and move it twice: for that time the file counts as O_NONBLOCK.
# s0 = address of the next run in the user's memory, s1 = bytes moved.
.equ V_FD,              0
.equ V_COUNT,           4
.equ V_CALL,            8
.equ V_FILE,            12
.equ V_RUN,             16              # copy of the run: address,
.equ V_LENGTH,          20              # length
.equ V_FLAGS,           24              # the file's own flags
proc io_vector, args=4, frame=32
        sw      a0, V_FD(sp)
        mv      s0, a1
        sw      a2, V_COUNT(sp)
        sw      a3, V_CALL(sp)
        li      s1, 0
        li      t0, IOV_MAX
        bgtu    a2, t0, .Ltoo_many
        call    fd_file
        beqz    a0, .Lclosed
        sw      a0, V_FILE(sp)
        lw      t0, F_FLAGS(a0)
        sw      t0, V_FLAGS(sp)

.Lrun:  lw      t0, V_COUNT(sp)
        beqz    t0, .Lmoved
        addi    t0, t0, -1
        sw      t0, V_COUNT(sp)
        addi    a0, sp, V_RUN
        mv      a1, s0
        li      a2, IOV_SIZE
        call    copyin
        bltz    a0, .Lerror
        addi    s0, s0, IOV_SIZE
        lw      a2, V_LENGTH(sp)
        beqz    a2, .Lrun
        lw      a0, V_FD(sp)
        lw      a1, V_RUN(sp)
        lw      t0, V_CALL(sp)
        jalr    t0
        bltz    a0, .Lerror
        add     t0, s1, a0
        bltz    t0, .Lmoved             # more than a result can tell
        mv      s1, t0
        lw      t0, V_LENGTH(sp)
        bne     a0, t0, .Lmoved
        lw      a0, V_FILE(sp)
        lw      t0, V_FLAGS(sp)
        li      t1, O_NONBLOCK
        or      t0, t0, t1
        sw      t0, F_FLAGS(a0)
        j       .Lrun

.Lerror:
        beqz    s1, 1f
.Lmoved:
        mv      a0, s1
1:      lw      t0, V_FLAGS(sp)
        lw      t1, V_FILE(sp)
        sw      t0, F_FLAGS(t1)
        return
.Ltoo_many:
        li      a0, -EINVAL
        return
.Lclosed:
        li      a0, -EBADF
        return
endp

# sys_lseek(fd, offset, whence) -> new offset
proc sys_lseek, args=3
        mv      s0, a1
        mv      s1, a2
        call    fd_file
        beqz    a0, 1f
        mv      a1, s0
        mv      a2, s1
        lw      t0, F_OPS(a0)
        lw      t0, FO_SEEK(t0)
        jalr    t0
        return
1:      li      a0, -EBADF
        return
endp

# sys_getdents64(fd, to, length) -> bytes of directory entries, 0 behind the last one
proc sys_getdents64, args=3
        mv      s0, a1
        mv      s1, a2
        call    fd_file
        beqz    a0, 1f
        mv      a1, s0
        mv      a2, s1
        lw      t0, F_OPS(a0)
        lw      t0, FO_ENTRIES(t0)
        jalr    t0
        return
1:      li      a0, -EBADF
        return
endp

# sys_ioctl(fd, request, argument) -> 0; -ENOTTY for files that have nothing to control
proc sys_ioctl, args=3
        mv      s0, a1
        mv      s1, a2
        call    fd_file
        beqz    a0, 1f
        mv      a1, s0
        mv      a2, s1
        lw      t0, F_OPS(a0)
        lw      t0, FO_CONTROL(t0)
        jalr    t0
        return
1:      li      a0, -EBADF
        return
endp
