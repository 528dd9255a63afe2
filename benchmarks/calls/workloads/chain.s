# chain: calls go straight down and come straight back, again and again: the worst case of a stack of registers.
#
#   chain DEPTH TIMES

.include "common.inc"
.include "../../marks.inc"

.globl at_call                           # the host counts calls by it

.text

# s0 = times left; local 0 = DEPTH
proc main, args=2, frame=16
        mv      s0, a1
        lw      a0, 4(s0)
        call    atoi
        sw      a0, 0(sp)
        lw      a0, 8(s0)
        call    atoi
        mv      s0, a0
        begin
1:      lw      a0, 0(sp)
        call    down
        addi    s0, s0, -1
        bnez    s0, 1b
        end
        li      a0, 0
endp

# down(levels) -> levels: calls itself until none are left, and adds one on the way back
proc down, args=1
at_call:
        addi    a0, a0, -1
        beqz    a0, 1f
        call    down
1:      addi    a0, a0, 1
endp
