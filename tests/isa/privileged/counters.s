# Counters: mcounteren and scounteren open them downwards; a written minstret is what the next instruction reads;
# mcountinhibit holds them still, also while it is written
        .include "check.inc"
        .include "pages.inc"
        start
        .macro readable mcounter, scounter, level, allowed
        li a0, \mcounter
        csrw mcounteren, a0
        li a0, \scounter
        csrw scounteren, a0
        lower \level, 1f
        .balign 4
1:      csrr a1, instret
        to_m
        .if \allowed
        check s9, 8 + \level
        .else
        check s8, 1
        li s8, 0
        .endif
        li s9, NO_TRAP
        .endm
        readable 0, 7, S, 0
        readable 4, 0, S, 1
        readable 3, 7, S, 0
        readable 7, 3, U, 0
        readable 0, 7, U, 0
        readable 4, 4, U, 1
        csrw instret, zero          # read-only: traps
        check s8, 1
        li s8, 0
        # The write itself is not counted, and the low half does not disturb the high one.
        .if ON_QEMU == 0
        li a0, 100
        csrw minstret, a0
        csrr a1, minstret
        csrr a2, minstret
        check a1, 100
        check a2, 101
        li a0, 7
        csrw minstreth, a0
        csrr a1, minstreth
        check a1, 7
        li a0, -1
        csrw minstret, a0
        nop
        csrr a1, minstreth
        check a1, 8
        csrr a1, instreth
        check a1, 8
        # A trap is no retired instruction: the handler's ten and these are.
        csrr a1, minstret
        csrr a2, minstret
        sub a2, a2, a1
        check a2, 1
        # Held.
        li a0, 5
        csrw mcountinhibit, a0
        csrr a1, minstret
        csrr a3, mcycle
        nop
        csrw mcountinhibit, a0
        csrwi mcountinhibit, 5
        csrr a2, minstret
        sub a2, a2, a1
        check a2, 0
        csrr a2, mcycle
        sub a2, a2, a3
        check a2, 0
        csrw minstret, zero
        nop
        csrr a2, minstret
        check a2, 0
        csrw mcountinhibit, zero
        csrr a2, mcountinhibit
        check a2, 0
        .endif
        finish
