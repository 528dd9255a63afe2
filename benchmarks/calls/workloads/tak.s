# tak: Takeuchi's function, a usual measure of calls: three arguments, four calls a call, moderate depth.

.include "common.inc"
.include "../../marks.inc"

.globl at_call                           # the host counts calls by it

.text

proc main
        begin
        li      a0, 12
        li      a1, 8
        li      a2, 4
        call    tak
        end
        li      a0, 0
endp

# tak(x, y, z) -> z if y >= x, else tak(tak(x-1, y, z), tak(y-1, z, x), tak(z-1, x, y))
# Locals: x, y, z, and the two first results.
proc tak, args=3, frame=32
at_call:
        sw      a0, 0(sp)
        sw      a1, 4(sp)
        sw      a2, 8(sp)
        bge     a1, a0, 1f
        addi    a0, a0, -1
        call    tak
        sw      a0, 12(sp)
        lw      a0, 4(sp)
        lw      a1, 8(sp)
        lw      a2, 0(sp)
        addi    a0, a0, -1
        call    tak
        sw      a0, 16(sp)
        lw      a0, 8(sp)
        lw      a1, 0(sp)
        lw      a2, 4(sp)
        addi    a0, a0, -1
        call    tak
        mv      a2, a0
        lw      a0, 12(sp)
        lw      a1, 16(sp)
        call    tak
        return
1:      mv      a0, a2
endp
