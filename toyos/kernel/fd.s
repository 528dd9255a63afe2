# fd.s: descriptors -> open files. Each process has a table of NFILE of them in its PCB.
#
# A bit of P_CLOEXEC says that the descriptor is closed when the process executes another program.

.include "common.inc"
.include "errno.inc"
.include "file.inc"
.include "pcb.inc"

# Commands of fcntl.
.equ F_DUPFD,           0
.equ F_GETFD,           1
.equ F_SETFD,           2
.equ F_GETFL,           3
.equ F_SETFL,           4
.equ F_DUPFD_CLOEXEC,   1030
.equ FD_CLOEXEC,        1

.text

# fd_file(fd) -> open file of the current process, or 0. A leaf.
.globl fd_file
fd_file:
        li      t0, NFILE
        bgeu    a0, t0, 1f
        slli    a0, a0, 2
        la      t0, current
        lw      t0, 0(t0)
        add     a0, a0, t0
        lw      a0, P_FILES(a0)
        ret
1:      li      a0, 0
        ret

# fd_free(lowest) -> lowest free descriptor of the current process that is not below `lowest`, or -EMFILE. A leaf.
fd_free:
        la      t0, current
        lw      a1, 0(t0)
        slli    t0, a0, 2
        add     a1, a1, t0
1:      li      t0, NFILE
        bgeu    a0, t0, 2f
        lw      t0, P_FILES(a1)
        beqz    t0, 3f
        addi    a0, a0, 1
        addi    a1, a1, 4
        j       1b
2:      li      a0, -EMFILE
3:      ret

# fd_set(fd, file, flags) -> fd: lets a free descriptor of the current process lead to the file; O_CLOEXEC in the
# flags makes it close on exec. A leaf.
.globl fd_set
fd_set:
        la      a3, current
        lw      a3, 0(a3)
        slli    t0, a0, 2
        add     t0, t0, a3
        sw      a1, P_FILES(t0)
        li      t0, 1                   # its bit
        sll     t0, t0, a0
        lw      a1, P_CLOEXEC(a3)
        or      a1, a1, t0
        li      t1, O_CLOEXEC
        and     a2, a2, t1
        bnez    a2, 1f
        not     t0, t0
        and     a1, a1, t0
1:      sw      a1, P_CLOEXEC(a3)
        ret

# fd_install(file, lowest, flags) -> the descriptor that now leads to the file, or -EMFILE. The file's reference
# passes to the descriptor; without one it is given up.
proc fd_install, args=3, frame=16
        mv      s0, a0
        sw      a2, 0(sp)
        mv      a0, a1
        call    fd_free
        bltz    a0, 1f
        mv      a1, s0
        lw      a2, 0(sp)
        call    fd_set
        return
1:      mv      a0, s0
        call    file_release
        li      a0, -EMFILE
        return
endp

# fd_close(pcb, fd): closes a descriptor that is open.
proc fd_close, args=2
        mv      s0, a0
        mv      s1, a1
        slli    t0, a1, 2
        add     t0, t0, a0
        lw      a0, P_FILES(t0)
        sw      zero, P_FILES(t0)
        call    file_release
        li      t1, 1
        sll     t1, t1, s1
        not     t1, t1
        lw      t0, P_CLOEXEC(s0)
        and     t0, t0, t1
        sw      t0, P_CLOEXEC(s0)
        return
endp

# file_close_all(pcb): closes every descriptor. Called when a process ends.
proc file_close_all, args=1
        mv      s0, a0
        li      s1, NFILE
1:      addi    s1, s1, -1
        bltz    s1, 2f
        slli    t0, s1, 2
        add     t0, t0, s0
        lw      t0, P_FILES(t0)
        beqz    t0, 1b
        mv      a0, s0
        mv      a1, s1
        call    fd_close
        j       1b
2:      return
endp

# file_close_on_exec(pcb): closes the descriptors that are marked so. Called by exec when it can no longer fail.
proc file_close_on_exec, args=1
        mv      s0, a0
        li      s1, NFILE
1:      addi    s1, s1, -1
        bltz    s1, 2f
        lw      t0, P_CLOEXEC(s0)
        srl     t0, t0, s1
        andi    t0, t0, 1
        beqz    t0, 1b
        mv      a0, s0
        mv      a1, s1
        call    fd_close
        j       1b
2:      return
endp

# file_fork(parent, child): the child's descriptors lead to the same open files; it has the same current directory.
# Called by fork.
proc file_fork, args=2, frame=16
        lw      t0, P_CWD(a0)
        sw      t0, P_CWD(a1)
        lw      t0, P_CLOEXEC(a0)
        sw      t0, P_CLOEXEC(a1)
        addi    s0, a0, P_FILES
        addi    s1, a1, P_FILES
        addi    t0, s0, 4 * NFILE
        sw      t0, 0(sp)
