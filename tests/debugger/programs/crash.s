# A child that writes where it must not, and its parent, which then does what no machine can do.

.include "common.inc"

.equ NOWHERE, 16

.text

proc main, frame=16
        call    fork
        beqz    a0, child
        mv      a0, sp
        call    wait
        la      t0, nonsense
        jalr    t0
child:  call    poke
        li      a0, 0
        return
endp

proc poke
        li      t0, NOWHERE
        sw      t0, 0(t0)
        return
endp

        .balign 4
nonsense: .word -1, -1
