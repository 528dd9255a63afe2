# wsave: in = the caller's out, local and out are zero but sp = isp + imm; wim forbids windows; after NWIN calls it is the
# first window again
        .include "check.inc"
        start
        csrw wim, zero
        li ra, 0x101
        li sp, 0x1000
        li a0, 0x110
        li a1, 0x111
        li a4, 0x114
        li a5, 0x115
        li l0, 0x200
        li l5, 0x205
        li tp, 0x304
        li t2, 0x307
        li a7, 0x317

# what the callee finds. It reports in globals, because the checks spoil x31, which is i5
        wsave -64
        mv t0, ira
        mv t1, isp
        li a6, 0x1000 - 64
        sub a6, a6, sp
        wrest
        check t0, 0x101
        check t1, 0x1000
        check a6, 0
        wsave 2047
        mv t0, i0
        mv t1, i1
        mv a6, i4
        mv a7, i5
        wrest
        check t0, 0x110
        check t1, 0x111
        check a6, 0x114
        check a7, 0x115
        wsave -2048
        or t0, l0, l1
        or t0, t0, l2
        or t0, t0, l3
        or t0, t0, l4
        or t0, t0, l5
        or t0, t0, l6
        or t0, t0, l7
        or t1, ra, a0
        or t1, t1, a1
        or t1, t1, a2
        or t1, t1, a3
        or t1, t1, a4
        or t1, t1, a5
        li a6, 0x1000 - 2048
        sub a6, a6, sp
        csrr a7, cwp
        wrest
        check t0, 0
        check t1, 0
        check a6, 0
        check a7, 1

# the globals are the same for all, and the caller has its own registers back
        check tp, 0x304
        check t2, 0x307
        check sp, 0x1000
        check l0, 0x200
        check l5, 0x205

# what a callee wrote into its registers, the next one does not find
        wsave 0
        li l3, -1
        li a2, -1
        wrest
        wsave 0
        or t0, l3, a2
        wrest
        check t0, 0

# a forbidden window: nothing has changed
        csrwi wim, 2
        li a0, 0x110
over:   wsave -64
        check_trap 24, 1, over
        csrr t0, cwp
        check t0, 0
        check sp, 0x1000
        check a0, 0x110
        csrw wim, zero

# around the ring, which has NWIN windows
        csrr t1, nwin
        li t0, 0
1:      wsave 0
        addi t0, t0, 1
        csrr t2, cwp
        bne t0, t2, 2f
        j 1b
2:      mv a6, t2
        li s6, 0
        li s7, 0
        li s8, 0
        li s9, NO_TRAP
        check a6, 0
        sub t0, t0, t1
        check t0, 0
        finish