1:      lw      a0, 0(s0)
        sw      a0, 0(s1)
        beqz    a0, 2f
        call    file_share
2:      addi    s0, s0, 4
        addi    s1, s1, 4
        lw      t0, 0(sp)
        bne     s0, t0, 1b
        return
endp

# sys_close(fd) -> 0
proc sys_close, args=1
        mv      s0, a0
        call    fd_file
        beqz    a0, 1f
        la      a0, current
        lw      a0, 0(a0)
        mv      a1, s0
        call    fd_close
        li      a0, 0
        return
1:      li      a0, -EBADF
        return
endp

# sys_dup(fd) -> another descriptor for the same open file
proc sys_dup, args=1
        li      a1, 0
        li      a2, 0
        call    fd_duplicate
        return
endp

# fd_duplicate(fd, lowest, flags) -> a further descriptor, not below `lowest`, for the same open file
proc fd_duplicate, args=3, frame=16
        sw      a1, 0(sp)
        sw      a2, 4(sp)
        call    fd_file
        beqz    a0, 1f
        call    file_share
        lw      a1, 0(sp)
        lw      a2, 4(sp)
        call    fd_install
        return
1:      li      a0, -EBADF
        return
endp

# sys_dup3(old, new, flags) -> new, which leads to the open file of `old`; what it led to before is closed.
proc sys_dup3, args=3, frame=16
        mv      s1, a1
        sw      a2, 0(sp)
        beq     a0, a1, 3f
        li      t0, O_CLOEXEC
        or      a2, a2, t0
        bne     a2, t0, 3f              # no other flag is known
        call    fd_file
        beqz    a0, 2f
        mv      s0, a0
        li      t0, NFILE
        bgeu    s1, t0, 2f
        call    file_share              # first, in case `new` is the last one that leads there
        mv      a0, s1
        call    fd_file
        beqz    a0, 1f
        la      a0, current
        lw      a0, 0(a0)
        mv      a1, s1
        call    fd_close
1:      mv      a0, s1
        mv      a1, s0
        lw      a2, 0(sp)
        call    fd_set
        return
2:      li      a0, -EBADF
        return
3:      li      a0, -EINVAL
        return
endp

# sys_fcntl(fd, command, argument): duplicates a descriptor or reads and sets its flags.
# s0 = fd, s1 = open file.
proc sys_fcntl, args=3, frame=16
        mv      s0, a0
        sw      a1, 0(sp)
        sw      a2, 4(sp)
        call    fd_file
        beqz    a0, .Lbad_fd
        mv      s1, a0
        lw      a1, 0(sp)
        la      a3, current
        lw      a3, 0(a3)
        li      a2, 0
        beqz    a1, .Lduplicate         # F_DUPFD
        li      a2, O_CLOEXEC
        li      t0, F_DUPFD_CLOEXEC
        beq     a1, t0, .Lduplicate
        li      t0, F_GETFD
        beq     a1, t0, .Lget_close
        li      t0, F_SETFD
        beq     a1, t0, .Lset_close
        li      t0, F_GETFL
        beq     a1, t0, .Lget_flags
        li      t0, F_SETFL
        bne     a1, t0, .Linvalid

        li      t1, O_APPEND | O_NONBLOCK       # F_SETFL: all that can be changed
        lw      t0, 4(sp)
        and     t0, t0, t1
        lw      a0, F_FLAGS(s1)
        not     t1, t1
        and     a0, a0, t1
        or      a0, a0, t0
        sw      a0, F_FLAGS(s1)
        li      a0, 0
        return

.Lduplicate:
        mv      a0, s0
        lw      a1, 4(sp)
        li      t0, NFILE
        bgeu    a1, t0, .Linvalid
        call    fd_duplicate
        return
.Lget_close:
        lw      a0, P_CLOEXEC(a3)
        srl     a0, a0, s0
        andi    a0, a0, FD_CLOEXEC
        return
.Lset_close:
        lw      t0, 4(sp)
        andi    t0, t0, FD_CLOEXEC
        li      a2, 0
        beqz    t0, 1f
        li      a2, O_CLOEXEC
1:      mv      a0, s0
        mv      a1, s1
        call    fd_set
        li      a0, 0
        return
.Lget_flags:
        lw      a0, F_FLAGS(s1)
        return
.Linvalid:
        li      a0, -EINVAL
        return
.Lbad_fd:
        li      a0, -EBADF
        return
endp
