# sh: the shell.
#
#       sh                      reads command lines from the console
#       sh FILE [WORD]...       runs the lines of FILE
#       sh -c TEXT [NAME [WORD]...]     runs TEXT
#
# How a command comes to run, and in which order to read:
#       main.s    where the lines come from
#       split.s   a line -> words and signs
#       run.s     ; & && ||
#       command.s one command: fork, exec, wait
#       expand.s  quotes and $NAME (parameter.s, variables.s)
#       jobs.s    commands in the background
#       builtins.s

.include "common.inc"
.include "fcntl.inc"
.include "sh.inc"

.equ LINE_BYTES,    4096        # longest command typed at the console
.equ MESSAGE_BYTES, 256
.equ READ_BYTES,    2048        # a script is read in pieces of this size

.text

# s0 = argc, s1 = argv
proc main, args=3
        mv      s0, a0
        mv      s1, a1
        mv      a0, a2
        call    variables_import
        la      t0, line_number
        li      t1, 1
        sw      t1, 0(t0)
        mv      a0, s0
        mv      a1, s1
        call    positional_from
        li      t0, 2
        blt     s0, t0, console
        lw      a0, 4(s1)
        la      a1, dash_c
        call    strcmp
        bnez    a0, script

        li      t0, 3                   # sh -c TEXT
        blt     s0, t0, no_text
        lw      s1, 8(s1)
        li      t0, 4
        blt     s0, t0, 1f              # without NAME, $0 stays "sh"
        addi    a0, s0, -3
        la      t0, positional_list
        lw      a1, 0(t0)
        addi    a1, a1, 12
        call    positional_from
        j       2f
1:      la      t0, positional_count
        sw      zero, 0(t0)
2:      mv      a0, s1
        j       run

script: addi    a0, s0, -1
        addi    a1, s1, 4
        call    positional_from
        lw      a0, 4(s1)
        la      t0, script_name
        sw      a0, 0(t0)
        call    script_read
        bltz    a0, no_file
run:    call    run_text
        li      t0, SPLIT_INCOMPLETE
        bne     a0, t0, last
        la      a0, unfinished
        call    complain
        li      a0, USAGE
        return

console:
        la      t0, interactive
        li      t1, 1
        sw      t1, 0(t0)
        call    run_console
last:   la      t0, last_status
        lw      a0, 0(t0)
        return

no_text:
        la      a0, usage
        call    eprintf
        li      a0, USAGE
        return
no_file:
        la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        lw      a1, 4(s1)
        la      a0, cannot_read
        call    eprintf
        li      a0, NOT_FOUND
        return
endp

# positional_from(count, words): $0 is the first word, $1 the second, ... A leaf.
positional_from:
        la      t0, positional_count
        addi    a0, a0, -1
        sw      a0, 0(t0)
        la      t0, positional_list
        sw      a1, 0(t0)
        ret

# run_console(): prompts, reads and runs lines until the end of the input
# s0 = where the next bytes go in `line`.
proc run_console
        la      s0, line
1:      li      a0, 0
        la      t0, line
        la      s1, prompt
        beq     s0, t0, 2f
        la      s1, prompt_more
        j       3f
2:      li      a0, 1                   # WNOHANG
        call    jobs_collect
3:      mv      a0, s1
        call    printf
        li      a0, 0
        mv      a1, s0
        la      a2, line_end-1
        sub     a2, a2, s0
        blez    a2, 6f
        call    read
        bltz    a0, 7f
        beqz    a0, 5f
        add     s0, s0, a0
        sb      zero, 0(s0)
        la      a0, line
        call    run_text
        li      t0, SPLIT_INCOMPLETE
        beq     a0, t0, 4f
        la      s0, line
        j       1b

4:      la      t0, split_pending       # keep what is not complete
        lw      a1, 0(t0)
        sub     s0, s0, a1
        la      a0, line
        mv      a2, s0
        addi    a2, a2, 1
        call    memmove
        add     s0, s0, a0
        j       1b

5:      la      t0, line                # the end of the input
        beq     s0, t0, 8f
        la      a0, unfinished
        call    complain
        la      s0, line
        j       1b
6:      la      a0, line_too_long
        call    complain
        la      s0, line
        j       1b
7:      la      a0, shell_name
        call    perror
8:      la      a0, newline
        call    printf
        return
endp

# script_read(path) -> address of the file's text, NUL-terminated, or -1
# s0 = descriptor, s1 = bytes read so far.
proc script_read, args=1, frame=16
        li      a1, O_RDONLY
        call    open
        bltz    a0, 4f
        mv      s0, a0
        li      s1, 0
        sw      zero, 0(sp)             # the text
1:      lw      a0, 0(sp)
        addi    a1, s1, READ_BYTES-8    # -8: malloc's blocks fill pages then
        call    realloc
        beqz    a0, 3f
        sw      a0, 0(sp)
        add     a1, a0, s1
        mv      a0, s0
        li      a2, READ_BYTES-9        # keeps a byte for the NUL
        call    read
        bltz    a0, 3f
        beqz    a0, 2f
        add     s1, s1, a0
        j       1b
2:      mv      a0, s0
        call    close
        lw      a0, 0(sp)
        add     t0, a0, s1
        sb      zero, 0(t0)
        return
3:      mv      a0, s0
        call    close
4:      li      a0, -1
        return
endp

# complain(fmt, a, b): a message to standard error, with the place in the script
proc complain, args=3, frame=16+MESSAGE_BYTES
        sw      a1, 0(sp)
        sw      a2, 4(sp)
        mv      a2, a0
        addi    a0, sp, 16
        li      a1, MESSAGE_BYTES
        mv      a3, sp
        call    vsnprintf
        la      t0, script_name
        lw      a1, 0(t0)
        beqz    a1, 1f
        la      t0, command_line
        lw      a2, 0(t0)
        addi    a3, sp, 16
        la      a0, in_script
        call    eprintf
        return
1:      la      a0, in_shell
        addi    a1, sp, 16
        call    eprintf
        return
endp

.section .rodata
dash_c:         .asciz "-c"
prompt:         .asciz "$ "
prompt_more:    .asciz "> "
newline:        .asciz "\n"
shell_name:     .asciz "sh"
in_shell:       .asciz "sh: %s"
in_script:      .asciz "sh: %s: line %d: %s"
cannot_read:    .asciz "sh: %s: %s\n"
unfinished:     .asciz "the text ends in the middle of a command: a quote is open, or && or || stands last\n"
line_too_long:  .asciz "the line is too long\n"
usage:          .asciz "usage: sh [FILE [WORD]...] or sh -c TEXT [NAME [WORD]...]\n"

.bss
.globl interactive
.balign 4
interactive:    .space 4                # not 0: lines come from the console
script_name:    .space 4                # 0: not a script
line:           .space LINE_BYTES
line_end:
