# exec.s: the exec family. All of it ends in execve().
#
#       v: the arguments are a list in memory     l: they are the call's arguments
#       p: the file is looked for in PATH         e: the environment is given
#
# The "l" forms (arch/MODE/variadic.s) end their list with a 0.
# None of them returns, unless with -1 and errno set.

.include "common.inc"
.include "errno.inc"

.equ PATH_MAX_BYTES, 256        # longest path that the search tries

.text

# execv(path, argv)
proc execv, args=2
        la      t0, environ
        lw      a2, 0(t0)
        call    execve
        return
endp

# execvp(file, argv)
proc execvp, args=2
        la      t0, environ
        lw      a2, 0(t0)
        call    execvpe
        return
endp

# execvpe(file, argv, envp): a file with a "/" in its name is taken as it is.
# Any other is tried in each folder of PATH, until one try fails for another
# reason than that the file is not there.
.equ E_FILE, 0
.equ E_ARGV, 4
.equ E_ENVP, 8
.equ E_ERROR, 12                # what to report when the folders are exhausted
.equ E_PATH, 16
.equ E_SIZE, E_PATH+PATH_MAX_BYTES

# s0 = rest of PATH, s1 = end of the path under construction.
proc execvpe, args=3, frame=E_SIZE
        sw      a0, E_FILE(sp)
        sw      a1, E_ARGV(sp)
        sw      a2, E_ENVP(sp)
        li      t0, ENOENT
        sw      t0, E_ERROR(sp)
        lbu     t0, 0(a0)
        beqz    t0, failed              # the empty name is never found
        li      a1, '/'
        call    strchr
        beqz    a0, search
        lw      a0, E_FILE(sp)
        lw      a1, E_ARGV(sp)
        lw      a2, E_ENVP(sp)
        call    execve
        return

search: la      a0, path_name
        call    getenv
        mv      s0, a0
        bnez    s0, folder
        la      s0, default_path

folder: addi    s1, sp, E_PATH          # copy one folder's name, up to ":" or the end
1:      lbu     t0, 0(s0)
        beqz    t0, 2f
        li      t1, ':'
        beq     t0, t1, 2f
        addi    t1, sp, E_PATH+PATH_MAX_BYTES-2
        bgeu    s1, t1, too_long
        sb      t0, 0(s1)
        addi    s1, s1, 1
        addi    s0, s0, 1
        j       1b
2:      addi    t0, sp, E_PATH
        beq     s1, t0, 3f              # an empty folder is the current one
        li      t0, '/'
        sb      t0, 0(s1)
        addi    s1, s1, 1
3:      mv      a0, s1
        lw      a1, E_FILE(sp)
        addi    a2, sp, E_PATH+PATH_MAX_BYTES
        sub     a2, a2, s1
        mv      s1, a2
        call    strlcpy
        bgeu    a0, s1, too_long
        addi    a0, sp, E_PATH
        lw      a1, E_ARGV(sp)
        lw      a2, E_ENVP(sp)
        call    execve
        la      t0, errno
        lw      t0, 0(t0)
        li      t1, ENOENT
        beq     t0, t1, next
        li      t1, ENOTDIR
        beq     t0, t1, next
        sw      t0, E_ERROR(sp)         # there it was: this failure is the one to report
        li      t1, EACCES
        bne     t0, t1, failed          # but another folder may hold one that may be run

next:   lbu     t0, 0(s0)
        addi    s0, s0, 1
        bnez    t0, folder
        j       failed
too_long:
        li      t0, ENAMETOOLONG
        sw      t0, E_ERROR(sp)
failed: lw      t0, E_ERROR(sp)
        la      t1, errno
        sw      t0, 0(t1)
        li      a0, -1
        return
endp

.section .rodata
path_name:      .asciz "PATH"
default_path:   .asciz "/bin"
