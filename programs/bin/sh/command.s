# command.s: one command: a builtin, or a program in a child process.

.include "common.inc"
.include "errno.inc"
.include "wait.inc"
.include "sh.inc"

# What run_command() keeps in its frame.
.equ C_HERE,   0
.equ C_SETS,   4                # how many NAME=value words stand before the command
.equ C_STATUS, 8
.equ C_SIZE,   16

.text

# run_command(first, end, here): runs the words from the token first up to end;
# last_status receives the status. here: not 0 if this process may become the
# program, because nothing else is to be done in it.
# s0 = next token or word of fields, s1 = end.
proc run_command, args=3, frame=C_SIZE
        mv      s0, a0
        mv      s1, a1
        sw      a2, C_HERE(sp)
        sw      zero, C_SETS(sp)
        call    fields_reset

settings:                               # NAME=value words come first
        beq     s0, s1, expanded
        lw      a0, T_START(s0)
        call    name_length
        beqz    a0, words
        lw      t0, T_START(s0)
        add     t0, t0, a0
        lbu     t0, 0(t0)
        li      t1, '='
        bne     t0, t1, words
        lw      a0, T_START(s0)
        lw      a1, T_END(s0)
        li      a2, 0
        call    expand
        lw      t0, C_SETS(sp)
        addi    t0, t0, 1
        sw      t0, C_SETS(sp)
        addi    s0, s0, T_SIZE
        j       settings

words:  beq     s0, s1, expanded
        lw      a0, T_START(s0)
        lw      a1, T_END(s0)
        li      a2, 1
        call    expand
        addi    s0, s0, T_SIZE
        j       words

expanded:
        la      t0, fields_overflow
        lw      t0, 0(t0)
        bnez    t0, too_long
        la      s0, fields              # s0 = the command's words
        lw      t0, C_SETS(sp)
        slli    t0, t0, 2
        add     s0, s0, t0
        lw      a0, 0(s0)
        beqz    a0, only_settings
        call    builtin_find
        bnez    a0, builtin
        lw      t0, C_HERE(sp)
        bnez    t0, program
        call    fork
        bltz    a0, no_fork
        beqz    a0, program
        mv      s0, a0
        addi    a1, sp, C_STATUS
        call    wait_for
        lw      a0, C_STATUS(sp)
        call    status_of
        j       done

program:                                # in the child
        li      a0, 1
        lw      a1, C_SETS(sp)
        call    settings_apply
        mv      a0, s0
        call    become
        call    exit                    # could not: this child must not go on as a shell

builtin:
        mv      s1, a0
        li      a0, 0
        lw      a1, C_SETS(sp)
        call    settings_apply
        mv      a0, s0
        jalr    s1
        j       done

only_settings:
        li      a0, 0
        lw      a1, C_SETS(sp)
        call    settings_apply
        li      a0, 0
        j       done

too_long:
        la      a0, command_too_long
        call    complain
        li      a0, USAGE
        j       done
no_fork:
        call    complain_fork
        j       stop
done:   la      t0, last_status
        sw      a0, 0(t0)
stop:   return
endp

# settings_apply(export, count): the first count of `fields` become variables,
# exported ones if export is not 0
proc settings_apply, args=2, frame=16
        sw      a0, 0(sp)
        mv      s1, a1
        la      s0, fields
1:      beqz    s1, 3f
        lw      a0, 0(s0)
        call    variable_assign
        lw      t0, 0(sp)
        beqz    t0, 2f
        call    variable_export
2:      addi    s0, s0, 4
        addi    s1, s1, -1
        j       1b
3:      return
endp

# become(words) -> exit status if it fails: replaces this process by the program
# that the words name. Called in a child, and by the builtin exec.
proc become, args=1
        mv      s0, a0
        call    environment_make
        la      t0, environ
        sw      a0, 0(t0)
        lw      a0, 0(s0)
        mv      a1, s0
        call    execvp
        la      t0, errno
        lw      s1, 0(t0)
        li      t0, ENOENT
        bne     s1, t0, 1f
        lw      a0, 0(s0)
        li      a1, '/'
        call    strchr
        bnez    a0, 1f
        la      a0, not_found
        lw      a1, 0(s0)
        call    complain
        li      a0, NOT_FOUND
        return
1:      mv      a0, s1
        call    strerror
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, cannot_run
        call    complain
        li      a0, NOT_FOUND
        li      t0, ENOENT
        beq     s1, t0, 2f
        li      a0, NOT_EXECUTABLE
2:      return
endp

# wait_for(pid, status): waits for this child alone
proc wait_for, args=2
        mv      s0, a0
        mv      s1, a1
1:      mv      a0, s0
        mv      a1, s1
        li      a2, 0
        call    waitpid
        bgez    a0, 2f
        la      t0, errno
        lw      t0, 0(t0)
        li      t1, EINTR
        beq     t0, t1, 1b
        li      t0, NOT_FOUND << STATUS_CODE_SHIFT
        sw      t0, 0(s1)
2:      return
endp

# status_of(wait status) -> status as $? shows it; says so if a signal ended it
proc status_of, args=1
        mv      s0, a0
        andi    s1, s0, STATUS_SIGNAL_MASK
        beqz    s1, 1f
        mv      a0, s1
        call    strsignal
        mv      a1, a0
        la      a0, line
        call    eprintf
        addi    a0, s1, BY_SIGNAL
        return
1:      srli    a0, s0, STATUS_CODE_SHIFT
        andi    a0, a0, STATUS_CODE_MASK
        return
endp

# complain_fork(): says why fork failed; last_status becomes 1
proc complain_fork
        la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a1, a0
        la      a0, cannot_fork
        call    complain
        li      t0, 1
        la      t1, last_status
        sw      t0, 0(t1)
        return
endp

.section .rodata
line:           .asciz "%s\n"
not_found:      .asciz "%s: command not found\n"
cannot_run:     .asciz "%s: %s\n"
cannot_fork:    .asciz "cannot make a process: %s\n"
command_too_long: .asciz "the command is too long\n"
