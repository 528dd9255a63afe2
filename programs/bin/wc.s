# wc [FILE]...: counts lines, words and bytes; without FILE, or for "-", those
# of standard input. With several files, their sum too.

.include "common.inc"
.include "fcntl.inc"

.equ PIECE, 1024                # bytes read at a time
.equ USED,  24                  # words at sp: counts, name, then the sums
.equ SUM,   12

.text

# s0 = next word of argv, s1 = exit status. At sp: lines, words, bytes of one
# file; at SUM(sp): of all; at USED(sp): how many files there were.
proc main, args=2, frame=32
        addi    s0, a1, 4
        li      s1, 0
        sw      zero, SUM(sp)
        sw      zero, SUM+4(sp)
        sw      zero, SUM+8(sp)
        sw      zero, USED(sp)
        lw      t0, 0(s0)
        bnez    t0, 1f
        li      a0, 0
        mv      a1, sp
        call    count
        bltz    a0, 6f
        mv      a0, sp
        la      a1, nothing
        call    show
        j       5f

1:      lw      a0, 0(s0)
        beqz    a0, 4f
        la      a1, dash
        call    strcmp
        beqz    a0, 2f
        lw      a0, 0(s0)
        li      a1, O_RDONLY
        call    open
        bltz    a0, 6f
2:      mv      a1, sp
        call    count
        bltz    a0, 6f
        lw      t0, USED(sp)
        addi    t0, t0, 1
        sw      t0, USED(sp)
        mv      a0, sp
        addi    a1, sp, SUM
        call    add_up
        mv      a0, sp
        lw      a1, 0(s0)
        call    show
3:      addi    s0, s0, 4
        j       1b

4:      lw      t0, USED(sp)
        li      t1, 2
        bltu    t0, t1, 5f
        addi    a0, sp, SUM
        la      a1, total
        call    show
5:      mv      a0, s1
        return

6:      la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, message
        call    eprintf
        li      s1, 1
        lw      t0, 0(s0)
        bnez    t0, 3b
        j       5b
endp

# add_up(one, sum): three counts. A leaf.
add_up: lw      t0, 0(a0)
        lw      t1, 0(a1)
        add     t0, t0, t1
        sw      t0, 0(a1)
        lw      t0, 4(a0)
        lw      t1, 4(a1)
        add     t0, t0, t1
        sw      t0, 4(a1)
        lw      t0, 8(a0)
        lw      t1, 8(a1)
        add     t0, t0, t1
        sw      t0, 8(a1)
        ret

# show(counts, name): one line
proc show, args=2, frame=16
        lw      t0, 0(a0)
        sw      t0, 0(sp)
        lw      t0, 4(a0)
        sw      t0, 4(sp)
        lw      t0, 8(a0)
        sw      t0, 8(sp)
        sw      a1, 12(sp)
        la      a0, line
        mv      a1, sp
        call    vprintf
        return
endp

# count(fd, counts) -> 0 or -1: reads to the end and closes
# s0 = counts; at sp: fd, 1 while within a word
proc count, args=2, frame=16
        sw      a0, 0(sp)
        sw      zero, 4(sp)
        mv      s0, a1
        sw      zero, 0(s0)
        sw      zero, 4(s0)
        sw      zero, 8(s0)
1:      lw      a0, 0(sp)
        la      a1, buffer
        li      a2, PIECE
        call    read
        blez    a0, 6f
        lw      t0, 8(s0)
        add     t0, t0, a0
        sw      t0, 8(s0)
        la      a1, buffer              # a1 = next byte, a2 = end
        add     a2, a1, a0
2:      bgeu    a1, a2, 1b
        lbu     t0, 0(a1)
        addi    a1, a1, 1
        li      t1, '\n'
        bne     t0, t1, 3f
        lw      a0, 0(s0)
        addi    a0, a0, 1
        sw      a0, 0(s0)
        j       5f
3:      li      t1, ' '
        beq     t0, t1, 5f
        li      t1, '\t'
        beq     t0, t1, 5f
        li      t1, '\r'
        beq     t0, t1, 5f
        lw      t1, 4(sp)
        bnez    t1, 2b
        li      t1, 1                   # a word begins
        sw      t1, 4(sp)
        lw      t1, 4(s0)
        addi    t1, t1, 1
        sw      t1, 4(s0)
        j       2b
5:      sw      zero, 4(sp)
        j       2b
6:      mv      s1, a0
        lw      a0, 0(sp)
        bltz    s1, 7f
        call    close
        li      a0, 0
        return
7:      la      t0, errno               # close must not hide why read failed
        lw      s0, 0(t0)
        call    close
        la      t0, errno
        sw      s0, 0(t0)
        li      a0, -1
        return
endp

.section .rodata
dash:           .asciz "-"
nothing:        .asciz ""
total:          .asciz "total"
line:           .asciz "%7u %7u %7u %s\n"
message:        .asciz "wc: %s: %s\n"

.bss
buffer: .space  PIECE
