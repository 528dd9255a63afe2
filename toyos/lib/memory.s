# memory.s: runs of bytes of a given length. Leaves, as in string.s.

.text

# memcpy(to, from, count) -> to; the two must not overlap. Words are moved as
# long as both addresses are word-aligned, the rest byte by byte.
.globl memcpy
memcpy:
        mv      a3, a0
        or      t0, a0, a1
        andi    t0, t0, 3
        bnez    t0, 2f
        li      t1, 4
1:      bltu    a2, t1, 2f
        lw      t0, 0(a1)
        sw      t0, 0(a3)
        addi    a1, a1, 4
        addi    a3, a3, 4
        addi    a2, a2, -4
        j       1b
2:      beqz    a2, 3f
        lbu     t0, 0(a1)
        sb      t0, 0(a3)
        addi    a1, a1, 1
        addi    a3, a3, 1
        addi    a2, a2, -1
        j       2b
3:      ret

# memmove(to, from, count) -> to; right even if the two overlap
.globl memmove
memmove:
        bleu    a0, a1, 2f              # going up never overwrites what is still to be read
        add     a3, a0, a2
        add     a1, a1, a2
1:      beq     a3, a0, 4f
        addi    a1, a1, -1
        addi    a3, a3, -1
        lbu     t0, 0(a1)
        sb      t0, 0(a3)
        j       1b
2:      mv      a3, a0
3:      beqz    a2, 4f
        lbu     t0, 0(a1)
        sb      t0, 0(a3)
        addi    a1, a1, 1
        addi    a3, a3, 1
        addi    a2, a2, -1
        j       3b
4:      ret

# memset(to, byte, count) -> to
.globl memset
memset:
        mv      a3, a0
1:      beqz    a2, 2f
        sb      a1, 0(a3)
        addi    a3, a3, 1
        addi    a2, a2, -1
        j       1b
2:      ret

# memcmp(a, b, count) -> negative, 0 or positive, as the first difference says
.globl memcmp
memcmp:
1:      beqz    a2, 2f
        lbu     t0, 0(a0)
        lbu     t1, 0(a1)
        bne     t0, t1, 3f
        addi    a0, a0, 1
        addi    a1, a1, 1
        addi    a2, a2, -1
        j       1b
2:      li      a0, 0
        ret
3:      sub     a0, t0, t1
        ret
