# Which CSR accesses trap: all 4096 numbers, from M, S and U, reading (csrrs with x0), writing back what was read (csrrw),
# and setting no bit (csrrs with a register that holds 0, which is a write). Sent to the UART as nine bitmaps of 512
# bytes, M read, M write, M set, S read, ...: a bit a number, 1 = illegal. Then two words a number: what M-mode reads
# after all ones were written, and after all zeros were, where it may write; what was there is put back after each.
# PMP registers are left out of that: with all bits set they lock, and close the memory, until reset.
        .text
        .globl _start
        .equ MAPS, 0x80100000
        .equ HELD, 0x80110000
        .equ UART, 0x10000000
        .equ PMP, 0x3a0             # first and last number of the PMP
        .equ PMP_LAST, 0x3ef
_start: la t5, handler
        csrw mtvec, t5
        li t5, -1                   # all memory open to S-mode and U-mode, where PMP is enforced
        csrw pmpaddr0, t5
        li t5, 0x1f
        csrw pmpcfg0, t5
        csrw mcounteren, t5         # every gate open
        csrw scounteren, t5
        li t5, 0x80000000
        csrw menvcfgh, t5
        li s2, MAPS
        li s3, 3                    # privilege
privilege:
        li s4, 0                    # form
form:   li s5, 0                    # number
number: slli t0, s5, 20
        li t1, 0x00002373           # csrrs t1, NUMBER, zero
        or t2, t0, t1
        li t3, 0                    # read first; what cannot be read is written as 0
        call probe
        beqz s4, note
        mv t3, t1
        li t1, 0x00031073           # csrrw zero, NUMBER, t1
        li t2, 1
        beq s4, t2, 1f
        li t1, 0x0003a073           # csrrs zero, NUMBER, t2
1:      or t2, t0, t1
        call probe
note:   srli t0, s5, 3              # a0: 1 = trapped
        add t0, t0, s2
        lbu t1, 0(t0)
        andi t2, s5, 7
        sll a0, a0, t2
        or t1, t1, a0
        sb t1, 0(t0)
        addi s5, s5, 1
        li t0, 4096
        bltu s5, t0, number
        addi s2, s2, 512
        addi s4, s4, 1
        li t0, 3
        bltu s4, t0, form
        addi s3, s3, -1             # 3, then 1, then 0
        li t0, 2
        bne s3, t0, 1f
        li s3, 1
1:      bgez s3, privilege

# The fields.
        li s2, HELD
        li s3, 3
        li s5, 0
fields: slli t0, s5, 20
        li a1, 0
        li a2, 0
        srli t1, s5, 10             # read-only ones: nothing to write
        li t2, 3
        beq t1, t2, 2f
        li t1, PMP
        sub t1, s5, t1
        li t2, PMP_LAST - PMP
        bleu t1, t2, 2f
        li t1, 0x00002373
        or t2, t0, t1
        li t3, 0
        call probe
        bnez a0, 2f
        mv s6, t1                   # what was there
        li s7, -1
        call held
        mv a1, t1
        li s7, 0
        call held
        mv a2, t1
2:      sw a1, 0(s2)
        sw a2, 4(s2)
        addi s2, s2, 8
        addi s5, s5, 1
        li t0, 4096
        bltu s5, t0, fields
        li a0, MAPS
        li a1, MAPS + 9 * 512
        call send
        li a0, HELD
        li a1, HELD + 8 * 4096
        call send
        li t5, 0x100000
        li t6, 0x5555
        sw t6, 0(t5)
        j .

# The word s7 to the CSR s5, in t1 what it reads then; then s6 again.
held:   mv s8, ra
        slli t0, s5, 20
        la t3, trio
        li t1, 0x000b9073           # csrrw zero, NUMBER, s7
        or t1, t1, t0
        sw t1, 0(t3)
        li t1, 0x00002373           # csrrs t1, NUMBER, zero
        or t1, t1, t0
        sw t1, 4(t3)
        li t1, 0x000b1073           # csrrw zero, NUMBER, s6
        or t1, t1, t0
        sw t1, 8(t3)
        fence.i
        la t5, trio
        jr t5
        .balign 4
trio:   nop
        nop
        nop
        la t5, handler              # mtvec and mstatus were written too, perhaps
        csrw mtvec, t5
        mv ra, s8
        ret

# The instruction t2, at privilege s3, with t1 = t3 and t2 = 0: a0 = 1 if it was illegal, and what t1 is then.
probe:  la t5, place
        sw t2, 0(t5)
        fence.i
        li t4, 0x1888               # and no interrupts: MPP, MPIE, MIE
        csrc mstatus, t4
        slli t4, s3, 11
        csrs mstatus, t4
        csrw mepc, t5
        mv t1, t3
        li t2, 0
        mret
        .balign 4
place:  nop
        ecall
handler:
        csrr t4, mcause
        li a0, 0
        li t5, 2
        bne t4, t5, 1f
        li a0, 1
1:      li t4, 0x1800               # back to M-mode with its own rights
        csrs mstatus, t4
        la t5, back
        csrw mepc, t5
        mret
        .balign 4
back:   slli t0, s5, 20
        ret

# The bytes from a0 up to a1, to the UART.
send:   li a2, UART
1:      lbu a3, 0(a0)
        sb a3, 0(a2)
        addi a0, a0, 1
        bltu a0, a1, 1b
        ret
