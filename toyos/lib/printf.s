# printf.s: formatted output. The conversions are described in format.s; printf
# and eprintf themselves are in arch/MODE/variadic.s.
#
# Each call collects its bytes and writes them with one system call (up to
# PRINT_BUFFER bytes), so that lines of several processes do not mix.
# All return the number of bytes.

.include "common.inc"
.include "sink.inc"

.equ PRINT_BUFFER, 512

.text

# vprintf(fmt, words) -> bytes: any number of arguments, at the address words
proc vprintf, args=2
        mv      a2, a1
        mv      a1, a0
        li      a0, 1
        call    vdprintf
        return
endp

# vdprintf(fd, fmt, words) -> bytes: as vprintf, to the descriptor fd
proc vdprintf, args=3, frame=SINK_SIZE+PRINT_BUFFER
        sw      a0, SINK_FD(sp)
        addi    t0, sp, SINK_SIZE
        sw      t0, SINK_START(sp)
        sw      t0, SINK_NEXT(sp)
        addi    t0, t0, PRINT_BUFFER
        sw      t0, SINK_END(sp)
        sw      zero, SINK_TOTAL(sp)
        mv      a0, sp
        call    format
        mv      a0, sp
        call    sink_flush
        lw      a0, SINK_TOTAL(sp)
        return
endp

# vsnprintf(to, size, fmt, words) -> bytes that the whole text has without its
# NUL; at most size (>= 1) bytes are written, the last of them a NUL.
proc vsnprintf, args=4, frame=SINK_SIZE
        addi    a1, a1, -1              # the NUL's place
        li      t0, -1
        sw      t0, SINK_FD(sp)
        sw      a0, SINK_START(sp)
        sw      a0, SINK_NEXT(sp)
        add     t0, a0, a1
        sw      t0, SINK_END(sp)
        sw      zero, SINK_TOTAL(sp)
        mv      a0, sp
        mv      a1, a2
        mv      a2, a3
        call    format
        lw      t0, SINK_NEXT(sp)
        sb      zero, 0(t0)
        lw      a0, SINK_TOTAL(sp)
        return
endp

# puts(text) -> bytes: the text and a newline, to standard output
proc puts, args=1
        mv      a1, a0
        la      a0, text_line
        call    printf
        return
endp

# putchar(byte) -> the byte, to standard output
proc putchar, args=1
        mv      s0, a0
        mv      a1, a0
        la      a0, one_byte
        call    printf
        mv      a0, s0
        return
endp

.section .rodata
text_line:      .asciz "%s\n"
one_byte:       .asciz "%c"
