# console.s: the console as a file -> /dev/console and /dev/tty, and where the kernel's own messages go.
#
# Input comes in lines (line.s). A reader that finds none sleeps on `console_readers`; line_end wakes it, and its
# system call begins once more.

.include "common.inc"
.include "errno.inc"
.include "file.inc"
.include "memlayout.inc"
.include "console.inc"

# A request of ioctl beside those of termios.inc.
.equ TIOCGWINSZ,        0x5413          # four halfwords: rows, columns, pixels across, pixels down

.equ WRITE_SIZE,        256             # bytes taken from the user at a time

.data

# File operations of the console.
.globl console_ops
.balign 4
console_ops:    .word console_read, console_write, seek_never, entries_never, console_control

# The settings: termios.inc.
.globl console_settings
console_settings:
        .word ICRNL
        .word OPOST | ONLCR
        .word CONSOLE_CFLAG
        .word ISIG | ICANON | ECHO
        .byte 0
        .byte CTRL_C, 0, DELETE, CTRL_U, CTRL_D
        .space 14

# Event "a line has been typed".
.globl console_readers
.balign 4
console_readers: .word 0, 0

.section .rodata
.balign 4
window_size:    .half 24, 80, 0, 0

.bss
console_block:  .space LINE_SIZE        # bytes on their way between user and line

.text

# console_init(): makes the serial line ready. The first procedure to reach a device with paging on: it moves
# device_base to where the devices are now. Called once at boot.
proc console_init
        la      t0, device_base
        li      t1, DEV_BASE
        sw      t1, 0(t0)
        call    uart_init
        return
endp

# console_put(byte): shows a byte. Called by console_write, the echo of line.s, and printk.
proc console_put, args=1
        mv      s0, a0
        li      t0, NEWLINE
        bne     s0, t0, 1f
        la      t0, console_settings
        lw      t0, TC_OFLAG(t0)
        andi    t0, t0, OPOST | ONLCR
        li      t1, OPOST | ONLCR
        bne     t0, t1, 1f
        li      a0, CARRIAGE_RETURN
        call    uart_put
1:      mv      a0, s0
        call    uart_put
        return
endp

# console_read(file, to, length) -> bytes: the next line or as much of it as fits; 0 at the end of file; sleeps until
# there is something. With line editing off: whatever has been typed.
# s0 = next byte of the ring, s1 = bytes taken.
.equ R_TO,              0
.equ R_LENGTH,          4
.equ R_LINES,           8               # ICANON or 0
proc console_read, args=3, frame=16
        sw      a1, R_TO(sp)
        sw      a2, R_LENGTH(sp)
        mv      s1, a2
        beqz    a2, .Lread_nothing
        la      t0, console_settings
        lw      t0, TC_LFLAG(t0)
        andi    t0, t0, ICANON
        sw      t0, R_LINES(sp)

        la      t0, line_counters
        lw      s0, LINE_READ(t0)
        lw      t1, LINE_COMMIT(t0)
        bne     s0, t1, .Ltake
        mv      s1, a0
        call    line_room
        lw      t0, F_FLAGS(s1)
        li      t1, O_NONBLOCK
        and     t0, t0, t1
        bnez    t0, .Lread_would_sleep
        la      a0, console_readers
        call    sleep_on

.Ltake: li      s1, 0
.Lbyte: la      t0, line_counters
        lw      t0, LINE_COMMIT(t0)
        beq     s0, t0, .Ltaken
        andi    t0, s0, LINE_SIZE - 1
        la      t1, line_ring
        add     t1, t1, t0
        lbu     a0, 0(t1)
        lw      t0, R_LINES(sp)
        beqz    t0, 1f
        la      t0, console_settings
        lbu     t0, TC_VEOF(t0)
        bne     a0, t0, 1f
        addi    s0, s0, 1               # the end-of-file mark is taken away, but not handed out
        j       .Ltaken
