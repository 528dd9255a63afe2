# Start-up, the machine's trap handler, and attempt(): see guest.h.
    .section .text.init, "ax"
    .globl _start, attempt, trapped, trap, trap_count
_start:
    la sp, _stack
    la t0, trapped
    csrw mtvec, t0
    li t0, -1               # S and U may touch everything, where PMP is enforced
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    call main
    slli a0, a0, 16
    li t0, 0x5555
    beqz a0, 1f
    li t0, 0x3333
    or t0, t0, a0
1:  li t1, 0x100000
    sw t0, 0(t1)
    j 1b

# attempt(code, argument, level): all registers that a function must keep wait in `kept` until the trap.
    .balign 4
attempt:
    la t0, kept
    sw ra, 0(t0)
    sw sp, 4(t0)
    sw gp, 8(t0)
    sw tp, 12(t0)
    sw s0, 16(t0)
    sw s1, 20(t0)
    sw s2, 24(t0)
    sw s3, 28(t0)
    sw s4, 32(t0)
    sw s5, 36(t0)
    sw s6, 40(t0)
    sw s7, 44(t0)
    sw s8, 48(t0)
    sw s9, 52(t0)
    sw s10, 56(t0)
    sw s11, 60(t0)
    csrw mscratch, t0
    csrw mepc, a0
    li t1, 3 << 11
    csrc mstatus, t1
    slli a2, a2, 11
    csrs mstatus, a2
    mv a0, a1
    la ra, finished
    mret
    .balign 4
finished:
    ecall

    .balign 256             # room for vectored mode is the test's own business
trapped:
    csrrw t0, mscratch, t0
    lw ra, 0(t0)
    lw sp, 4(t0)
    lw gp, 8(t0)
    lw tp, 12(t0)
    lw s0, 16(t0)
    lw s1, 20(t0)
    lw s2, 24(t0)
    lw s3, 28(t0)
    lw s4, 32(t0)
    lw s5, 36(t0)
    lw s6, 40(t0)
    lw s7, 44(t0)
    lw s8, 48(t0)
    lw s9, 52(t0)
    lw s10, 56(t0)
    lw s11, 60(t0)
    la t0, trap
    csrr t1, mcause
    sw t1, 0(t0)
    csrr t1, mepc
    sw t1, 4(t0)
    csrr t1, mtval
    sw t1, 8(t0)
    csrr t1, mstatus
    sw t1, 12(t0)
    lw t1, 16(t0)
    addi t1, t1, 1
    sw t1, 16(t0)
    li t1, 1 << 17          # MPRV: the next trap would inherit it
    csrc mstatus, t1
    ret

    .bss
    .balign 16
kept:
    .zero 64
trap:
    .zero 16
trap_count:
    .zero 4
    .balign 16
    .zero 16384
_stack:
