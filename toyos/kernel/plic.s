# plic.s: the interrupt controller -> whom does the interrupt come from?
#
# Source: RISC-V Platform-Level Interrupt Controller Specification 1.0. Context 1 is S-mode of hart 0 on this board.

.include "common.inc"
.include "board.inc"

.equ PLIC_PRIORITY,     PLIC_BASE               # one word a source; 0 = never
.equ PLIC_ENABLE,       PLIC_BASE + 0x2080      # one bit a source, for context 1
.equ PLIC_THRESHOLD,    PLIC_BASE + 0x201000    # priorities up to this one do not interrupt context 1
.equ PLIC_CLAIM,        PLIC_BASE + 0x201004    # read: which source, I take it; write: that one is served

# Puts the address of a controller register into `reg`, which is not t0.
.macro plic_address reg, register
        la      \reg, device_base
        lw      \reg, 0(\reg)
        li      t0, \register
        add     \reg, \reg, t0
.endm

.text

# plic_init(): lets the serial line interrupt us. Called once at boot, with paging on.
.globl plic_init
plic_init:
        li      t1, 1
        plic_address a0, PLIC_PRIORITY + 4 * UART_IRQ
        sw      t1, 0(a0)
        slli    t1, t1, UART_IRQ
        plic_address a0, PLIC_ENABLE
        sw      t1, 0(a0)
        plic_address a0, PLIC_THRESHOLD
        sw      zero, 0(a0)
        ret

# external_interrupt(): serves every device that asks for it. Called by the trap path.
proc external_interrupt
1:      plic_address a0, PLIC_CLAIM
        lw      s0, 0(a0)
        beqz    s0, 3f
        li      t0, UART_IRQ
        bne     s0, t0, 2f
        call    console_receive
2:      plic_address a0, PLIC_CLAIM
        sw      s0, 0(a0)
        j       1b
3:      return
endp
