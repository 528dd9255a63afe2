# builtins.s: the commands that the shell runs itself, because they change it.
#
# Each takes the address of its words, a list that ends with a 0 and begins with
# its own name, and gives its status.

.include "common.inc"
.include "wait.inc"
.include "sh.inc"

.text

# builtin_find(name) -> the procedure or 0
proc builtin_find, args=1
        mv      s0, a0
        la      s1, builtins
1:      lw      a0, 0(s1)
        beqz    a0, 2f
        mv      a1, s0
        call    strcmp
        beqz    a0, 3f
        addi    s1, s1, 8
        j       1b
2:      return
3:      lw      a0, 4(s1)
        return
endp

# ":" : does nothing
do_nothing:
        li      a0, 0
        ret

# cd [FOLDER]: the current folder; without FOLDER that of HOME
proc do_cd, args=1
        lw      s0, 4(a0)
        bnez    s0, 1f
        la      a0, home
        li      a1, 4
        call    variable_find
        beqz    a0, 2f
        lw      s0, V_TEXT(a0)
        addi    s0, s0, 5               # behind "HOME="
1:      mv      a0, s0
        call    chdir
        bltz    a0, 3f
        return
2:      la      a0, no_home
        call    complain
        li      a0, 1
        return
3:      la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        mv      a1, s0
        la      a0, cannot_cd
        call    complain
        li      a0, 1
        return
endp

# exit [STATUS]: ends the shell; without STATUS with that of the last command
proc do_exit, args=1
        lw      a0, 4(a0)
        bnez    a0, 1f
        la      t0, last_status
        lw      a0, 0(t0)
        j       2f
1:      la      a1, do_exit_name
        call    number_or_complain
        bltz    a0, 3f
2:      andi    a0, a0, STATUS_CODE_MASK
        call    exit
3:      li      a0, USAGE
        return
endp

# wait [PID]...: waits for children; without PID for all of them
proc do_wait, args=1
        mv      s0, a0
        li      s1, 0
        lw      t0, 4(s0)
        bnez    t0, 1f
        li      a0, 0
        call    jobs_collect
        call    jobs_forget
        li      a0, 0
        return
1:      addi    s0, s0, 4
        lw      a0, 0(s0)
        beqz    a0, 2f
        la      a1, do_wait_name
        call    number_or_complain
        li      s1, USAGE
        bltz    a0, 2f
        call    job_wait
        mv      s1, a0
        j       1b
2:      mv      a0, s1
        return
endp

# export [NAME[=VALUE]]...: commands shall find NAME in their environment
proc do_export, args=1
        addi    s0, a0, 4
        lw      t0, 0(s0)
        bnez    t0, 1f
        call    variables_show
        li      a0, 0
        return
1:      lw      s1, 0(s0)
        beqz    s1, 4f
        addi    s0, s0, 4
        mv      a0, s1
        call    name_length
        beqz    a0, 5f
        mv      a1, a0
        add     t0, s1, a0
        lbu     t0, 0(t0)
        li      t1, '='
        beq     t0, t1, 2f
        bnez    t0, 5f
        mv      a0, s1
        call    variable_find
        bnez    a0, 3f
2:      mv      a0, s1
        call    variable_assign
3:      call    variable_export
        j       1b
4:      li      a0, 0
        return
5:      la      a0, not_a_name
        mv      a1, s1
        call    complain
        li      a0, USAGE
        return
endp

# unset NAME...: forgets variables
proc do_unset, args=1
        mv      s0, a0
1:      addi    s0, s0, 4
        lw      s1, 0(s0)
        beqz    s1, 2f
        mv      a0, s1
        call    strlen
        mv      a1, a0
        mv      a0, s1
        call    variable_unset
        j       1b
2:      li      a0, 0
        return
endp

# set [-- WORD...]: shows all variables, or makes the words $1, $2, ...
proc do_set, args=1
        mv      s0, a0
        lw      a0, 4(s0)
        bnez    a0, 1f
        call    variables_show
        li      a0, 0
        return
1:      la      a1, end_of_options
        call    strcmp
        bnez    a0, 4f
        addi    a0, s0, 4
        call    positional_set
        li      a0, 0
        return
