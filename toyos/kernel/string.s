# string.s: runs of bytes and texts inside the kernel. Leaves: they call nothing and keep s0 and s1.
#
# None of these may be given a user's address: user memory is reached through copyin and copyout alone.

.text

# memcpy(to, from, count) -> to. The two runs must not overlap. When both addresses are word-aligned, sixteen bytes go
# round the loop together; the rest goes byte by byte.
.globl memcpy
memcpy:
        mv      a3, a0
        or      t0, a0, a1
        andi    t0, t0, 3
        bnez    t0, 3f
        li      t1, 16
1:      bltu    a2, t1, 2f
        lw      t0, 0(a1)
        sw      t0, 0(a3)
        lw      t0, 4(a1)
        sw      t0, 4(a3)
        lw      t0, 8(a1)
        sw      t0, 8(a3)
        lw      t0, 12(a1)
        sw      t0, 12(a3)
        addi    a1, a1, 16
        addi    a3, a3, 16
        addi    a2, a2, -16
        j       1b
2:      li      t1, 4
        bltu    a2, t1, 3f
        lw      t0, 0(a1)
        sw      t0, 0(a3)
        addi    a1, a1, 4
        addi    a3, a3, 4
        addi    a2, a2, -4
        j       2b
3:      beqz    a2, 4f
        lbu     t0, 0(a1)
        sb      t0, 0(a3)
        addi    a1, a1, 1
        addi    a3, a3, 1
        addi    a2, a2, -1
        j       3b
4:      ret

# memset(to, byte, count) -> to. Whole frames are cleared with it, so it has a loop of sixteen bytes as well.
.globl memset
memset:
        mv      a3, a0
        andi    t0, a0, 3
        bnez    t0, 2f
        andi    a1, a1, 0xff            # the byte, four times in one word
        slli    t0, a1, 8
        or      a1, a1, t0
        slli    t0, a1, 16
        or      a1, a1, t0
        li      t1, 16
1:      bltu    a2, t1, 2f
        sw      a1, 0(a3)
        sw      a1, 4(a3)
        sw      a1, 8(a3)
        sw      a1, 12(a3)
        addi    a3, a3, 16
        addi    a2, a2, -16
        j       1b
2:      beqz    a2, 3f
        sb      a1, 0(a3)
        addi    a3, a3, 1
        addi    a2, a2, -1
        j       2b
3:      ret

# memcmp(a, b, count) -> negative, 0 or positive, as the first different byte of a is below, absent, above that of b.
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

# strlen(text) -> number of bytes before the NUL.
.globl strlen
strlen:
        mv      a1, a0
1:      lbu     t0, 0(a0)
        beqz    t0, 2f
        addi    a0, a0, 1
        j       1b
2:      sub     a0, a0, a1
        ret

# strncmp(a, b, most) -> as memcmp, but the texts end at their NUL or after `most` bytes.
.globl strncmp
strncmp:
1:      beqz    a2, 2f
        lbu     t0, 0(a0)
        lbu     t1, 0(a1)
        bne     t0, t1, 3f
        beqz    t0, 2f
        addi    a0, a0, 1
        addi    a1, a1, 1
        addi    a2, a2, -1
        j       1b
2:      li      a0, 0
        ret
3:      sub     a0, t0, t1
        ret

# strlcpy(to, from, size) -> length of `from`. At most size - 1 bytes are copied and a NUL is put behind them (nothing
# at all when size is 0); a result >= size tells that the text was cut.
.globl strlcpy
strlcpy:
        mv      a3, a1
        beqz    a2, 2f
1:      addi    a2, a2, -1
        beqz    a2, 3f                  # only the NUL still fits
        lbu     t0, 0(a1)
        sb      t0, 0(a0)
        beqz    t0, 4f
        addi    a0, a0, 1
        addi    a1, a1, 1
        j       1b
3:      sb      zero, 0(a0)
2:      lbu     t0, 0(a1)               # the rest is only counted
        beqz    t0, 4f
        addi    a1, a1, 1
        j       2b
4:      sub     a0, a1, a3
        ret
