# The a.out header: what a program file says about itself, checked to the last bit before any of it is believed.

.include "kernel.inc"
.include "aout.inc"
.include "exec.inc"
.include "fcntl.inc"
.include "pte.inc"

.equ PART_MAX, 0x20000000       # no part of a program is larger: sums of them fit a word

.text

# aout_read(image) -> 0, -EACCES: not a regular file that may be executed, -ENOEXEC: not a whole a.out executable for
# this machine, -ENOMEM: does not fit the address space. Takes the file from IM_INODE, IM_LENGTH and IM_MODE; fills
# IM_HEADER, IM_FIRST, IM_SECOND and IM_END. Called by exec_image.
# s0 = image, s1 = magic.
proc aout_read, args=1
        mv      s0, a0
        lw      t0, IM_MODE(s0)
        li      a0, -EACCES
        li      t1, S_IFMT
        and     t1, t1, t0
        li      a1, S_IFREG
        bne     t1, a1, .Ldone
        andi    t0, t0, S_IXUSR
        beqz    t0, .Ldone

        lw      a0, IM_INODE(s0)
        addi    a1, s0, IM_HEADER
        mv      a2, zero
        li      a3, AOUT_HEADER
        call    fs_read
        li      t0, AOUT_HEADER
        bne     a0, t0, .Lnot_ours
        lw      a0, IM_HEADER + AOUT_MIDMAG(s0)
        srli    t0, a0, 16
        li      t1, KERNEL_MID
        bne     t0, t1, .Lnot_ours
        slli    s1, a0, 16
        srli    s1, s1, 16

        lw      a0, IM_HEADER + AOUT_TEXT(s0)   # sizes that can be added
        lw      a1, IM_HEADER + AOUT_DATA(s0)
        lw      a2, IM_HEADER + AOUT_BSS(s0)
        li      t0, PART_MAX
        bgtu    a0, t0, .Lnot_ours
        bgtu    a1, t0, .Lnot_ours
        bgtu    a2, t0, .Ltoo_large
        li      t1, AOUT_HEADER                 # offset of the text in the file
        li      t0, ZMAGIC
        bne     s1, t0, 1f
        li      t1, ZMAGIC_TEXT_OFFSET
        or      t0, a0, a1                      # whole pages
        slli    t0, t0, 32 - PAGE_SHIFT
        bnez    t0, .Lnot_ours
1:      add     t0, a0, a1
        add     t0, t0, t1
        lw      a3, IM_LENGTH(s0)
        bgtu    t0, a3, .Lnot_ours              # text and data are all there

        sw      t1, IM_FIRST + SEG_FROM(s0)
        lw      t0, IM_HEADER + AOUT_ENTRY(s0)
        li      t1, -PAGE_SIZE
        and     t1, t1, t0
        sw      t1, IM_FIRST + SEG_AT(s0)
        sub     t0, t0, t1
        bgeu    t0, a0, .Lnot_ours              # the entry lies in the text
        bltz    t1, .Lnot_ours                  # and that in a process's half
        li      t0, USER_BASE
        bltu    t1, t0, .Lnot_ours

        sw      zero, IM_SECOND + SEG_MEMORY(s0)
        li      t0, OMAGIC
        beq     s1, t0, .Lone_segment
        li      t0, NMAGIC
        beq     s1, t0, .Ltwo_segments
        li      t0, ZMAGIC
        bne     s1, t0, .Lnot_ours

.Ltwo_segments:                                 # a0, a1, a2 = text, data, bss; the text's address is in SEG_AT
        sw      a0, IM_FIRST + SEG_BYTES(s0)
        sw      a0, IM_FIRST + SEG_MEMORY(s0)
        li      t0, PTE_USER_TEXT
        sw      t0, IM_FIRST + SEG_FLAGS(s0)
        lw      t0, IM_FIRST + SEG_FROM(s0)
        add     t0, t0, a0
        sw      t0, IM_SECOND + SEG_FROM(s0)
        lw      t0, IM_FIRST + SEG_AT(s0)
        add     t0, t0, a0
        page_up t0
        sw      t0, IM_SECOND + SEG_AT(s0)
        sw      a1, IM_SECOND + SEG_BYTES(s0)
        add     a1, a1, a2
        sw      a1, IM_SECOND + SEG_MEMORY(s0)
        li      t1, PTE_USER_DATA
        sw      t1, IM_SECOND + SEG_FLAGS(s0)
        add     t0, t0, a1
        j       .Lend

.Lone_segment:
        add     a1, a1, a0
        sw      a1, IM_FIRST + SEG_BYTES(s0)
        add     a1, a1, a2
        sw      a1, IM_FIRST + SEG_MEMORY(s0)
        li      t0, PTE_USER_IMPURE
        sw      t0, IM_FIRST + SEG_FLAGS(s0)
        lw      t0, IM_FIRST + SEG_AT(s0)
        add     t0, t0, a1

.Lend:  sw      t0, IM_END(s0)                  # t0 = end of the bss
        li      t1, USER_HEAP_END
        bgtu    t0, t1, .Ltoo_large
        mv      a0, zero
        return
.Lnot_ours:
        li      a0, -ENOEXEC
        return
.Ltoo_large:
        li      a0, -ENOMEM
.Ldone:
endp
