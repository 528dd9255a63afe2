# wret: jumps to ira & ~1 and does what wrest does; where it traps it does nothing
        .include "check.inc"
        start
        csrw wim, zero
        li sp, 0x1000
        li l0, 0x200
        li a0, 5
        call double
        check a0, 10
        check l0, 0x200
        check sp, 0x1000
        csrr t0, cwp
        check t0, 0

# the lowest bit of ira is dropped; the page of the caller may be another one
        la ra, 1f + 1
        la t0, far
        jr t0
        j fail
1:      check a0, 20
        check sp, 0x1000

# a misaligned target: the trap is the jump's, and the window is still the callee's
        wsave 0
        li s6, 0
        li s7, 0
        li l0, 0x300
        li ira, 0x80000002
bad:    wret
        mv a0, s9
        mv a1, s10
        li s9, NO_TRAP
        check a0, 0
        check a1, 0x80000002
        check l0, 0x300
        csrr t0, cwp
        check t0, 1
        wrest
        check l0, 0x200

# a forbidden window comes first
        csrr t0, nwin
        addi t0, t0, -1
        li t1, 1
        sll t1, t1, t0
        csrw wim, t1
        mv t2, s9
        li ira, 2
under:  wret
        mv a1, s9
        mv a2, s10
        mv s9, t2
        addi s8, s8, -1
        check a1, 25
        sub a2, a2, t0
        check a2, 0
        csrr t0, cwp
        check t0, 0
        finish

double: wsave -64
        add i0, i0, i0
        wret

        .balign 4096
far:    wsave -64
        slli i0, i0, 1
        wret
