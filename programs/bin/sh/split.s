# split.s: the text of a command line -> a list of tokens.
#
# A word's token points at its text as it was typed, quotes and all, because
# $NAME must be replaced when the command runs, not before (see expand.s).

.include "common.inc"
.include "sh.inc"

.text

# split(text) -> SPLIT_DONE, SPLIT_INCOMPLETE or SPLIT_WRONG. Takes one command
# line: up to a newline that stands neither in quotes nor behind && or ||. The
# list `tokens` receives it; `split_rest` points at what follows.
# s0 = next byte, s1 = next free token. Called by run_text.
proc split, args=1
        mv      s0, a0
        la      s1, tokens

blank:  lbu     t0, 0(s0)
        li      t1, ' '
        beq     t0, t1, 1f
        li      t1, '\t'
        beq     t0, t1, 1f
        li      t1, '\r'
        beq     t0, t1, 1f
        li      t1, '\n'
        beq     t0, t1, newline
        li      t1, '\\'
        bne     t0, t1, token
        lbu     t0, 1(s0)               # a backslash before a newline joins two lines
        li      t1, '\n'
        bne     t0, t1, token
        addi    s0, s0, 1
        call    count_line
1:      addi    s0, s0, 1
        j       blank

newline:
        call    count_line
        addi    s0, s0, 1
        mv      a0, s1
        call    last_kind
        addi    a0, a0, -AND            # behind && and || the line goes on
        li      t0, OR-AND
        bleu    a0, t0, blank
        j       finish

token:  la      t1, tokens_end-T_SIZE
        bgeu    s1, t1, too_long
        sw      s0, T_START(s1)
        lbu     t0, 0(s0)
        beqz    t0, text_end
        li      t1, '#'
        beq     t0, t1, comment
        li      a0, SEMI
        li      t1, ';'
        beq     t0, t1, sign
        li      a0, AMP
        li      t1, '&'
        beq     t0, t1, double
        li      a0, OR
        li      t1, '|'
        beq     t0, t1, double
        mv      a0, t0
        call    is_reserved
        bnez    a0, unsupported

        mv      a0, s0                  # a word
        call    skip_word
        beqz    a0, incomplete
        mv      s0, a0
        li      a0, WORD
        j       add

comment:
        addi    s0, s0, 1
        lbu     t0, 0(s0)
        beqz    t0, blank
        li      t1, '\n'
        bne     t0, t1, comment
        j       blank

double: lbu     t1, 1(s0)               # "&&" and "||" are one sign each
        bne     t1, t0, single
        addi    s0, s0, 1
        li      t1, '|'
        beq     t0, t1, sign
        li      a0, AND
        j       sign
single: li      t1, OR
        beq     a0, t1, unsupported     # a lone "|"
sign:   addi    s0, s0, 1
        sw      a0, T_KIND(s1)
        mv      a0, s1
        call    last_kind
        li      t0, WORD                # a sign follows a command, nothing else
        bne     a0, t0, unexpected
        lw      a0, T_KIND(s1)
add:    sw      a0, T_KIND(s1)
        sw      s0, T_END(s1)
        addi    s1, s1, T_SIZE
        j       blank

text_end:
        mv      a0, s1
        call    last_kind
        addi    a0, a0, -AND
        li      t0, OR-AND
        bleu    a0, t0, incomplete
finish: li      t0, END
        sw      t0, T_KIND(s1)
        la      t0, split_rest
        sw      s0, 0(t0)
        li      a0, SPLIT_DONE
        return

incomplete:
        li      a0, SPLIT_INCOMPLETE
        return

too_long:
        la      a0, line_too_long
        j       wrong
unsupported:
        la      a0, not_supported
        lbu     a1, 0(s0)
        j       wrong
unexpected:
        la      a0, syntax_error
        lw      t0, T_START(s1)
        lbu     a1, 0(t0)
wrong:  call    complain
        li      a0, SPLIT_WRONG
        return
endp

# last_kind(token) -> kind of the token before this one, END if there is none. A leaf.
last_kind:
        la      t0, tokens
        beq     a0, t0, 1f
        lw      a0, -T_SIZE+T_KIND(a0)
        ret
1:      li      a0, END
        ret

# skip_word(text) -> address of the byte behind the word that begins there, or 0
# if a quote in it is not closed.
# s0 = next byte.
proc skip_word, args=1
        mv      s0, a0
next:   lbu     a0, 0(s0)
        beqz    a0, 3f
        li      t0, '\''
        beq     a0, t0, quoted
        li      t0, '"'
        beq     a0, t0, quoted
        li      t0, '\\'
        beq     a0, t0, escaped
        call    ends_word
        bnez    a0, 3f
        addi    s0, s0, 1
        j       next

escaped:
        addi    a0, s0, 1
        call    skip_byte
        beqz    a0, 4f
        mv      s0, a0
        j       next

quoted: mv      s1, a0                  # the quote that will close it
        addi    s0, s0, 1
1:      lbu     t0, 0(s0)
        bne     t0, s1, 2f
        addi    s0, s0, 1
        j       next
2:      li      t1, '\\'
        bne     t0, t1, 5f
        li      t1, '"'
        bne     s1, t1, 5f              # within '' a backslash is a byte like others
        addi    s0, s0, 1
5:      mv      a0, s0
        call    skip_byte
        beqz    a0, 4f
        mv      s0, a0
        j       1b

3:      mv      a0, s0
        return
4:      return                          # the text ends too early: a0 is 0
endp

# skip_byte(text) -> text + 1, or 0 at the end of the text; counts lines
proc skip_byte, args=1
        mv      s0, a0
        lbu     t0, 0(s0)
        beqz    t0, 2f
        li      t1, '\n'
        bne     t0, t1, 1f
        call    count_line
1:      addi    a0, s0, 1
        return
2:      li      a0, 0
        return
endp

# count_line(): one more line has been read. A leaf.
count_line:
        la      t0, line_number
        lw      t1, 0(t0)
        addi    t1, t1, 1
        sw      t1, 0(t0)
        ret

# ends_word(byte) -> 1 if an unquoted word ends before this byte, else 0. A leaf.
ends_word:
        la      t0, word_ends
        j       search

# is_reserved(byte) -> 1 if the byte is a sign that this shell does not know yet. A leaf.
is_reserved:
        la      t0, reserved
search: lbu     t1, 0(t0)
        beqz    t1, 1f
        addi    t0, t0, 1
        bne     t1, a0, search
        li      a0, 1
        ret
1:      li      a0, 0
        ret

.section .rodata
word_ends:      .ascii " \t\r\n;&"              # runs on into the next text
reserved:       .asciz "|<>()`"
syntax_error:   .asciz "syntax error near '%c'\n"
not_supported:  .asciz "'%c' is not supported yet; quote it if you mean the sign itself\n"
line_too_long:  .asciz "too many words in one line\n"

.bss
.globl tokens, split_rest, line_number
.balign 4
tokens:         .space TOKENS_MAX*T_SIZE
tokens_end:
split_rest:     .space 4
line_number:    .space 4                # lines of the text read so far
