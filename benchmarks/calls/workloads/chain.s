# chain: calls go down 64 levels and come back, again and again: the worst case of a stack of registers.

.include "common.inc"
.include "../../marks.inc"

.equ DEPTH, 64
.equ TIMES, 16

.text

# s0 = times left
proc main
        begin
        li      s0, TIMES
1:      li      a0, DEPTH
        call    down
        addi    s0, s0, -1
        bnez    s0, 1b
        end
        li      a0, 0
endp

# down(levels) -> levels: calls itself until there are none left, and adds one on the way back
proc down, args=1
        beqz    a0, 1f
        addi    a0, a0, -1
        call    down
        addi    a0, a0, 1
1:
endp
