# uart.s: the serial line, a 16550 -> bytes out, bytes in.
#
# Bytes are sent by waiting until the transmitter is free (at most some microseconds on real hardware); bytes are
# received by interrupt, because nobody knows when they come. Source: National Semiconductor, PC16550D data sheet.
# All are leaves. console.s and printk.s call them.

.include "board.inc"

.equ UART_DATA,         0               # write: byte to send; read: byte received
.equ UART_IER,          1               # which events interrupt
.equ UART_IER_RECEIVED, 1
.equ UART_FCR,          2               # control of the two queues
.equ UART_FCR_CLEAR,    7               # queues on, both emptied
.equ UART_LCR,          3               # form of a character
.equ UART_LCR_8BITS,    3               # 8 data bits, no parity, 1 stop bit
.equ UART_MCR,          4               # modem lines
.equ UART_MCR_READY,    0x0b            # terminal ready, please send; OUT2 lets interrupts out of the chip
.equ UART_LSR,          5               # state of the line
.equ UART_LSR_RECEIVED, 0x01            # a byte has come in
.equ UART_LSR_FREE,     0x20            # a byte may be sent

# Puts the address of the registers into `reg`, which is not t0.
.macro uart_address reg
        la      \reg, device_base
        lw      \reg, 0(\reg)
        li      t0, UART_BASE
        add     \reg, \reg, t0
.endm

.text

# uart_init(): 8 data bits, empty queues, interrupts for received bytes. The speed is left as the firmware set it.
.globl uart_init
uart_init:
        uart_address a1
        sb      zero, UART_IER(a1)
        li      t0, UART_LCR_8BITS
        sb      t0, UART_LCR(a1)
        li      t0, UART_FCR_CLEAR
        sb      t0, UART_FCR(a1)
        li      t0, UART_MCR_READY
        sb      t0, UART_MCR(a1)
        li      t0, UART_IER_RECEIVED
        sb      t0, UART_IER(a1)
        ret

# uart_put(byte): sends a byte, after waiting until there is room for it.
.globl uart_put
uart_put:
        uart_address a1
1:      lbu     t0, UART_LSR(a1)
        andi    t0, t0, UART_LSR_FREE
        beqz    t0, 1b
        sb      a0, UART_DATA(a1)
        ret

# uart_get() -> the next received byte, or -1 when there is none.
.globl uart_get
uart_get:
        uart_address a1
        lbu     t0, UART_LSR(a1)
        andi    t0, t0, UART_LSR_RECEIVED
        beqz    t0, 1f
        lbu     a0, UART_DATA(a1)
        ret
1:      li      a0, -1
        ret

# uart_receive_interrupts(on): lets received bytes interrupt (1) or leaves them waiting in the chip (0).
.globl uart_receive_interrupts
uart_receive_interrupts:
        uart_address a1
        sb      a0, UART_IER(a1)        # UART_IER_RECEIVED is 1
        ret
