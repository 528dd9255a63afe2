# wrest: the callee's in registers are the caller's out registers; its local and in registers are back; wim forbids windows
        .include "check.inc"
        start
        csrw wim, zero
        li ra, 0x101
        li sp, 0x1000
        li a0, 0x110
        li a1, 0x111
        li a5, 0x115
        li l0, 0x200
        li l1, 0x201
        li l2, 0x202
        li l5, 0x205
        li t4, 0x23d                # i3; the others are the handler's and the checks'
        wsave -64
        addi i0, i0, 1
        li i5, 0x415
        li ira, 0x401
        addi isp, isp, -16
        li l0, -1
        li l5, -1
        li a1, -1
        wrest
        check a0, 0x111
        check a5, 0x415
        check ra, 0x401
        check sp, 0x1000 - 16
        check a1, 0x111
        check l0, 0x200
        check l1, 0x201
        check l2, 0x202
        check l5, 0x205
        check t4, 0x23d
        csrr t0, cwp
        check t0, 0

# a forbidden window: nothing has changed. Below window 0 is the last one
        csrr t0, nwin
        addi t0, t0, -1
        li t1, 1
        sll t1, t1, t0
        csrw wim, t1
under:  wrest
        mv a1, s10
        mv s10, t0
        sub a1, a1, s10
        check a1, 0
        check s9, 25
        trap_seen under
        csrr t0, cwp
        check t0, 0
        check a0, 0x111
        check sp, 0x1000 - 16
        finish
