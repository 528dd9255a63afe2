# file.s: the table of open files.
#
# A row is taken by openat, gains a reference for every descriptor that dup or fork makes, and is free again when the
# last descriptor is closed.

.include "common.inc"
.include "file.inc"

.bss
.balign 4
open_files:     .space OPEN_FILES * F_SIZE
open_files_end:

.text

# file_new(ops, inode, flags) -> open file with one reference at offset 0, or 0 when the table is full. A leaf.
.globl file_new
file_new:
        la      a3, open_files
        la      t1, open_files_end
1:      lw      t0, F_REFS(a3)
        beqz    t0, 2f
        addi    a3, a3, F_SIZE
        bne     a3, t1, 1b
        li      a0, 0
        ret
2:      li      t0, 1
        sw      t0, F_REFS(a3)
        sw      a0, F_OPS(a3)
        sw      a1, F_INODE(a3)
        sw      zero, F_OFFSET(a3)
        li      t0, O_KEPT
        and     a2, a2, t0
        sw      a2, F_FLAGS(a3)
        mv      a0, a3
        ret

# file_share(file) -> file, with one more reference. A leaf.
.globl file_share
file_share:
        lw      t0, F_REFS(a0)
        addi    t0, t0, 1
        sw      t0, F_REFS(a0)
        ret

# file_release(file): one descriptor less leads to it; without any the row is free. A leaf.
.globl file_release
file_release:
        lw      t0, F_REFS(a0)
        addi    t0, t0, -1
        sw      t0, F_REFS(a0)
        ret
