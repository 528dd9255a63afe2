# Bytes of a macro's expansion stand at its use.
        .macro  push reg, more:vararg
        addi    sp, sp, -4
        sw      \reg, 0(sp)
        .ifnb   \more
        push    \more
        .endif
        .endm
        .macro  loop count, reg=t0
        li      \reg, \count
again\@:
        addi    \reg, \reg, -1
        bnez    \reg, again\@
        .endm
        push    a0, a1
        loop    3
        loop    count=4, reg=t1
        .rept   2
        nop
        .endr
        .irp    reg, s0, s1
        mv      \reg, zero
        .endr
        .if     . - again2 > 100
        .error  "too far"
        .elseif 1
        ret
        .else
        .err
        .endif
