# cat [FILE]...: writes the files, one behind the other; without FILE, or for
# "-", what it reads from standard input.

.include "common.inc"
.include "fcntl.inc"

.equ PIECE, 1024                # bytes moved at a time

.text

# s0 = next word of argv, s1 = exit status
proc main, args=2
        addi    s0, a1, 4
        li      s1, 0
        lw      t0, 0(s0)
        bnez    t0, 1f
        li      a0, 0
        la      a1, standard_input
        call    copy
        neg     a0, a0
        return
1:      lw      a0, 0(s0)
        beqz    a0, 5f
        la      a1, dash
        call    strcmp
        beqz    a0, 2f
        lw      a0, 0(s0)
        li      a1, O_RDONLY
        call    open
        bltz    a0, 3f
2:      lw      a1, 0(s0)
        call    copy
        bgez    a0, 4f
        li      s1, 1
        j       4f
3:      lw      a0, 0(s0)
        call    report
        li      s1, 1
4:      addi    s0, s0, 4
        j       1b
5:      mv      a0, s1
        return
endp

# copy(fd, name) -> 0, or -1 after a message: all of fd to standard output;
# closes fd
proc copy, args=2, frame=16
        mv      s0, a0
        sw      a1, 0(sp)
1:      mv      a0, s0
        la      a1, buffer
        li      a2, PIECE
        call    read
        beqz    a0, 2f
        bltz    a0, 3f
        mv      a2, a0
        li      a0, 1
        la      a1, buffer
        call    write
        bgez    a0, 1b
3:      lw      a0, 0(sp)
        call    report
        li      s1, -1
        j       4f
2:      li      s1, 0
4:      mv      a0, s0
        call    close
        mv      a0, s1
        return
endp

# report(name): "cat: name: what errno says", to standard error
proc report, args=1
        mv      s0, a0
        la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        mv      a1, s0
        la      a0, message
        call    eprintf
        return
endp

.section .rodata
message:        .asciz "cat: %s: %s\n"
dash:           .asciz "-"
standard_input: .asciz "standard input"

.bss
buffer: .space  PIECE
