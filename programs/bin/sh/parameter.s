# parameter.s: what follows a "$" -> the text that it stands for.

.include "common.inc"
.include "sh.inc"

.equ NUMBER_BYTES, 16

.text

# parameter(text) -> its value, 0 if it has none; text: what follows the "$".
# after_parameter receives the address behind it: text itself if there is no
# parameter here at all. $@ and $* have no value here: expand() lists them.
# s0 = the text, s1 = length of a name.
proc parameter, args=1, frame=16
        mv      s0, a0
        la      t0, after_parameter
        addi    t1, s0, 1               # most are one sign
        sw      t1, 0(t0)
        lbu     t0, 0(s0)
        la      t1, last_status
        li      a0, '?'
        beq     t0, a0, number
        la      t1, last_background
        li      a0, '!'
        beq     t0, a0, number
        la      t1, positional_count
        li      a0, '#'
        beq     t0, a0, number
        li      a0, '$'
        beq     t0, a0, own_pid
        li      a0, '@'
        beq     t0, a0, none
        li      a0, '*'
        beq     t0, a0, none
        addi    a0, t0, -'0'
        sltiu   t1, a0, 10
        bnez    t1, argument
        li      a0, '{'
        beq     t0, a0, braces

        mv      a0, s0                  # $NAME
        call    name_length
        mv      s1, a0
        la      t0, after_parameter
        add     t1, s0, s1
        sw      t1, 0(t0)
value:  mv      a0, s0                  # of the name at s0
        mv      a1, s1
        call    variable_find
        beqz    a0, none
        lw      t0, V_TEXT(a0)
        add     a0, t0, s1
        addi    a0, a0, 1               # behind "NAME="
        return

braces: addi    a0, s0, 1               # ${...}: what could stand without braces too
        call    parameter
        la      t0, after_parameter
        lw      t1, 0(t0)
        lbu     a1, 0(t1)
        li      a2, '}'
        bne     a1, a2, 1f
        addi    t1, t1, 1
        sw      t1, 0(t0)
        return
1:      sw      s0, 0(t0)               # no closing brace: no parameter
none:   li      a0, 0
        return

argument:
        call    positional
        return

own_pid:
        call    getpid
        mv      a2, a0
        j       decimal
number: lw      a2, 0(t1)
decimal:
        sw      a2, 0(sp)
        la      a0, number_text
        li      a1, NUMBER_BYTES
        la      a2, decimal_format
        mv      a3, sp
        call    vsnprintf
        la      a0, number_text
        return
endp

# positional(number) -> the shell's argument of that number, $0 its name; 0 if
# there are not so many. A leaf.
.globl positional
positional:
        la      t0, positional_count
        lw      t1, 0(t0)
        bgtu    a0, t1, 1f
        la      t0, positional_list
        lw      t1, 0(t0)
        slli    a0, a0, 2
        add     t1, t1, a0
        lw      a0, 0(t1)
        ret
1:      li      a0, 0
        ret

.section .rodata
decimal_format: .asciz "%d"

.bss
.globl after_parameter, positional_count, positional_list
.balign 4
after_parameter: .space 4
positional_count: .space 4              # $#
positional_list: .space 4               # address of the word of $0; $1 follows
number_text:    .space NUMBER_BYTES
