# environment.s: the list of NAME=value texts that exec hands on.

.include "common.inc"

.text

# getenv(name) -> address of the value, or 0 if there is no such name
proc getenv, args=1, frame=16
        sw      a0, 0(sp)
        call    strlen
        mv      s1, a0
        la      t0, environ
        lw      s0, 0(t0)
1:      lw      a0, 0(s0)
        beqz    a0, 3f
        lw      a1, 0(sp)
        mv      a2, s1
        call    strncmp
        bnez    a0, 2f
        lw      t0, 0(s0)               # the name must be followed by "="
        add     t0, t0, s1
        lbu     t1, 0(t0)
        li      a0, '='
        bne     t1, a0, 2f
        addi    a0, t0, 1
        return
2:      addi    s0, s0, 4
        j       1b
3:      li      a0, 0
        return
endp

.bss
.globl environ
.balign 4
environ:        .space 4        # address of the list, which ends with a 0; set by crt0
