# Frame of the programs that test_qemu_traps.py makes: whatever traps, to M-mode or S-mode, is logged, and the program goes
# on behind it. BODY stands for the random steps; s11 is the log's end, the handlers have two registers each of their own.
# A record is: 1 for S-mode and 3 for M-mode, xcause, xtval, xepc, and mstatus or sstatus.
# An ecall with a7 = 0, 1 or 3 asks for that privilege: the supervisor's handler gives what it can.
        .text
        .globl _start
        .equ UART, 0x10000000
        .equ LOG, 0x80200000
_start: la t5, machine
        csrw mtvec, t5
        la t5, supervisor
        csrw stvec, t5
        li t5, -1                   # all memory open to S-mode and U-mode, where PMP is enforced
        csrw pmpaddr0, t5
        li t5, 0x1f
        csrw pmpcfg0, t5
        li t5, 0x02004000           # mtimecmp: the timer interrupt is pending all the time
        sw zero, 0(t5)
        sw zero, 4(t5)
        li t5, 0x1800               # MPP is 0 on QEMU after reset
        csrc mstatus, t5
        li s11, LOG
        la t5, registers
LOADS
BODY
        li a7, 3
        ecall                       # U-mode may get no further than S-mode by the first
        ecall
        csrw mie, zero
        la t5, registers
STORES
        la a0, registers
        addi a1, a0, 128
        call send
        li a0, LOG
        mv a1, s11
        call send
        li t5, 0x100000
        li t6, 0x5555
        sw t6, 0(t5)
        j .
send:   li a2, UART
1:      lbu a3, 0(a0)
        sb a3, 0(a2)
        addi a0, a0, 1
        bltu a0, a1, 1b
        ret

        .balign 4
machine:
        addi s11, s11, 20
        li t3, 3
        sw t3, -20(s11)
        csrr t3, mtval
        sw t3, -12(s11)
        csrr t3, mepc
        sw t3, -8(s11)
        csrr t3, mstatus
        sw t3, -4(s11)
        csrr t3, mcause
        sw t3, -16(s11)
        bltz t3, 2f
        csrr t4, mepc
        addi t4, t4, 4
        csrw mepc, t4
        li t4, 8                    # causes 8, 9 and 11 are calls
        bltu t3, t4, 1f
        li t4, 11
        bltu t4, t3, 1f
        li t3, 0x1800
        csrc mstatus, t3
        slli t4, a7, 11
        csrs mstatus, t4
1:      mret
2:      li t4, 1                    # an interrupt: not this one any more
        sll t4, t4, t3
        csrc mie, t4
        mret

        .balign 4
supervisor:
        addi s11, s11, 20
        li t5, 1
        sw t5, -20(s11)
        csrr t5, stval
        sw t5, -12(s11)
        csrr t5, sepc
        sw t5, -8(s11)
        csrr t5, sstatus
        sw t5, -4(s11)
        csrr t5, scause
        sw t5, -16(s11)
        bltz t5, 2f
        csrr t6, sepc
        addi t6, t6, 4
        csrw sepc, t6
        li t6, 8
        bne t5, t6, 1f
        li t5, 0x100
        csrc sstatus, t5
        beqz a7, 1f
        csrs sstatus, t5
1:      sret
2:      li t6, 1
        sll t6, t6, t5
        csrc sie, t6
        sret
        .balign 4
registers:
        .word VALUES
        .space 128