1:      lw      t0, R_LENGTH(sp)
        beq     s1, t0, .Ltaken
        la      t0, console_block
        add     t0, t0, s1
        sb      a0, 0(t0)
        addi    s0, s0, 1
        addi    s1, s1, 1
        lw      t0, R_LINES(sp)
        beqz    t0, .Lbyte
        li      t0, NEWLINE
        bne     a0, t0, .Lbyte

.Ltaken:
        lw      a0, R_TO(sp)
        la      a1, console_block
        mv      a2, s1
        call    copyout
        bltz    a0, .Lread_end          # nothing was taken then
        la      t0, line_counters
        sw      s0, LINE_READ(t0)
        call    line_room
.Lread_nothing:
        mv      a0, s1
        return
.Lread_would_sleep:
        li      a0, -EAGAIN
.Lread_end:
        return
endp

# console_write(file, from, length) -> bytes shown; -EFAULT when not even the first ones can be read.
# s0 = next byte of the user, s1 = bytes left.
.equ W_LENGTH,          0
.equ W_CHUNK,           4               # bytes in console_block
.equ W_NEXT,            8               # the next one of them
proc console_write, args=3, frame=16
        mv      s0, a1
        mv      s1, a2
        sw      a2, W_LENGTH(sp)
.Lchunk:
        beqz    s1, .Lwritten
        li      a2, WRITE_SIZE
        bgeu    s1, a2, 1f
        mv      a2, s1
1:      sw      a2, W_CHUNK(sp)
        la      a0, console_block
        sw      a0, W_NEXT(sp)
        mv      a1, s0
        call    copyin
        bltz    a0, .Lwrite_fault
        lw      t0, W_CHUNK(sp)
        add     s0, s0, t0
        sub     s1, s1, t0
2:      lw      t0, W_CHUNK(sp)
        beqz    t0, .Lchunk
        addi    t0, t0, -1
        sw      t0, W_CHUNK(sp)
        lw      t0, W_NEXT(sp)
        lbu     a0, 0(t0)
        addi    t0, t0, 1
        sw      t0, W_NEXT(sp)
        call    console_put
        j       2b

.Lwrite_fault:
        lw      t0, W_LENGTH(sp)
        beq     s1, t0, 3f              # not a single byte was shown: a0 is the error
.Lwritten:
        lw      a0, W_LENGTH(sp)
        sub     a0, a0, s1
3:      return
endp

# console_control(file, request, argument) -> 0: reads and sets the settings, as ioctl of Linux does for terminals.
proc console_control, args=3, frame=48
        mv      s0, a1
        mv      s1, a2
        li      t0, TCGETS
        beq     s0, t0, .Lget
        li      t0, TIOCGWINSZ
        beq     s0, t0, .Lwindow
        li      t0, TCSETS
        bltu    s0, t0, .Lno_request
        li      t0, TCSETSF
        bgtu    s0, t0, .Lno_request

        mv      a0, sp                  # TCSETS: to the stack first, so that a bad address changes nothing
        mv      a1, s1
        li      a2, TC_SIZE
        call    copyin
        bltz    a0, 2f
        li      t0, CONSOLE_CFLAG
        sw      t0, TC_CFLAG(sp)
        la      a0, console_settings
        mv      a1, sp
        li      a2, TC_SIZE
        call    memcpy
        li      t0, TCSETSF
        bne     s0, t0, 1f
        la      a0, line_counters
        lw      t0, LINE_EDIT(a0)
        sw      t0, LINE_READ(a0)
        call    line_room
1:      call    line_end                # what was being edited may be read under the new settings
        li      a0, 0
2:      return

.Lget:  mv      a0, s1
        la      a1, console_settings
        li      a2, TC_SIZE
        call    copyout
        return
.Lwindow:
        mv      a0, s1
        la      a1, window_size
        li      a2, 8
        call    copyout
        return
.Lno_request:
        li      a0, -ENOTTY
        return
endp
