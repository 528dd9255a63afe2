# Frames: the pages of RAM, counted references and a free list.
#
#   frame_take()          -> a frame with one reference and whatever was in it, or 0
#   frame_alloc()         -> the same, zeroed: for everything that a process will see
#   frame_share(frame)       one reference more
#   frame_free(frame)        one reference less; the last one puts the frame on the free list
#   frame_references(frame) -> how many
#
# A frame is named by its physical address. Frames that were never used are not on the list: they begin at `frame_next`,
# so that booting costs nothing per page of RAM. Never handed out: the kernel, the frame table, the initrd and the
# device tree.

.include "kernel.inc"

.equ RESERVED_RANGES, 3

.text

# frames_init(fdt): finds out which frames there are, after fdt_parse. Called once at boot.
# s0 = first free byte behind the kernel, s1 = end of RAM.
proc frames_init, args=1
        la      s0, reserved            # device tree, rounded to pages
        li      t1, -PAGE_SIZE
        and     a0, a0, t1
        sw      a0, 0(s0)
        la      a0, boot_fdt_end
        lw      a0, 0(a0)
        page_up a0
        sw      a0, 4(s0)
        la      a0, boot_initrd_start
        lw      a0, 0(a0)
        li      t1, -PAGE_SIZE
        and     a0, a0, t1
        sw      a0, 8(s0)
        la      a0, boot_initrd_end
        lw      a0, 0(a0)
        page_up a0
        sw      a0, 12(s0)

        la      a0, boot_ram_size
        lw      s1, 0(a0)
        li      t0, RAM_SIZE_MAX
        bleu    s1, t0, 1f
        mv      s1, t0
1:      li      t0, KERNEL_BASE
        add     s1, s1, t0
        li      t1, -PAGE_SIZE
        and     s1, s1, t1
        la      t0, frame_end
        sw      s1, 0(t0)

        la      s0, _end
        page_up s0
        mv      a0, s0
        mv      a1, s1
        call    frame_table_place
        mv      a0, s0
        call    frame_skip
        la      t0, frame_next
        sw      a0, 0(t0)

        li      s0, 0                   # count them, one run between reserved ranges at a time
2:      bgeu    a0, s1, 3f
        mv      a1, s1
        call    frame_run
        sub     t0, a1, a0
        srli    t0, t0, PAGE_SHIFT
        add     s0, s0, t0
        mv      a0, a1
        call    frame_skip
        j       2b
3:      la      t0, kstat
        sw      s0, KS_FREE(t0)
        li      t1, KERNEL_BASE
        sub     s1, s1, t1
        srli    s1, s1, PAGE_SHIFT
        sw      s1, KS_TOTAL(t0)
endp

# frame_table_place(first, end of RAM): puts the table of reference counts, one word a frame, into the first gap from
# `first` on that holds it, and reserves that. Called by frames_init.
# s0 = start of the table, s1 = its size.
proc frame_table_place, args=2
        mv      s0, a0
        li      t0, KERNEL_BASE
        sub     s1, a1, t0
        srli    s1, s1, PAGE_SHIFT - 2
        page_up s1
.Ltry:  la      t0, reserved            # does it run into a range that is reserved already?
        li      t1, RESERVED_RANGES - 1
.Lrange:
        lw      a0, 0(t0)
        lw      a1, 4(t0)
        add     a2, s0, s1
        bgeu    a0, a2, .Lclear
        bgeu    s0, a1, .Lclear
        mv      s0, a1                  # then behind that range
        j       .Ltry
.Lclear:
        addi    t0, t0, 8
        addi    t1, t1, -1
        bnez    t1, .Lrange
        sw      s0, 0(t0)
        sw      a2, 4(t0)
        la      t0, frame_table
        sw      s0, 0(t0)
endp

# frame_skip(address) -> the first address from there on that is not in a reserved range. Leaf; keeps nothing but s0,
# s1.
frame_skip:
        la      t0, reserved
        li      t1, RESERVED_RANGES
1:      lw      a1, 0(t0)
        lw      a2, 4(t0)
        bltu    a0, a1, 2f
        bgeu    a0, a2, 2f
        mv      a0, a2
        j       frame_skip              # another range may begin here
