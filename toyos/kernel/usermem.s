# The kernel's only way to user memory. Every page is looked up in the process's page table first (space_page), so a
# wild pointer of a process is its own error, never the kernel's.
#
#   copyin(kernel address, user address, bytes)     -> 0, -EFAULT or -ENOMEM
#   copyout(user address, kernel address, bytes)    -> 0, -EFAULT or -ENOMEM
#   copyinstr(kernel address, user address, room)   -> length without the NUL; -EFAULT, -ENOMEM or -ENAMETOOLONG
#   space_write(space, user address, kernel address, bytes): copyout into a space that need not be the current one
# After an error a part may have been copied.

.include "kernel.inc"
.include "space.inc"

.equ M_FROM,  0                 # the frame of the copying procedures
.equ M_LEFT,  4
.equ M_CHUNK, 8
.equ M_SPACE, 12
.equ M_FRAME, 16

.text

# Makes the count in a0 no larger than what is left of the page from \address on. Uses t0.
.macro page_rest address
        li      t0, -PAGE_SIZE
        or      t0, t0, \address        # - (bytes left in the page)
        sub     t0, zero, t0
        bleu    a0, t0, 98f
        mv      a0, t0
98:
.endm

# copyin: s0 = kernel address, s1 = user address.
proc copyin, args=3, frame=M_FRAME
        mv      s0, a0
        mv      s1, a1
        sw      a2, M_LEFT(sp)
1:      lw      a0, M_LEFT(sp)
        beqz    a0, 3f
        page_rest s1
        sw      a0, M_CHUNK(sp)
        load_current a0
        addi    a0, a0, P_SPACE
        mv      a1, s1
        li      a2, PTE_R
        call    space_page
        beqz    a0, 2f
        mv      a1, a0
        mv      a0, s0
        lw      a2, M_CHUNK(sp)
        call    memcpy
        lw      a2, M_CHUNK(sp)
        add     s0, s0, a2
        add     s1, s1, a2
        lw      a0, M_LEFT(sp)
        sub     a0, a0, a2
        sw      a0, M_LEFT(sp)
        j       1b
2:      mv      a0, a1
3:
endp

# copyout.
proc copyout, args=3
        mv      a3, a2
        mv      a2, a1
        mv      a1, a0
        load_current a0
        addi    a0, a0, P_SPACE
        call    space_write
endp

# space_write: s0 = kernel address, s1 = user address.
proc space_write, args=4, frame=M_FRAME
        sw      a0, M_SPACE(sp)
        mv      s1, a1
        mv      s0, a2
        sw      a3, M_LEFT(sp)
1:      lw      a0, M_LEFT(sp)
        beqz    a0, 3f
        page_rest s1
        sw      a0, M_CHUNK(sp)
        lw      a0, M_SPACE(sp)
        mv      a1, s1
        li      a2, PTE_W
        call    space_page
        beqz    a0, 2f
        mv      a1, s0
        lw      a2, M_CHUNK(sp)
        call    memcpy
        lw      a2, M_CHUNK(sp)
        add     s0, s0, a2
        add     s1, s1, a2
        lw      a0, M_LEFT(sp)
        sub     a0, a0, a2
        sw      a0, M_LEFT(sp)
        j       1b
2:      mv      a0, a1
3:
endp

# copyinstr: s0 = kernel address, s1 = user address; M_FROM = where the text began in the kernel, M_LEFT = room.
proc copyinstr, args=3, frame=M_FRAME
        mv      s0, a0
        mv      s1, a1
        sw      a0, M_FROM(sp)
        sw      a2, M_LEFT(sp)
1:      lw      a0, M_LEFT(sp)
        beqz    a0, 4f
        page_rest s1
        sw      a0, M_CHUNK(sp)
        load_current a0
        addi    a0, a0, P_SPACE
        mv      a1, s1
        li      a2, PTE_R
        call    space_page
        beqz    a0, 5f
        lw      a2, M_CHUNK(sp)
        add     s1, s1, a2              # where the next page goes on
        lw      t0, M_LEFT(sp)
        sub     t0, t0, a2
        sw      t0, M_LEFT(sp)
2:      lbu     t0, 0(a0)
        sb      t0, 0(s0)
        beqz    t0, 3f
        addi    a0, a0, 1
        addi    s0, s0, 1
        addi    a2, a2, -1
        bnez    a2, 2b
        j       1b
3:      lw      a0, M_FROM(sp)
        sub     a0, s0, a0
        return
4:      li      a0, -ENAMETOOLONG
        return
5:      mv      a0, a1
endp