4:      la      a0, set_usage
        call    complain
        li      a0, USAGE
        return
endp

# positional_set(words): all but the first become $1, $2, ...; $0 stays. The
# words are copied, as they do not outlive the command. (What they replace is
# not freed: some of it is the shell's own arguments, which nobody may free.)
proc positional_set, args=1, frame=16
        sw      a0, 0(sp)
        li      s1, 0
1:      addi    a0, a0, 4
        lw      t0, 0(a0)
        beqz    t0, 2f
        addi    s1, s1, 1
        j       1b
2:      slli    a0, s1, 2
        addi    a0, a0, 4
        call    malloc_or_exit
        mv      s0, a0
        la      t0, positional_list
        lw      t1, 0(t0)
        lw      t1, 0(t1)
        sw      t1, 0(s0)
        sw      s0, 0(t0)
        la      t0, positional_count
        sw      s1, 0(t0)
3:      beqz    s1, 4f
        addi    s1, s1, -1
        addi    s0, s0, 4
        lw      t0, 0(sp)
        addi    t0, t0, 4
        sw      t0, 0(sp)
        lw      a0, 0(t0)
        call    text_copy
        sw      a0, 0(s0)
        j       3b
4:      return
endp

# text_copy(text) -> address of a copy
proc text_copy, args=1
        mv      s0, a0
        call    strlen
        addi    a0, a0, 1
        call    malloc_or_exit
        mv      a1, s0
        call    strcpy
        return
endp

# exec COMMAND [WORD]...: the shell becomes the command
proc do_exec, args=1
        lw      t0, 4(a0)
        bnez    t0, 1f
        li      a0, 0
        return
1:      addi    a0, a0, 4
        call    become
        call    exit                    # a shell that could not become it ends
endp

# help: what there is
proc do_help, args=1
        la      a0, help_text
        call    printf
        li      a0, 0
        return
endp

# number_or_complain(text, who) -> the number that the whole text is, or -1
proc number_or_complain, args=2, frame=16
        mv      s0, a0
        mv      s1, a1
        mv      a1, sp
        call    strtol10
        lw      t0, 0(sp)
        beq     t0, s0, 1f
        lbu     t0, 0(t0)
        bnez    t0, 1f
        bltz    a0, 1f
        return
1:      la      a0, not_a_number
        mv      a1, s1
        mv      a2, s0
        call    complain
        li      a0, -1
        return
endp

.section .rodata
.balign 4
builtins:
        .word   do_nothing_name, do_nothing
        .word   do_cd_name, do_cd
        .word   do_exit_name, do_exit
        .word   do_wait_name, do_wait
        .word   do_export_name, do_export
        .word   do_unset_name, do_unset
        .word   do_set_name, do_set
        .word   do_exec_name, do_exec
        .word   do_help_name, do_help
        .word   0
do_nothing_name: .asciz ":"
do_cd_name:     .asciz "cd"
do_exit_name:   .asciz "exit"
do_wait_name:   .asciz "wait"
do_export_name: .asciz "export"
do_unset_name:  .asciz "unset"
do_set_name:    .asciz "set"
do_exec_name:   .asciz "exec"
do_help_name:   .asciz "help"
home:           .asciz "HOME"
end_of_options: .asciz "--"
no_home:        .asciz "cd: HOME is not set\n"
cannot_cd:      .asciz "cd: %s: %s\n"
not_a_name:     .asciz "export: '%s' is not a valid name\n"
not_a_number:   .asciz "%s: '%s' is not a number\n"
set_usage:      .asciz "set: usage: set [-- WORD...]\n"
help_text:
        .ascii  "A command is NAME [WORD]...; the program NAME is looked for in PATH.\n"
        .ascii  "A ; B  first A, then B      A && B  B if A succeeds\n"
        .ascii  "A &    A in the background  A || B  B if A fails      # comment\n"
        .ascii  "'x' as it is   \"x\" with $NAME replaced   \\x the sign x itself\n"
        .ascii  "$? last status  $$ own pid  $! last background pid  $1 $# $@ arguments\n"
        .asciz  "Builtins: : cd exec exit export help set unset wait\n"