2:      addi    t0, t0, 8
        addi    t1, t1, -1
        bnez    t1, 1b
        ret

# frame_run(address, end) -> a0 = address, a1 = where the frames that can be used from there on end: at the next
# reserved range or at `end`. Leaf. Called by frames_init.
frame_run:
        la      t0, reserved
        li      t1, RESERVED_RANGES
1:      lw      a2, 0(t0)
        bltu    a2, a0, 2f
        bgeu    a2, a1, 2f
        mv      a1, a2
2:      addi    t0, t0, 8
        addi    t1, t1, -1
        bnez    t1, 1b
        ret

# Turns the frame in a register into the address of its reference count. Uses t0.
.macro reference_of register
        li      t0, KERNEL_BASE
        sub     \register, \register, t0
        srli    \register, \register, PAGE_SHIFT - 2
        la      t0, frame_table
        lw      t0, 0(t0)
        add     \register, \register, t0
.endm

# frame_take() -> frame with one reference, not zeroed, or 0 when there is none. Called by frame_alloc, and where the
# whole frame is overwritten at once.
# s0 = the frame.
proc frame_take
        la      t0, free_frames
        lw      s0, 0(t0)
        beqz    s0, 1f
        lw      t1, 0(s0)               # a free frame's first word is the link to the next
        sw      t1, 0(t0)
        j       2f
1:      la      t0, frame_next
        lw      s0, 0(t0)
        mv      a0, zero
        la      t0, frame_end
        lw      t0, 0(t0)
        bgeu    s0, t0, 3f
        li      a0, PAGE_SIZE
        add     a0, a0, s0
        call    frame_skip
        la      t0, frame_next
        sw      a0, 0(t0)
2:      mv      a0, s0
        reference_of a0
        li      t1, 1
        sw      t1, 0(a0)
        uncount KS_FREE
        mv      a0, s0
3:
endp

# frame_alloc() -> zeroed frame with one reference, or 0 when there is none.
proc frame_alloc
        call    frame_take
        beqz    a0, 1f
        call    page_zero
1:
endp

# frame_share(frame): one reference more. Leaf.
.globl frame_share
frame_share:
        reference_of a0
        lw      t0, 0(a0)
        addi    t0, t0, 1
        sw      t0, 0(a0)
        li      t1, 2
        bne     t0, t1, 1f
        count   KS_SHARED
1:      ret

# frame_references(frame) -> references. Leaf.
.globl frame_references
frame_references:
        reference_of a0
        lw      a0, 0(a0)
        ret

# frame_free(frame): one reference less; the frame is free after the last.
proc frame_free, args=1
        mv      s0, a0
        reference_of a0
        lw      t0, 0(a0)
        beqz    t0, 3f
        addi    t0, t0, -1
        sw      t0, 0(a0)
        beqz    t0, 1f
        li      t1, 1
        bne     t0, t1, 2f
        uncount KS_SHARED
        return
1:      la      t0, free_frames
        lw      t1, 0(t0)
        sw      t1, 0(s0)
        sw      s0, 0(t0)
        count   KS_FREE
2:      return
3:      la      a0, freed_twice
        call    panic
endp

# page_zero(page) -> page: fills it with zeros. Leaf.
.globl page_zero
page_zero:
        li      t0, PAGE_SIZE
        add     t0, t0, a0
        mv      t1, a0
1:      sw      zero, 0(t1)
        sw      zero, 4(t1)
        sw      zero, 8(t1)
        sw      zero, 12(t1)
        sw      zero, 16(t1)
        sw      zero, 20(t1)
        sw      zero, 24(t1)
        sw      zero, 28(t1)
        addi    t1, t1, 32
        bne     t1, t0, 1b
        ret

.section .rodata
freed_twice:    .asciz "a frame was freed twice"

.bss
        .balign 4
reserved:       .zero 8 * RESERVED_RANGES       # start, end: device tree, initrd, frame table
.globl frame_table
frame_table:    .zero 4                         # reference counts, one word a frame from KERNEL_BASE on
free_frames:    .zero 4                         # frames that were used and are free again
frame_next:     .zero 4                         # frames from here on were never used,
frame_end:      .zero 4                         # up to the end of RAM
