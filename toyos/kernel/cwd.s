# cwd.s: the current directory: changing it, and its path.

.include "common.inc"
.include "errno.inc"
.include "file.inc"
.include "pcb.inc"

.bss
cwd_text:       .space PATH_MAX         # a path, written from its end

.section .rodata
parent:         .ascii ".."

.text

# sys_chdir(path) -> 0
proc sys_chdir, args=1, frame=WALK_SIZE
        mv      a1, a0
        li      a0, AT_FDCWD
        mv      a2, sp
        call    path_from_user
        if_error a0, 1f
        mv      s0, a0
        call    is_directory
        mv      t0, a0
        li      a0, -ENOTDIR
        beqz    t0, 1f
        la      t0, current
        lw      t0, 0(t0)
        sw      s0, P_CWD(t0)
        li      a0, 0
1:      return
endp

# sys_getcwd(to, size) -> length of the path with its NUL; -ERANGE if it does not fit. Nothing keeps the path: it is
# found by going up from directory to parent until the root, and looking in each parent for the name of the directory
# one came from.
# s0 = directory, s1 = first byte of the path so far.
.equ C_TO,              0
.equ C_SIZE,            4
.equ C_PARENT,          8
.equ C_INDEX,           12
.equ C_ENTRY,           16
.equ C_FRAME,           C_ENTRY + E_SIZE
proc sys_getcwd, args=2, frame=C_FRAME
        sw      a0, C_TO(sp)
        sw      a1, C_SIZE(sp)
        la      t0, current
        lw      t0, 0(t0)
        lw      s0, P_CWD(t0)
        la      s1, cwd_text + PATH_MAX - 1
        sb      zero, 0(s1)

.Lup:   mv      a0, s0
        la      a1, parent
        li      a2, 2
        lw      t0, I_FS(s0)
        lw      t0, FS_LOOKUP(t0)
        jalr    t0
        if_error a0, .Lerror
        beq     a0, s0, .Lroot
        sw      a0, C_PARENT(sp)
        sw      zero, C_INDEX(sp)

.Lentry:
        lw      a0, C_PARENT(sp)
        lw      a1, C_INDEX(sp)
        addi    t0, a1, 1
        sw      t0, C_INDEX(sp)
        addi    a2, sp, C_ENTRY
        lw      t0, I_FS(a0)
        lw      t0, FS_ENTRY(t0)
        jalr    t0
        bltz    a0, .Lerror
        beqz    a0, .Lgone
        lw      t0, C_INDEX(sp)
        li      t1, 3
        bltu    t0, t1, .Lentry         # "." and ".." are not the name
        lw      t0, C_ENTRY + E_NUMBER(sp)
        lw      t1, I_NUMBER(s0)
        bne     t0, t1, .Lentry

        lw      a2, C_ENTRY + E_LENGTH(sp)
        sub     s1, s1, a2
        addi    s1, s1, -1
        la      t0, cwd_text
        bltu    s1, t0, .Ltoo_long
        li      t0, '/'
        sb      t0, 0(s1)
        addi    a0, s1, 1
        lw      a1, C_ENTRY + E_NAME(sp)
        call    memcpy
        lw      s0, C_PARENT(sp)
        j       .Lup

.Lroot: la      a2, cwd_text + PATH_MAX
        sub     t0, a2, s1
        addi    t0, t0, -1
        bnez    t0, 1f
        addi    s1, s1, -1              # the root itself
        li      t0, '/'
        sb      t0, 0(s1)
1:      sub     s0, a2, s1
        lw      t0, C_SIZE(sp)
        li      a0, -ERANGE
        bltu    t0, s0, .Lerror
        lw      a0, C_TO(sp)
        mv      a1, s1
        mv      a2, s0
        call    copyout
        bltz    a0, .Lerror
        mv      a0, s0
.Lerror:
        return
.Lgone: li      a0, -ENOENT
        return
.Ltoo_long:
        li      a0, -ENAMETOOLONG
        return
endp
