# string.s: texts that end with a NUL byte.
#
# All procedures here are leaves: they work on a0-a3, t0, t1 in place and call
# nothing. Called by programs, by the printf family and by the exec family.

.text

# strlen(text) -> number of bytes before the NUL
.globl strlen
strlen:
        mv      t0, a0
1:      lbu     t1, 0(t0)
        beqz    t1, 2f
        addi    t0, t0, 1
        j       1b
2:      sub     a0, t0, a0
        ret

# strcmp(a, b) -> negative, 0 or positive, as the first difference says
.globl strcmp
strcmp:
1:      lbu     t0, 0(a0)
        lbu     t1, 0(a1)
        bne     t0, t1, 2f
        beqz    t0, 2f
        addi    a0, a0, 1
        addi    a1, a1, 1
        j       1b
2:      sub     a0, t0, t1
        ret

# strncmp(a, b, limit) -> as strcmp, on at most limit bytes
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

# strcpy(to, from) -> to; the caller promises that there is room
.globl strcpy
strcpy:
        mv      t1, a0
1:      lbu     t0, 0(a1)
        sb      t0, 0(t1)
        addi    a1, a1, 1
        addi    t1, t1, 1
        bnez    t0, 1b
        ret

# strlcpy(to, from, size) -> strlen(from); at most size bytes are written, the
# last of them always a NUL (unless size is 0). A result >= size means "cut".
.globl strlcpy
strlcpy:
        mv      a3, a1                  # where the source began
1:      lbu     t0, 0(a1)
        beqz    a2, 3f                  # no room left at all
        addi    a2, a2, -1
        bnez    a2, 2f
        sb      zero, 0(a0)             # the last free byte is the NUL's
        j       3f
2:      sb      t0, 0(a0)
        addi    a0, a0, 1
3:      beqz    t0, 4f
        addi    a1, a1, 1
        j       1b
4:      sub     a0, a1, a3
        ret

# strlcat(to, from, size) -> length it tried to make; to stays NUL-terminated
.globl strlcat
strlcat:
        mv      a3, a0
1:      beqz    a2, 2f                  # to has no NUL within size: leave it
        lbu     t0, 0(a0)
        beqz    t0, 2f
        addi    a0, a0, 1
        addi    a2, a2, -1
        j       1b
2:      sub     a3, a0, a3              # length of what was there
3:      lbu     t0, 0(a1)
        beqz    t0, 5f
        li      t1, 1
        bleu    a2, t1, 4f              # keep one byte for the NUL
        sb      t0, 0(a0)
        addi    a0, a0, 1
        addi    a2, a2, -1
4:      addi    a3, a3, 1
        addi    a1, a1, 1
        j       3b
5:      beqz    a2, 6f
        sb      zero, 0(a0)
6:      mv      a0, a3
        ret

# strchr(text, byte) -> address of its first occurrence, or 0; finds the NUL too
.globl strchr
strchr:
        andi    a1, a1, 255
1:      lbu     t0, 0(a0)
        beq     t0, a1, 2f
        beqz    t0, 3f
        addi    a0, a0, 1
        j       1b
3:      li      a0, 0
2:      ret

# strrchr(text, byte) -> address of its last occurrence, or 0
.globl strrchr
strrchr:
        andi    a1, a1, 255
        li      t1, 0
1:      lbu     t0, 0(a0)
        bne     t0, a1, 2f
        mv      t1, a0
2:      beqz    t0, 3f
        addi    a0, a0, 1
        j       1b
3:      mv      a0, t1
        ret
