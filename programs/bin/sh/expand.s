# expand.s: the text of a word, as typed -> the arguments that it means.
#
# 'x' stands for x as it is; "x" replaces $NAME in x; \x takes the sign x as it
# is. $NAME without quotes is split at blanks. Parameters: $NAME ${NAME} $? (how
# the last command ended) $$ (the shell's pid) $! (pid of the last background
# command) $# $1 $2 ... $* $@ (the shell's arguments).

.include "common.inc"
.include "sh.inc"

.equ FIELD_BYTES, 16384         # all arguments of one command
.equ FIELDS_MAX,  256

# What expand() keeps in its frame.
.equ X_QUOTE, 0                 # '"' while between double quotes, else 0
.equ X_ALL,   4                 # $@ or $*: the sign, else 0
.equ X_INDEX, 8                 # and which argument comes next
.equ X_SIZE,  16

.text

# fields_reset(): empties the list `fields`. A leaf. Called by run_command.
.globl fields_reset
fields_reset:
        la      t0, field_count
        sw      zero, 0(t0)
        la      t0, fields
        sw      zero, 0(t0)
        la      t0, field_text
        la      t1, field_next
        sw      t0, 0(t1)
        la      t1, field_start
        sw      zero, 0(t1)
        la      t1, fields_overflow
        sw      zero, 0(t1)
        ret

# expand(start, end, split): appends the fields that the word means to `fields`;
# split: 0 keeps all in one field (assignments). Called by run_command.
# s0 = next byte of the word, s1 = its end.
proc expand, args=3, frame=X_SIZE
        mv      s0, a0
        mv      s1, a1
        la      t0, field_splitting
        sw      a2, 0(t0)
        sw      zero, X_QUOTE(sp)

next:   bgeu    s0, s1, finish
        lbu     a0, 0(s0)
        addi    s0, s0, 1
        li      t0, '\\'
        beq     a0, t0, backslash
        li      t0, '"'
        beq     a0, t0, double_quote
        li      t0, '$'
        beq     a0, t0, dollar
        lw      t0, X_QUOTE(sp)
        bnez    t0, plain
        li      t0, '\''
        beq     a0, t0, single_quote
plain:  call    field_byte
        j       next

single_quote:
        call    field_open
1:      lbu     a0, 0(s0)
        addi    s0, s0, 1
        li      t0, '\''
        beq     a0, t0, next
        call    field_byte
        j       1b

double_quote:
        lw      t0, X_QUOTE(sp)
        xori    t0, t0, '"'
        sw      t0, X_QUOTE(sp)
        beqz    t0, 6f                  # the closing one
        li      a0, 1
        call    positional
        bnez    a0, 6f
        mv      a0, s0                  # "$@" without arguments is no field at all
        la      a1, all_quoted
        li      a2, 3
        call    strncmp
        beqz    a0, 7f
6:      call    field_open
        j       next
7:      addi    s0, s0, 3
        sw      zero, X_QUOTE(sp)
        j       next

backslash:
        lbu     a0, 0(s0)
        li      t0, '\n'
        beq     a0, t0, 3f              # joins two lines
        lw      t0, X_QUOTE(sp)
        beqz    t0, 2f
        la      t0, escapable           # in double quotes it escapes only these
1:      lbu     t1, 0(t0)
        addi    t0, t0, 1
        beq     t1, a0, 2f
        bnez    t1, 1b
        li      a0, '\\'
        j       plain
2:      addi    s0, s0, 1
        j       plain
3:      addi    s0, s0, 1
        j       next

dollar: mv      a0, s0
        call    parameter               # a0 = value or 0; after_parameter
        la      t0, after_parameter
        lw      t1, 0(t0)
        beq     t1, s0, lone_dollar
        lbu     t0, 0(s0)
        mv      s0, t1
        li      t1, '@'
        beq     t0, t1, all
        li      t1, '*'
        beq     t0, t1, all
        beqz    a0, next
        lw      a1, X_QUOTE(sp)
        call    field_value
        j       next
