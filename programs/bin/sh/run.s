# run.s: command lines, one after the other; within a line the commands between
# ; & && and ||.

.include "common.inc"
.include "sh.inc"

.text

# run_text(text) -> SPLIT_DONE when all of it has run, SPLIT_INCOMPLETE when its
# last line goes on (split_pending is where it begins), SPLIT_WRONG after a
# syntax error, which ends the run. Called by main with a script or a line.
# s0 = what is still to be run.
proc run_text, args=1
        mv      s0, a0
1:      lbu     t0, 0(s0)
        beqz    t0, 2f
        la      t0, line_number
        lw      t1, 0(t0)
        la      t0, command_line
        sw      t1, 0(t0)
        mv      a0, s0
        call    split
        bnez    a0, 3f
        call    run_line
        la      t0, split_rest
        lw      s0, 0(t0)
        j       1b
2:      li      a0, SPLIT_DONE
        return
3:      la      t0, split_pending
        sw      s0, 0(t0)
        li      t0, SPLIT_WRONG
        bne     a0, t0, 4f
        li      t0, USAGE
        la      t1, last_status
        sw      t0, 0(t1)
4:      return
endp

# run_line(): runs the commands in `tokens`.
# s0 = first token of a list (commands joined by && and ||), s1 = its end.
proc run_line
        la      s0, tokens
1:      lw      t0, T_KIND(s0)
        beqz    t0, 5f                  # END
        mv      s1, s0
2:      lw      t0, T_KIND(s1)
        beqz    t0, 3f
        li      t1, SEMI
        bgeu    t0, t1, 3f              # ; or &
        addi    s1, s1, T_SIZE
        j       2b
3:      mv      a0, s0
        mv      a1, s1
        li      t1, AMP
        beq     t0, t1, 4f
        call    run_list
        mv      s0, s1
        lw      t0, T_KIND(s0)
        beqz    t0, 5f
        addi    s0, s1, T_SIZE
        j       1b
4:      call    run_background
        addi    s0, s1, T_SIZE
        j       1b
5:      return
endp

# run_list(first, end): runs commands joined by && and ||, each if the status of
# what ran before it allows; last_status is the status of the last that ran.
# s0 = first token of a command, s1 = end of the list.
proc run_list, args=2
        mv      s0, a0
        mv      s1, a1
1:      mv      a0, s0
        mv      a1, s1
        call    command_end
        mv      a1, a0
        mv      a0, s0
        mv      s0, a1
        li      a2, 0
        call    run_command
2:      beq     s0, s1, 4f              # s0 is at && or ||, or at the end
        la      t0, last_status
        lw      t1, 0(t0)
        lw      t0, T_KIND(s0)
        addi    s0, s0, T_SIZE
        li      a0, AND
        beq     t0, a0, 3f
        bnez    t1, 1b                  # || wants a failure
        j       5f
3:      beqz    t1, 1b                  # && wants success
5:      mv      a0, s0                  # neither: step over this command
        mv      a1, s1
        call    command_end
        mv      s0, a0
        j       2b
4:      return
endp

# command_end(first, end) -> the token behind the words from first on. A leaf.
command_end:
        li      t1, WORD
1:      beq     a0, a1, 2f
        lw      t0, T_KIND(a0)
        bne     t0, t1, 2f
        addi    a0, a0, T_SIZE
        j       1b
2:      ret

# run_background(first, end): runs a list in a child and does not wait for it
proc run_background, args=2
        mv      s0, a0
        mv      s1, a1
        call    fork
        bltz    a0, no_fork
        beqz    a0, child
        mv      s0, a0
        la      t0, last_background
        sw      s0, 0(t0)
        call    job_add
        la      t0, last_status
        sw      zero, 0(t0)
        la      t0, interactive
        lw      t0, 0(t0)
        beqz    t0, 1f
        la      a0, job_started
        mv      a1, s0
        call    eprintf
1:      return

child:  la      t0, interactive
        sw      zero, 0(t0)
        call    jobs_forget
        mv      a0, s0
        mv      a1, s1
        call    command_end
        bne     a0, s1, 2f
        mv      a1, s1                  # one command: become it, without another fork
        mv      a0, s0
        li      a2, 1
        call    run_command
        j       3f
2:      mv      a0, s0
        mv      a1, s1
        call    run_list
3:      la      t0, last_status
        lw      a0, 0(t0)
        call    exit

no_fork:
        call    complain_fork
        return
endp

.section .rodata
job_started:    .asciz "[%d]\n"

.bss
.globl split_pending, command_line, last_status, last_background
.balign 4
split_pending:  .space 4
command_line:   .space 4                # number of the line that is running
last_status:    .space 4                # $?
last_background: .space 4               # $!
