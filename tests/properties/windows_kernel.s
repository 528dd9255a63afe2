# The smallest kernel for register windows: M-mode, two contexts that take turns at each ecall. Windows that do not fit
# are spilled one at a time, oldest first, and come back when they are returned to; at a change of context all are spilled.
#
# A context is a block of 32 words: mepc, x1 to x31. mscratch holds the running one's, `other` that of the other one.
# Only globals are used as long as the windows are not where they were: t0 t1 t2 a6 a7.

        .macro locals_and_ins op
        \op l0, 0(sp)
        \op l1, 4(sp)
        \op l2, 8(sp)
        \op l3, 12(sp)
        \op l4, 16(sp)
        \op l5, 20(sp)
        \op l6, 24(sp)
        \op l7, 28(sp)
        \op isp, 32(sp)
        \op ira, 36(sp)
        \op i0, 40(sp)
        \op i1, 44(sp)
        \op i2, 48(sp)
        \op i3, 52(sp)
        \op i4, 56(sp)
        \op i5, 60(sp)
        .endm

        # window = window - 1 or + 1, modulo NWIN
        .macro before window, spare
        bnez \window, 1f
        csrr \window, nwin
1:      addi \window, \window, -1
        .endm
        .macro behind window, spare
        addi \window, \window, 1
        csrr \spare, nwin
        bne \window, \spare, 1f
        li \window, 0
1:
        .endm

        .macro forbid window, spare
        li \spare, 1
        sll \spare, \spare, \window
        csrw wim, \spare
        .endm

        .text
handler:
        csrrw tp, mscratch, tp
        xdump (tp)
        csrrw t0, mscratch, tp
        sw t0, 16(tp)               # the context's own tp
        csrr t0, mepc
        sw t0, 0(tp)
        csrr t2, cwp
        csrr t1, mcause
        csrr t0, mtval
        li a6, 24
        beq t1, a6, overflow
        li a6, 25
        beq t1, a6, underflow
        li a6, 11
        beq t1, a6, change
stuck:  j stuck

overflow:                           # behind the forbidden window t0 is the oldest one
        behind t0, a6
        csrw cwp, t0
        locals_and_ins sw
        csrw cwp, t2
        forbid t0, a6
        j go

underflow:                          # t0 is the caller's; nothing is in the window before it
        csrw cwp, t0
        locals_and_ins lw
        csrw cwp, t2
        before t0
        forbid t0, a6

go:     lw t0, 0(tp)
        csrw mepc, t0
        xload (tp)
        mret

change:                             # spills the callers' windows, nearest first, down to the forbidden one
        lw t0, 0(tp)
        addi t0, t0, 4
        sw t0, 0(tp)
        mv t0, t2
        csrr t1, wim
2:      before t0
        srl a6, t1, t0
        andi a6, a6, 1
        bnez a6, 3f
        csrw cwp, t0
        locals_and_ins sw
        j 2b
3:      csrw cwp, t2
        before t2
        forbid t2, a6
        la t0, other
        lw a6, 0(t0)
        sw tp, 0(t0)
        mv tp, a6
        csrw mscratch, tp
        j go
        .balign 4
other:  .word 0