lone_dollar:
        li      a0, '$'
        j       plain

all:    sw      t0, X_ALL(sp)
        li      t0, 1
        sw      t0, X_INDEX(sp)
4:      lw      a0, X_INDEX(sp)
        call    positional
        beqz    a0, next
        lw      a1, X_QUOTE(sp)
        call    field_value
        lw      a0, X_INDEX(sp)
        addi    a0, a0, 1
        sw      a0, X_INDEX(sp)
        call    positional
        beqz    a0, next
        la      t0, field_splitting     # what stands between two arguments
        lw      t0, 0(t0)
        beqz    t0, 8f
        lw      t0, X_QUOTE(sp)
        beqz    t0, 5f
        lw      t0, X_ALL(sp)
        li      t1, '@'
        beq     t0, t1, 5f
8:      li      a0, ' '
        call    field_byte
        j       4b
5:      call    field_close
        lw      t0, X_QUOTE(sp)
        beqz    t0, 4b
        call    field_open              # "$@" keeps empty arguments
        j       4b

finish: call    field_close
        return
endp

# field_value(text, quoted): appends a parameter's value; unless quoted, blanks
# in it end the field.
proc field_value, args=2
        mv      s0, a0
        mv      s1, a1
        la      t0, field_splitting
        lw      t0, 0(t0)
        bnez    t0, 1f
        li      s1, 1
1:      lbu     a0, 0(s0)
        beqz    a0, 4f
        addi    s0, s0, 1
        bnez    s1, 2f
        li      t0, ' '
        beq     a0, t0, 3f
        li      t0, '\t'
        beq     a0, t0, 3f
        li      t0, '\n'
        beq     a0, t0, 3f
2:      call    field_byte
        j       1b
3:      call    field_close
        j       1b
4:      return
endp

# field_open(): begins a field, if none is begun, so that '' is one too. A leaf.
field_open:
        la      t0, field_start
        lw      t1, 0(t0)
        bnez    t1, 1f
        la      t1, field_next
        lw      t1, 0(t1)
        sw      t1, 0(t0)
1:      ret

# field_byte(byte): appends one byte to the field, which it begins if need be
proc field_byte, args=1
        mv      s0, a0
        call    field_open
        la      t0, field_next
        lw      t1, 0(t0)
        la      a0, field_text_end-1    # the NUL's place
        bgeu    t1, a0, 1f
        sb      s0, 0(t1)
        addi    t1, t1, 1
        sw      t1, 0(t0)
        return
1:      la      t0, fields_overflow
        sw      s0, 0(t0)
        return
endp

# field_close(): ends the field, if one is begun, and enters it into the list. A leaf.
field_close:
        la      t0, field_start
        lw      a0, 0(t0)
        beqz    a0, 2f
        sw      zero, 0(t0)
        la      t0, field_next
        lw      t1, 0(t0)
        la      a1, field_text_end
        bgeu    t1, a1, 1f
        sb      zero, 0(t1)
        addi    t1, t1, 1
        sw      t1, 0(t0)
        la      t0, field_count
        lw      t1, 0(t0)
        li      a1, FIELDS_MAX
        bgeu    t1, a1, 1f
        addi    a1, t1, 1
        sw      a1, 0(t0)
        slli    t1, t1, 2
        la      t0, fields
        add     t0, t0, t1
        sw      a0, 0(t0)
        sw      zero, 4(t0)
        ret
1:      la      t0, fields_overflow
        sw      a0, 0(t0)
2:      ret

.section .rodata
all_quoted:     .asciz "$@\""
escapable:      .asciz "$`\"\\"

.bss
.globl fields, field_count, fields_overflow
.balign 4
field_count:    .space 4
fields:         .space 4*(FIELDS_MAX+1) # addresses of the fields, then a 0
field_next:     .space 4                # next free byte of field_text
field_start:    .space 4                # where the field begun begins, or 0
field_splitting: .space 4
fields_overflow: .space 4               # not 0: the command is too long
field_text:     .space FIELD_BYTES
field_text_end:
