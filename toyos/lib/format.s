# format.s: the printf language -> bytes in a buffer.
#
# A conversion is  % [-] [0] [width] [l|h|z] letter  with one of the letters
#       d  signed decimal       u  unsigned decimal     x  hexadecimal
#       c  one byte             s  text (0 is shown as "(null)")
#       p  0x and hexadecimal   %  a per cent sign
# "-" puts the blanks of the width on the right, "0" fills it with zeros.
# Sizes (l, h, z) say nothing here: arguments are words, one behind the other,
# beginning at a given address.
#
# The bytes go through a sink, a block of five words that its maker keeps on
# its stack. When its buffer is full, a sink with a descriptor writes it out;
# one without (descriptor -1) drops what does not fit, but still counts it.

.include "common.inc"
.include "sink.inc"

# What format() keeps in its frame between the bytes that it puts out.
.equ F_WORD,    0               # address of the next argument
.equ F_LEFT,    4               # blanks go right of the text
.equ F_FILL,    8               # byte that fills the width
.equ F_WIDTH,   12
.equ F_TEXT,    16              # the converted argument: its address
.equ F_LENGTH,  20              # and length
.equ F_DIGITS,  24              # 16 bytes: room for sign, "0x" and digits
.equ F_DIGITS_END, 40
.equ F_SIZE,    48

.text

# sink_put(sink, byte): puts one byte into the sink.
proc sink_put, args=2
        mv      s0, a0
        mv      s1, a1
        lw      t0, SINK_TOTAL(s0)
        addi    t0, t0, 1
        sw      t0, SINK_TOTAL(s0)
        lw      t0, SINK_NEXT(s0)
        lw      t1, SINK_END(s0)
        bltu    t0, t1, 1f
        call    sink_flush
        lw      t0, SINK_NEXT(s0)
        lw      t1, SINK_END(s0)
        bgeu    t0, t1, 2f              # no descriptor, no room: dropped
1:      sb      s1, 0(t0)
        addi    t0, t0, 1
        sw      t0, SINK_NEXT(s0)
2:      return
endp

# sink_flush(sink): writes out what a sink with a descriptor holds.
proc sink_flush, args=1
        mv      s0, a0
        lw      a0, SINK_FD(s0)
        bltz    a0, 1f
        lw      a1, SINK_START(s0)
        lw      a2, SINK_NEXT(s0)
        sub     a2, a2, a1
        sw      a1, SINK_NEXT(s0)
        beqz    a2, 1f
        call    write
1:      return
endp

# format(sink, fmt, words): converts words as fmt says and puts all into the sink.
# s0 = sink, s1 = next byte of fmt.
proc format, args=3, frame=F_SIZE
        mv      s0, a0
        mv      s1, a1
        sw      a2, F_WORD(sp)

next_byte:
        lbu     a1, 0(s1)
        beqz    a1, done
        addi    s1, s1, 1
        li      t0, '%'
        beq     a1, t0, conversion
        mv      a0, s0
        call    sink_put
        j       next_byte

conversion:
        sw      zero, F_LEFT(sp)
        li      t0, ' '
        sw      t0, F_FILL(sp)
        sw      zero, F_WIDTH(sp)

flag:   lbu     t0, 0(s1)
        li      t1, '-'
        beq     t0, t1, flag_left
        li      t1, '0'
        bne     t0, t1, width
        sw      t1, F_FILL(sp)
        j       next_flag
flag_left:
        sw      t1, F_LEFT(sp)
next_flag:
        addi    s1, s1, 1
        j       flag

width:  lbu     t0, 0(s1)
        addi    t0, t0, -'0'
        sltiu   t1, t0, 10
        beqz    t1, letter
        addi    s1, s1, 1
        lw      t1, F_WIDTH(sp)         # width * 10 + digit
        li      a0, 10
        mul     t1, t1, a0
        add     t1, t1, t0
        sw      t1, F_WIDTH(sp)
        j       width

letter: lbu     t0, 0(s1)
        beqz    t0, done                # the format ends within a conversion
        addi    s1, s1, 1
        li      t1, 'l'
        beq     t0, t1, letter
        li      t1, 'h'
        beq     t0, t1, letter
        li      t1, 'z'
        beq     t0, t1, letter
        li      t1, '%'
        beq     t0, t1, as_itself
        lw      a1, F_WORD(sp)          # every other letter takes a word: a0
        lw      a0, 0(a1)
        addi    a1, a1, 4
        sw      a1, F_WORD(sp)
        li      t1, 'd'
        beq     t0, t1, as_signed
        li      a1, 10
        li      t1, 'u'
        beq     t0, t1, as_number
        li      a1, 16
        li      t1, 'x'
        beq     t0, t1, as_number
        li      t1, 'p'
        beq     t0, t1, as_pointer
        li      t1, 'c'
        beq     t0, t1, as_byte
        li      t1, 's'
        beq     t0, t1, as_text
as_itself:                              # "%%", and letters that mean nothing
        mv      a0, t0
as_byte:
        li      t1, ' '
        sw      t1, F_FILL(sp)          # zeros are for numbers only
        addi    t1, sp, F_DIGITS
        sb      a0, 0(t1)
        sw      t1, F_TEXT(sp)
        li      t1, 1
        sw      t1, F_LENGTH(sp)
        j       put

as_text:
        bnez    a0, 1f
        la      a0, null_text
1:      sw      a0, F_TEXT(sp)
        call    strlen
        sw      a0, F_LENGTH(sp)
        li      t0, ' '
        sw      t0, F_FILL(sp)          # texts are never filled with zeros
        j       put

as_pointer:
        li      a1, 16
        addi    a2, sp, F_DIGITS_END
        call    digits
        addi    a0, a0, -2
        li      t0, '0'
        sb      t0, 0(a0)
        li      t0, 'x'
        sb      t0, 1(a0)
        j       digits_done

as_number:                              # a0 = value, a1 = base
        addi    a2, sp, F_DIGITS_END
        call    digits
        j       digits_done

as_signed:
        li      a1, 10
        addi    a2, sp, F_DIGITS_END
        bgez    a0, as_number
        neg     a0, a0
        call    digits
        li      t0, '-'
        lw      t1, F_FILL(sp)
        li      a1, '0'
        beq     t1, a1, sign_first
        addi    a0, a0, -1
        sb      t0, 0(a0)
        j       digits_done
sign_first:                             # "-007": the sign stands before the zeros
        sw      a0, F_TEXT(sp)
        lw      t1, F_WIDTH(sp)
        addi    t1, t1, -1
        sw      t1, F_WIDTH(sp)
        mv      a1, t0
        mv      a0, s0
        call    sink_put
        lw      a0, F_TEXT(sp)
digits_done:                            # a0 = the first digit
        sw      a0, F_TEXT(sp)
        addi    t0, sp, F_DIGITS_END
        sub     t0, t0, a0
        sw      t0, F_LENGTH(sp)

put:    lw      t0, F_WIDTH(sp)         # how much wider than the text?
        lw      t1, F_LENGTH(sp)
        sub     t0, t0, t1
        sw      t0, F_WIDTH(sp)
        lw      t1, F_LEFT(sp)
        bnez    t1, put_text
        mv      a0, s0
        lw      a1, F_FILL(sp)
        mv      a2, t0
        call    sink_repeat
        sw      zero, F_WIDTH(sp)
put_text:
        lw      t0, F_LENGTH(sp)
        beqz    t0, put_right
        addi    t0, t0, -1
        sw      t0, F_LENGTH(sp)
        lw      t1, F_TEXT(sp)
        lbu     a1, 0(t1)
        addi    t1, t1, 1
        sw      t1, F_TEXT(sp)
        mv      a0, s0
        call    sink_put
        j       put_text
put_right:
        mv      a0, s0
        li      a1, ' '
        lw      a2, F_WIDTH(sp)
        call    sink_repeat
        j       next_byte
done:   return
endp

# sink_repeat(sink, byte, count): puts the byte count times; nothing if count <= 0.
proc sink_repeat, args=3, frame=16
        mv      s0, a0
        sw      a1, 0(sp)
        mv      s1, a2
1:      blez    s1, 2f
        mv      a0, s0
        lw      a1, 0(sp)
        call    sink_put
        addi    s1, s1, -1
        j       1b
2:      return
endp

# digits(value, base, end) -> address of the first digit; the last one is
# written right before end. A leaf.
digits:
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
