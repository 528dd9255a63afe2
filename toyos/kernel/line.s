# line.s: line editing -> typed bytes become lines.
#
# console_receive is called for each interrupt of the serial line and takes what has come. A line is held back until
# its end is typed; until then it can be edited: DEL and backspace take back one character, Ctrl-U the whole line.
# Ctrl-D ends the input: it stays in the ring as a mark for the reader (console.s). Ctrl-C drops the line.
#
# Nothing is thrown away: while the ring is full of lines that nobody has read, the receive interrupt is off and the
# bytes wait outside until a reader makes room. Before the first read they wait as well, so that whoever sets the console
# up (init) comes before the first byte.

.include "common.inc"
.include "console.inc"

.text

# console_receive(): takes the bytes that have come. Called by external_interrupt.
proc console_receive
.Lnext: la      a0, line_counters
        lw      t0, LINE_EDIT(a0)
        lw      t1, LINE_READ(a0)
        sub     t0, t0, t1
        li      t1, LINE_SIZE
        beq     t0, t1, .Lfull
        call    uart_get
        bltz    a0, .Lnone
        call    line_input
        j       .Lnext
.Lnone: return

.Lfull: la      a0, line_counters
        lw      t0, LINE_READ(a0)
        lw      t1, LINE_COMMIT(a0)
        bne     t0, t1, 1f
        call    line_end                # one endless line: let its beginning be read
1:      la      t0, line_throttled
        li      t1, 1
        sw      t1, 0(t0)
        li      a0, 0
        call    uart_receive_interrupts
        return
endp

# line_room(): lets bytes come in if they have had to wait. Called by console_read when it has taken some or finds none.
proc line_room
        la      t0, line_throttled
        lw      t1, 0(t0)
        beqz    t1, 1f
        sw      zero, 0(t0)
        li      a0, 1
        call    uart_receive_interrupts
1:      return
endp

# line_end(): everything typed so far may be read.
proc line_end
        la      a0, line_counters
        lw      t0, LINE_EDIT(a0)
        sw      t0, LINE_COMMIT(a0)
        la      a0, console_readers
        call    wake_all
        return
endp

# line_input(byte): one typed byte; there is room for it. s0 = the byte, s1 = the settings.
proc line_input, args=1
        mv      s0, a0
        la      s1, console_settings
        lw      t0, TC_IFLAG(s1)
        andi    t0, t0, ICRNL
        beqz    t0, 1f
        li      t0, CARRIAGE_RETURN
        bne     s0, t0, 1f
        li      s0, NEWLINE
1:      lw      t0, TC_LFLAG(s1)
        andi    t1, t0, ICANON
        beqz    t1, .Lplain_and_end     # no editing: every byte may be read at once

        beqz    s0, 2f                  # a special key that is set to 0 is none
        lbu     t1, TC_VERASE(s1)
        beq     s0, t1, .Lerase
        beqz    t1, 3f
        li      t1, BACKSPACE           # there are two keys to erase with
        beq     s0, t1, .Lerase
3:      lbu     t1, TC_VKILL(s1)
        beq     s0, t1, .Lkill
        lbu     t1, TC_VEOF(s1)
        beq     s0, t1, .Lend_of_file
        andi    t0, t0, ISIG
        beqz    t0, 2f
        lbu     t1, TC_VINTR(s1)
        beq     s0, t1, .Linterrupt
2:      li      t0, NEWLINE
        beq     s0, t0, .Lplain_and_end
        mv      a0, s0
        call    line_append
        mv      a0, s0
        call    line_echo
        return

.Lplain_and_end:
        mv      a0, s0
        call    line_append
        mv      a0, s0
        call    line_echo
        call    line_end
        return

.Lend_of_file:
        mv      a0, s0
        call    line_append
        call    line_end
        return

.Lerase:
        call    line_erase
        return

.Lkill: call    line_erase
        bnez    a0, .Lkill
        return

.Linterrupt:
        mv      a0, s0
        call    line_echo
        li      a0, NEWLINE
        call    line_echo
        la      a0, line_counters
        lw      t0, LINE_COMMIT(a0)
        sw      t0, LINE_EDIT(a0)       # the line is gone
        return
endp

# line_append(byte): puts a byte into the ring. A leaf.
line_append:
        la      a1, line_counters
        lw      t0, LINE_EDIT(a1)
        addi    t1, t0, 1
        sw      t1, LINE_EDIT(a1)
        andi    t0, t0, LINE_SIZE - 1
        la      a1, line_ring
        add     a1, a1, t0
        sb      a0, 0(a1)
        ret

# line_erase() -> 1, or 0 when the line is empty: takes back the last character, in the ring and on the screen.
# A character may be several bytes (UTF-8): all but its first one are 10xxxxxx.
proc line_erase
1:      la      a0, line_counters
        lw      t0, LINE_EDIT(a0)
        lw      t1, LINE_COMMIT(a0)
        beq     t0, t1, .Lempty
        addi    t0, t0, -1
        sw      t0, LINE_EDIT(a0)
        andi    t0, t0, LINE_SIZE - 1
        la      a0, line_ring
        add     a0, a0, t0
        lbu     s0, 0(a0)
        andi    t0, s0, 0xc0
        li      t1, 0x80
        beq     t0, t1, 1b
        call    line_blank
        li      t0, ' '
        bgeu    s0, t0, 2f
        call    line_blank              # control characters were shown as two
2:      li      a0, 1
        return
.Lempty:
        li      a0, 0
        return
endp

# line_blank(): removes the last column of what was shown.
proc line_blank
        la      s0, blank_keys
        la      t0, console_settings
        lw      t0, TC_LFLAG(t0)
        andi    t0, t0, ECHO
        beqz    t0, 2f
1:      lbu     a0, 0(s0)
        beqz    a0, 2f
        addi    s0, s0, 1
        call    console_put
        j       1b
2:      return
endp

# line_echo(byte): shows what was typed, if that is wanted; control characters as ^ and a letter.
proc line_echo, args=1
        mv      s0, a0
        la      t0, console_settings
        lw      t0, TC_LFLAG(t0)
        andi    t0, t0, ECHO
        beqz    t0, 3f
        li      t0, NEWLINE
        beq     s0, t0, 2f
        li      t0, ' '
        bltu    s0, t0, 1f
        li      t0, DELETE
        bne     s0, t0, 2f
1:      li      a0, '^'
        call    console_put
        xori    s0, s0, 0x40
2:      mv      a0, s0
        call    console_put
3:      return
endp

.section .rodata
blank_keys:     .byte BACKSPACE, ' ', BACKSPACE, 0

.data
.balign 4
line_throttled: .word 1                 # 1: the receive interrupt is off until somebody reads

# The three counters that console.inc explains.
.globl line_counters
line_counters:  .word 0, 0, 0

.bss
.globl line_ring
line_ring:      .space LINE_SIZE
