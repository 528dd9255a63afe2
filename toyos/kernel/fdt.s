# fdt.s: flattened device tree -> what the kernel wants to know of its board.
#
# The boot code gets the tree's address from the firmware (here: from the machine) and hands it to fdt_parse once,
# before paging. Source: Devicetree Specification, release 0.4, chapter 5. All numbers in the tree are big-endian.

.include "common.inc"

# Header of the tree.
.equ FDT_MAGIC,         0xd00dfeed
.equ FDT_OFF_TOTALSIZE, 4
.equ FDT_OFF_STRUCT,    8               # offset of the structure: a run of tokens
.equ FDT_OFF_STRINGS,   12              # offset of the property names

# Tokens.
.equ FDT_BEGIN_NODE,    1               # name, NUL, filled up to a word
.equ FDT_END_NODE,      2
.equ FDT_PROP,          3               # length, offset of the name, value, filled up to a word
.equ FDT_NOP,           4
.equ FDT_END,           9

# The nodes that matter: the root and some of its children.
.equ NODE_OTHER,        0
.equ NODE_ROOT,         1
.equ NODE_MEMORY,       2
.equ NODE_CHOSEN,       3

# The frame of fdt_parse.
.equ D_DEPTH,           0               # nodes that are open here
.equ D_NODE,            4               # which of the nodes above the innermost one is
.equ D_STRINGS,         8               # address of the property names
.equ D_FRAME,           16

# A row of `wanted`.
.equ W_NODE,            0               # in this node
.equ W_NAME,            4               # the property with this name
.equ W_TAKE,            8               # is taken by this procedure(value, length, into)
.equ W_INTO,            12              # and goes there
.equ W_SIZE,            16

.data

# The results. Defaults are those of a board whose firmware passes no tree.
.globl boot_ram_base, boot_ram_size, boot_initrd_start, boot_initrd_end
.globl boot_fdt_start, boot_fdt_end
.balign 4
boot_ram_base:          .word 0x80000000        # first byte of RAM
boot_ram_size:          .word 0x04000000        # bytes
boot_initrd_start:      .word 0                 # the archive with the first file system; 0, 0: none
boot_initrd_end:        .word 0                 # the byte behind it
boot_fdt_start:         .word 0                 # the tree itself; 0, 0: none
boot_fdt_end:           .word 0
root_address_cells:     .word 2                 # words of an address in the root's children
root_size_cells:        .word 1                 # words of a size there

.section .rodata
.balign 4
wanted:
        .word NODE_ROOT,   name_address_cells, fdt_take_last_cell, root_address_cells
        .word NODE_ROOT,   name_size_cells,    fdt_take_last_cell, root_size_cells
        .word NODE_MEMORY, name_reg,           fdt_take_memory,    0
        .word NODE_CHOSEN, name_initrd_start,  fdt_take_last_cell, boot_initrd_start
        .word NODE_CHOSEN, name_initrd_end,    fdt_take_last_cell, boot_initrd_end
wanted_end:
name_address_cells:     .asciz "#address-cells"
name_size_cells:        .asciz "#size-cells"
name_reg:               .asciz "reg"
name_initrd_start:      .asciz "linux,initrd-start"
name_initrd_end:        .asciz "linux,initrd-end"
name_memory:            .asciz "memory"
name_chosen:            .asciz "chosen"

.text

# fdt_parse(tree) -> 0, or -1 when there is no sound device tree at that address; what was found until then stays.
# s0 = next token. Called by the boot code.
proc fdt_parse, args=1, frame=D_FRAME
        mv      s0, a0
        sw      zero, D_DEPTH(sp)
        sw      zero, D_NODE(sp)
        beqz    s0, .Lbad
        andi    t0, s0, 3
        bnez    t0, .Lbad
        call    big_endian
        li      t0, FDT_MAGIC
        bne     a0, t0, .Lbad
        la      t0, boot_fdt_start
        sw      s0, 0(t0)
        addi    a0, s0, FDT_OFF_TOTALSIZE
        call    big_endian
        add     a0, a0, s0
        la      t0, boot_fdt_end
        sw      a0, 0(t0)
        addi    a0, s0, FDT_OFF_STRINGS
        call    big_endian
        add     a0, a0, s0
        sw      a0, D_STRINGS(sp)
        addi    a0, s0, FDT_OFF_STRUCT
        call    big_endian
        add     s0, s0, a0

.Ltoken:
        la      t0, boot_fdt_end        # a tree without an end must not lead us out of it
        lw      t0, 0(t0)
        bgeu    s0, t0, .Lbad
        mv      a0, s0
        call    big_endian
        addi    s0, s0, 4
        li      t0, FDT_PROP
        beq     a0, t0, .Lproperty
        li      t0, FDT_BEGIN_NODE
        beq     a0, t0, .Lbegin
        li      t0, FDT_END_NODE
        beq     a0, t0, .Lend_node
        li      t0, FDT_NOP
        beq     a0, t0, .Ltoken
        li      t0, FDT_END
        bne     a0, t0, .Lbad
        li      a0, 0
        return
.Lbad:  li      a0, -1
        return

.Lbegin:
        mv      a0, s0
        lw      a1, D_DEPTH(sp)
        addi    t0, a1, 1
        sw      t0, D_DEPTH(sp)
        call    fdt_node_kind
        sw      a0, D_NODE(sp)
        mv      a0, s0
        call    strlen
        add     s0, s0, a0
        addi    s0, s0, 4               # the NUL, and up to the next word
        andi    s0, s0, -4
        j       .Ltoken

.Lend_node:
        lw      t0, D_DEPTH(sp)
        addi    t0, t0, -1
        sw      t0, D_DEPTH(sp)
        sw      zero, D_NODE(sp)        # properties stand before the child nodes: the parent's are over
        j       .Ltoken

.Lproperty:
        mv      a0, s0
        call    big_endian
        mv      s1, a0                  # length of the value
        addi    a0, s0, 4
        call    big_endian
        lw      t0, D_STRINGS(sp)
        add     a1, a0, t0
        lw      a0, D_NODE(sp)
        addi    s0, s0, 8
        mv      a2, s0
        mv      a3, s1
        call    fdt_property
        add     s0, s0, s1
        addi    s0, s0, 3
        andi    s0, s0, -4
        j       .Ltoken
endp

# fdt_node_kind(name, depth) -> NODE_...: what a node at that depth is. The name may go on with "@address".
proc fdt_node_kind, args=2
        mv      s0, a0
        li      a0, NODE_ROOT
        beqz    a1, 9f
        li      t0, 1
        bne     a1, t0, 8f
        mv      a0, s0
        la      a1, name_memory
        li      a2, 6
        call    strncmp
        mv      t0, a0
        li      a0, NODE_MEMORY
        beqz    t0, 9f
        mv      a0, s0
        la      a1, name_chosen
        li      a2, 7
        call    strncmp
        mv      t0, a0
        li      a0, NODE_CHOSEN
        beqz    t0, 9f
8:      li      a0, NODE_OTHER
9:      return
endp

# fdt_property(node kind, name, value, length): takes the value if a row of `wanted` asks for it. s0 = the row.
proc fdt_property, args=4, frame=16
        sw      a0, 0(sp)
        sw      a1, 4(sp)
        sw      a2, 8(sp)
        mv      s1, a3
        la      s0, wanted
1:      la      t0, wanted_end
        beq     s0, t0, 3f
        lw      t0, W_NODE(s0)
        lw      t1, 0(sp)
        bne     t0, t1, 2f
        lw      a0, 4(sp)
        lw      a1, W_NAME(s0)
        li      a2, 32
        call    strncmp
        bnez    a0, 2f
        lw      a0, 8(sp)
        mv      a1, s1
        lw      a2, W_INTO(s0)
        lw      t0, W_TAKE(s0)
        jalr    t0
        j       3f
2:      addi    s0, s0, W_SIZE
        j       1b
3:      return
endp

# fdt_take_last_cell(value, length, into): a number of one or two words, of which the last one counts.
proc fdt_take_last_cell, args=3
        mv      s0, a2
        li      t0, 4
        bltu    a1, t0, 1f
        add     a0, a0, a1
        addi    a0, a0, -4
        call    big_endian
        sw      a0, 0(s0)
1:      return
endp

# fdt_take_memory(value, length): address and size of the RAM, each as many words as the root says.
proc fdt_take_memory, args=2
        mv      s0, a0
        la      t0, root_address_cells
        lw      t0, 0(t0)
        la      t1, root_size_cells
        lw      t1, 0(t1)
        add     t1, t1, t0
        slli    t1, t1, 2
        bltu    a1, t1, 1f              # shorter than one entry
        add     s1, s0, t1              # behind the size
        slli    t0, t0, 2
        add     a0, s0, t0
        addi    a0, a0, -4
        call    big_endian
        la      t0, boot_ram_base
        sw      a0, 0(t0)
        addi    a0, s1, -4
        call    big_endian
        la      t0, boot_ram_size
        sw      a0, 0(t0)
1:      return
endp

# big_endian(address) -> the number in the word there. A leaf.
big_endian:
        lbu     t0, 0(a0)
        lbu     t1, 1(a0)
        slli    t0, t0, 8
        or      t0, t0, t1
        lbu     t1, 2(a0)
        slli    t0, t0, 8
        or      t0, t0, t1
        lbu     t1, 3(a0)
        slli    t0, t0, 8
        or      a0, t0, t1
        ret
