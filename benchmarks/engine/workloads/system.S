# A bare kernel's first instructions and its trap path: M-mode hands everything to S-mode, and sleeps for ever.
# sscratch holds the running process's frame: x1 to x31 at their numbers, pc in the place of x0.
    .section .text.start,"ax"
    .globl _start
_start:
    la      sp, __stack_top
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    li      t0, 0xb1ff              # exceptions and interrupts that S-mode handles: all but its own calls
    csrw    medeleg, t0
    li      t0, 0x222
    csrw    mideleg, t0
    li      t0, 1 << 31
    csrw    0x31a, t0               # menvcfgh.STCE: stimecmp exists
    li      t0, -1
    csrw    mcounteren, t0
    csrw    scounteren, t0
    li      t0, 1 << 11             # mstatus.MPP = S
    csrw    mstatus, t0
    la      t0, 1f
    csrw    mepc, t0
    mret
1:  la      t0, trap_entry
    csrw    stvec, t0
    call    bench_main
    call    plat_exit

# run(frame): leaves bench_run's registers on the stack and goes to the process of that frame.
    .text
    .globl run, leave
run:
    addi    sp, sp, -64
    sw      ra, 0(sp)
    sw      s0, 4(sp)
    sw      s1, 8(sp)
    sw      s2, 12(sp)
    sw      s3, 16(sp)
    sw      s4, 20(sp)
    sw      s5, 24(sp)
    sw      s6, 28(sp)
    sw      s7, 32(sp)
    sw      s8, 36(sp)
    sw      s9, 40(sp)
    sw      s10, 44(sp)
    sw      s11, 48(sp)
    sw      gp, 52(sp)
    sw      tp, 56(sp)
    la      t0, kernel_sp
    sw      sp, 0(t0)
    j       resume
leave:
    la      t0, kernel_sp
    lw      sp, 0(t0)
    lw      ra, 0(sp)
    lw      s0, 4(sp)
    lw      s1, 8(sp)
    lw      s2, 12(sp)
    lw      s3, 16(sp)
    lw      s4, 20(sp)
    lw      s5, 24(sp)
    lw      s6, 28(sp)
    lw      s7, 32(sp)
    lw      s8, 36(sp)
    lw      s9, 40(sp)
    lw      s10, 44(sp)
    lw      s11, 48(sp)
    lw      gp, 52(sp)
    lw      tp, 56(sp)
    addi    sp, sp, 64
    ret

    .balign 4
trap_entry:
    csrrw   a0, sscratch, a0
    sw      x1, 4(a0)
    sw      x2, 8(a0)
    sw      x3, 12(a0)
    sw      x4, 16(a0)
    sw      x5, 20(a0)
    sw      x6, 24(a0)
    sw      x7, 28(a0)
    sw      x8, 32(a0)
    sw      x9, 36(a0)
    sw      x11, 44(a0)
    sw      x12, 48(a0)
    sw      x13, 52(a0)
    sw      x14, 56(a0)
    sw      x15, 60(a0)
    sw      x16, 64(a0)
    sw      x17, 68(a0)
    sw      x18, 72(a0)
    sw      x19, 76(a0)
    sw      x20, 80(a0)
    sw      x21, 84(a0)
    sw      x22, 88(a0)
    sw      x23, 92(a0)
    sw      x24, 96(a0)
    sw      x25, 100(a0)
    sw      x26, 104(a0)
    sw      x27, 108(a0)
    sw      x28, 112(a0)
    sw      x29, 116(a0)
    sw      x30, 120(a0)
    sw      x31, 124(a0)
    csrrw   t0, sscratch, x0
    sw      t0, 40(a0)
    csrr    t0, sepc
    sw      t0, 0(a0)
    la      t0, kernel_sp
    lw      sp, 0(t0)
    csrr    a1, scause
    csrr    a2, stval
    call    trapped                 # -> a0: the frame to go on with
resume:
    csrw    sscratch, a0
    lw      t0, 0(a0)
    csrw    sepc, t0
    lw      x1, 4(a0)
    lw      x2, 8(a0)
    lw      x3, 12(a0)
    lw      x4, 16(a0)
    lw      x5, 20(a0)
    lw      x6, 24(a0)
    lw      x7, 28(a0)
    lw      x8, 32(a0)
    lw      x9, 36(a0)
    lw      x11, 44(a0)
    lw      x12, 48(a0)
    lw      x13, 52(a0)
    lw      x14, 56(a0)
    lw      x15, 60(a0)
    lw      x16, 64(a0)
    lw      x17, 68(a0)
    lw      x18, 72(a0)
    lw      x19, 76(a0)
    lw      x20, 80(a0)
    lw      x21, 84(a0)
    lw      x22, 88(a0)
    lw      x23, 92(a0)
    lw      x24, 96(a0)
    lw      x25, 100(a0)
    lw      x26, 104(a0)
    lw      x27, 108(a0)
    lw      x28, 112(a0)
    lw      x29, 116(a0)
    lw      x30, 120(a0)
    lw      x31, 124(a0)
    lw      a0, 40(a0)
    sret

# The program that every process runs in U-mode, at USER_TEXT. a0 = number of the process, a1 = rounds.
    .section .rodata
    .globl user_start, user_end
    .balign 4
user_start:
    mv      s0, a0
    mv      s1, a1
    li      s2, 0x400000            # USER_HEAP
    li      s5, 0
1:  li      s3, 0                   # touch every page of the heap: a word written, a word read
2:  slli    t0, s3, 12
    add     t0, t0, s2
    lw      t1, 0(t0)
    add     t1, t1, s3
    xor     s5, s5, t1
    slli    t2, s5, 5
    add     s5, s5, t2
    sw      t1, 0(t0)
    addi    s3, s3, 1
    li      t0, 24
    bltu    s3, t0, 2b
    li      a7, 1                   # remap(page): unmap it, map it again, contents kept
    andi    a0, s1, 15
    ecall
    add     s5, s5, a0
    li      a7, 2                   # number()
    ecall
    add     s5, s5, a0
    li      a7, 3                   # fresh(page): a zeroed page in its place
    andi    a0, s1, 7
    addi    a0, a0, 16
    ecall
    li      s4, 40                  # some work of its own
3:  mul     t0, s5, s4
    srli    t1, s5, 7
    xor     s5, t0, t1
    addi    s4, s4, -1
    bnez    s4, 3b
    andi    t0, s1, 3
    bnez    t0, 4f
    li      a7, 4                   # yield()
    ecall
4:  addi    s1, s1, -1
    bnez    s1, 1b
    mv      a0, s5
    li      a7, 5                   # done(result)
    ecall
user_end:

    .bss
    .balign 4
kernel_sp: .zero 4
