# symbol.s: address in the kernel -> the name that a programmer knows it by.
#
# The names are in the file /boot/System.map, if the archive brings it along: lines as `nm` prints them, 8 hexadecimal
# digits, a blank, the kind, a blank, the name. Read only in a panic, so it may be slow.

.include "common.inc"
.include "errno.inc"
.include "file.inc"

.equ LINE_MAX,          128
.equ L_KIND,            9               # where things are in a line
.equ L_NAME,            11

.bss
line_text:      .space LINE_MAX         # the line that is looked at
best_text:      .space LINE_MAX         # the name of the nearest symbol so far, NUL-terminated

.section .rodata
map_path:       .asciz "/boot/System.map"
with_name:      .asciz "%p (%s+0x%x)"
without_name:   .asciz "%p"

.text

# symbol_print(address): prints it, with its name and offset if there is one: 0x80001234 (schedule+0x10).
# s0 = inode of the map, s1 = the nearest symbol's address so far, or 0.
.equ Y_ADDRESS,         0               # these three lie in the order in which printk takes them
.equ Y_BEST,            4
.equ Y_DISTANCE,        8
.equ Y_OFFSET,          12              # of the line in the map
.equ Y_BYTES,           16              # in line_text
.equ Y_WALK,            32
.equ Y_FRAME,           Y_WALK + WALK_SIZE
proc symbol_print, args=1, frame=Y_FRAME
        sw      a0, Y_ADDRESS(sp)
        sw      zero, Y_OFFSET(sp)
        li      s1, 0
        la      a0, root_inode
        lw      t0, I_FS(a0)
        beqz    t0, .Lsearched          # too early: no file system yet
        la      a1, map_path
        addi    a2, sp, Y_WALK
        call    path_walk
        if_error a0, .Lsearched
        mv      s0, a0

.Lline: mv      a0, s0
        la      a1, line_text
        lw      a2, Y_OFFSET(sp)
        li      a3, LINE_MAX
        call    fs_read
        li      t0, L_NAME + 1
        blt     a0, t0, .Lsearched
        la      a1, line_text           # cut the line off at its end
        add     a2, a1, a0
        li      t0, '\n'
1:      beq     a1, a2, .Lsearched      # a line longer than any name
        lbu     t1, 0(a1)
        addi    a1, a1, 1
        bne     t1, t0, 1b
        sb      zero, -1(a1)
        la      t0, line_text
        sub     a1, a1, t0
        lw      t1, Y_OFFSET(sp)
        add     t1, t1, a1
        sw      t1, Y_OFFSET(sp)

        lbu     t1, L_KIND(t0)          # procedures are T or t
        ori     t1, t1, 0x20
        li      a1, 't'
        bne     t1, a1, .Lline
        mv      a0, t0
        call    hexadecimal
        lw      t0, Y_ADDRESS(sp)
        bgtu    a0, t0, .Lline          # behind our address,
        bltu    a0, s1, .Lline          # or farther away than the best one
        mv      s1, a0
        la      a0, best_text
        la      a1, line_text + L_NAME
        li      a2, LINE_MAX - L_NAME
        call    strlcpy
        j       .Lline

.Lsearched:
        la      a0, without_name
        beqz    s1, 2f
        la      t0, best_text
        sw      t0, Y_BEST(sp)
        lw      t0, Y_ADDRESS(sp)
        sub     t0, t0, s1
        sw      t0, Y_DISTANCE(sp)
        la      a0, with_name
2:      mv      a1, sp
        call    printk
        return
endp
