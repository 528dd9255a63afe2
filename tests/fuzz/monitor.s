# Runs a list of records, each one or two instructions at some privilege under some page tables, and writes down what came
# of it: see monitor.py, which fills in the numbers, and reads the log out of RAM at the end.
# A record is sixteen words: kind, mstatus, entry, first instruction, second, a0, a1, satp, medeleg, mideleg, mie, mip,
# sepc, flags, address of registers, unused. Kinds: 0 the end, 1 run, 2 store a word at `mstatus` (its value in
# `entry`) and fence, 3 write down the word at `mstatus`.
        .equ LOG_ENTRY, 160
        .equ RECORD, 64
        .text
        .globl _start
_start: la t0, machine_vectors
        ori t0, t0, MTVEC_MODE
        csrw mtvec, t0
        la t0, supervisor_vectors
        ori t0, t0, STVEC_MODE
        csrw stvec, t0
        li t0, -1                       # all memory open to S-mode and U-mode, where PMP is enforced
        csrw pmpaddr0, t0
        li t0, 0x1f
        csrw pmpcfg0, t0
        li t0, COUNTERS
        csrw mcounteren, t0
        csrw scounteren, t0
        li t0, RAM_END                  # the device tree, which lies at the top of RAM, differs from board to board
1:      sw zero, 0(a1)
        addi a1, a1, 4
        bltu a1, t0, 1b
        li s0, RECORDS
        li s1, LOG
        j next

        .balign 64
machine_vectors:
        .rept 16
        j machine
        .endr
supervisor_vectors:                     # S-mode asks M-mode at once, which finds the trap in S-mode's registers
        .rept 16
        ecall
        .endr

machine:                                # x1 to x31 into the log, at their numbers; then the registers of the trap
        csrrw sp, mscratch, sp
        sw x1, 4(sp)
        STORES
        csrr t0, mscratch
        sw t0, 8(sp)
        csrr t0, mcause
        sw t0, 0(sp)
        csrr t0, mtval
        sw t0, 128(sp)
        csrr t0, mepc
        sw t0, 132(sp)
        csrr t0, mstatus
        sw t0, 136(sp)
        csrr t0, mip
        sw t0, 140(sp)
        csrr t0, scause
        sw t0, 144(sp)
        csrr t0, stval
        sw t0, 148(sp)
        csrr t0, sepc
        sw t0, 152(sp)
        csrr t0, mie
        sw t0, 156(sp)
        addi s1, sp, LOG_ENTRY
        li t0, MPRV
        csrc mstatus, t0
        la t0, cursor
        lw s0, 0(t0)
next:   lw t0, 0(s0)
        beqz t0, done
        addi t0, t0, -2
        bltz t0, run
        lw t1, 4(s0)
        bnez t0, 1f
        lw t2, 8(s0)
        sw t2, 0(t1)
        sfence.vma
        j 2f
1:      lw t2, 0(t1)
        sw t2, 0(s1)
        addi s1, s1, LOG_ENTRY
2:      addi s0, s0, RECORD
        j next
done:   li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
        j .

run:    csrw mscratch, s1
        la t0, cursor
        addi t1, s0, RECORD
        sw t1, 0(t0)
        la t0, slot
        lw t1, 12(s0)
        sw t1, 0(t0)
        lw t1, 16(s0)
        sw t1, 4(t0)
        fence.i
        lw t0, 28(s0)
        csrr t1, satp
        beq t0, t1, 1f
        csrw satp, t0
1:      lw t0, 32(s0)
        csrw medeleg, t0
        lw t0, 36(s0)
        csrw mideleg, t0
        lw t0, 40(s0)
        csrw mie, t0
        lw t0, 44(s0)
        csrw mip, t0
        lw t0, 48(s0)
        csrw sepc, t0
        csrw scause, zero
        csrw stval, zero
        csrw mtval, zero
        lw t0, 8(s0)
        csrw mepc, t0
        lw t0, 52(s0)
        andi t1, t0, FENCE
        beqz t1, 1f
        sfence.vma
1:      andi t0, t0, STAY
        mv x31, s0
        mv x30, t0
        bnez x30, 1f
        lw x30, 56(x31)
        LOADS
        lw x30, 120(x30)
        lw x10, 20(x31)
        lw x11, 24(x31)
        lw x31, 4(x31)
        csrw mstatus, x31
        mret
1:      lw x30, 56(x31)
        LOADS
        lw x30, 120(x30)
        lw x10, 20(x31)
        lw x11, 24(x31)
        lw x31, 4(x31)
        csrw mstatus, x31
        j slot
        .balign 64
slot:   .word 0, 0
        ebreak
        ebreak
landing:                                # for what jumps on its own
        ebreak
cursor: .word 0
