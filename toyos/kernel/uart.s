# uart.s: the serial line, a 16550 -> bytes out, bytes in.
#
# Bytes are sent by waiting until the transmitter's queue is empty (at most a millisecond on real hardware) and then
# filling it; bytes are received by interrupt, because nobody knows when they come. Source: National Semiconductor,
# PC16550D data sheet. All are leaves. console.s and printk.s call them.

.include "board.inc"

.equ UART_DATA,         0               # write: byte to send; read: byte received
.equ UART_IER,          1               # which events interrupt: 1 = bytes received
.equ UART_FCR,          2               # control of the two queues
.equ UART_FCR_CLEAR,    7               # queues on, both emptied
.equ UART_QUEUE,        16              # bytes that fit into a queue
.equ UART_LCR,          3               # form of a character
.equ UART_LCR_8BITS,    3               # 8 data bits, no parity, 1 stop bit
.equ UART_MCR,          4               # modem lines
.equ UART_MCR_READY,    0x0b            # terminal ready, please send; OUT2 lets interrupts out of the chip
.equ UART_LSR,          5               # state of the line
.equ UART_LSR_RECEIVED, 0x01            # a byte has come in
.equ UART_LSR_EMPTY,    0x20            # the queue of bytes to send is empty

# Puts the address of the registers into `reg`, which is not t0.
.macro uart_address reg
        la      \reg, device_base
        lw      \reg, 0(\reg)
        li      t0, UART_BASE
        add     \reg, \reg, t0
.endm

.data
.balign 4
uart_queue:     .word 1                 # how many bytes an empty queue takes: one before uart_init
uart_room:      .word 0                 # how many it still takes for certain

.text

# uart_init(): 8 data bits, empty queues, no interrupts yet. The speed is left as the firmware set it.
.globl uart_init
uart_init:
        uart_address a1
        sb      zero, UART_IER(a1)
        li      t0, UART_LCR_8BITS
        sb      t0, UART_LCR(a1)
        li      t0, UART_FCR_CLEAR
        sb      t0, UART_FCR(a1)
        la      a2, uart_queue
        li      t0, UART_QUEUE
        sw      t0, 0(a2)
        li      t0, UART_MCR_READY
        sb      t0, UART_MCR(a1)
        ret

# uart_put(byte): sends a byte, after waiting until there is room for it. The line's state is asked for only when the
# queue may be full.
.globl uart_put
uart_put:
        uart_address a1
        la      a2, uart_room
        lw      t1, 0(a2)
        bnez    t1, 2f
1:      lbu     t0, UART_LSR(a1)
        andi    t0, t0, UART_LSR_EMPTY
        beqz    t0, 1b
        la      t1, uart_queue
        lw      t1, 0(t1)
2:      addi    t1, t1, -1
        sw      t1, 0(a2)
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
        sb      a0, UART_IER(a1)
        ret
