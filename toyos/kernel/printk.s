# printk.s: the kernel's own printf -> bytes on the console, at once.
#
# A conversion is  % [0] [width] letter  with one of the letters
#       d  signed decimal       u  unsigned decimal     x  hexadecimal
#       c  one byte             s  text (0 is shown as "(null)")
#       p  0x and 8 hexadecimal digits                  %  a per cent sign
# The width is filled on the left with blanks, or with zeros after a 0.
# The output does not wait for interrupts or processes, so it works at any moment: during boot, in a trap, in a panic.

.include "common.inc"

# The frame of printk.
.equ K_FILL,            0               # byte that fills the width
.equ K_WIDTH,           4
.equ K_TEXT,            8               # the converted argument: next byte
.equ K_LENGTH,          12              # and bytes left
.equ K_DIGITS,          16              # digits are made from the last one to the first: 10, a sign, room
.equ K_DIGITS_END,      32
.equ K_FRAME,           32

.equ POINTER_DIGITS,    8

.text

# printk(fmt, words): prints fmt; its conversions take the words that begin at `words`, one behind the other.
# s0 = next byte of fmt, s1 = next word.
proc printk, args=2, frame=K_FRAME
        mv      s0, a0
        mv      s1, a1

.Lbyte: lbu     a0, 0(s0)
        beqz    a0, .Ldone
        addi    s0, s0, 1
        li      t0, '%'
        beq     a0, t0, .Lconversion
        call    console_put
        j       .Lbyte

.Lconversion:
        li      t0, ' '
        sw      t0, K_FILL(sp)
        sw      zero, K_WIDTH(sp)
        lbu     t0, 0(s0)
        li      t1, '0'
        bne     t0, t1, .Lwidth
        sw      t1, K_FILL(sp)
        addi    s0, s0, 1
.Lwidth:
        lbu     t0, 0(s0)
        addi    t0, t0, -'0'
        li      t1, 10
        bgeu    t0, t1, .Lletter
        addi    s0, s0, 1
        lw      a0, K_WIDTH(sp)         # width * 10 + digit
        mul     a0, a0, t1
        add     a0, a0, t0
        sw      a0, K_WIDTH(sp)
        j       .Lwidth

.Lletter:
        lbu     t0, 0(s0)
        beqz    t0, .Ldone              # the format ends within a conversion
        addi    s0, s0, 1
        mv      a0, t0
        li      t1, '%'
        beq     t0, t1, .Lone_byte
        lw      a0, 0(s1)               # every other letter takes a word
        addi    s1, s1, 4
        li      t1, 'c'
        beq     t0, t1, .Lone_byte
        li      t1, 's'
        beq     t0, t1, .Ltext
        li      a1, 10
        li      t1, 'u'
        beq     t0, t1, .Lnumber
        li      t1, 'd'
        beq     t0, t1, .Lsigned
        li      a1, 16
        li      t1, 'p'
        bne     t0, t1, .Lnumber        # x, and letters that mean nothing
        sw      a0, K_TEXT(sp)
        li      a0, '0'
        call    console_put
        li      a0, 'x'
        call    console_put
        li      t0, '0'
        sw      t0, K_FILL(sp)
        li      t0, POINTER_DIGITS
        sw      t0, K_WIDTH(sp)
        lw      a0, K_TEXT(sp)
        li      a1, 16
        j       .Lnumber

.Lone_byte:
        addi    t1, sp, K_DIGITS
        sb      a0, 0(t1)
        sw      t1, K_TEXT(sp)
        li      t1, 1
        sw      t1, K_LENGTH(sp)
        j       .Lput

.Ltext: bnez    a0, 1f
        la      a0, null_text
1:      sw      a0, K_TEXT(sp)
        call    strlen
        sw      a0, K_LENGTH(sp)
        j       .Lput

.Lsigned:
        bgez    a0, .Lnumber
        neg     a0, a0
        addi    a2, sp, K_DIGITS_END
        call    number_digits
        addi    a0, a0, -1
        li      t0, '-'
        sb      t0, 0(a0)
        j       .Ldigits
.Lnumber:                               # a0 = value, a1 = base
        addi    a2, sp, K_DIGITS_END
        call    number_digits
.Ldigits:                               # a0 = the first digit
        sw      a0, K_TEXT(sp)
        addi    t0, sp, K_DIGITS_END
        sub     t0, t0, a0
        sw      t0, K_LENGTH(sp)

.Lput:  lw      t0, K_WIDTH(sp)
        lw      t1, K_LENGTH(sp)
        bleu    t0, t1, .Lput_text
        addi    t0, t0, -1
        sw      t0, K_WIDTH(sp)
        lw      a0, K_FILL(sp)
        call    console_put
        j       .Lput
.Lput_text:
        lw      t1, K_LENGTH(sp)
        beqz    t1, .Lbyte
        addi    t1, t1, -1
        sw      t1, K_LENGTH(sp)
        lw      t0, K_TEXT(sp)
        lbu     a0, 0(t0)
        addi    t0, t0, 1
        sw      t0, K_TEXT(sp)
        call    console_put
        j       .Lput_text
.Ldone: return
endp

# number_digits(value, base, end) -> address of the first digit; the last one stands right before `end`. A leaf.
number_digits:
1:      remu    t0, a0, a1
        la      t1, digit_texts
        add     t1, t1, t0
        lbu     t0, 0(t1)
        addi    a2, a2, -1
        sb      t0, 0(a2)
        divu    a0, a0, a1
        bnez    a0, 1b
        mv      a0, a2
        ret

.section .rodata
digit_texts:    .ascii "0123456789abcdef"
null_text:      .asciz "(null)"
