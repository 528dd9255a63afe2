# depth: what a call costs, by how deep it is.
#
# Teaches: with register windows a call saves nothing, as long as there is a window left. With 8 windows, of which one
# stays free, the procedures that are running fit down to some depth; each call below it takes a window from the oldest
# procedure (overflow: the kernel stores its 16 registers on its stack), and each return up there finds it gone
# (underflow: they are loaded again). So calls are cheap in programs that go down and up a little, all the time.
# Look at: instructions per call. They are the same for every depth, then there is a step: every call beyond it costs
# two traps. `toyos run --nwin 16` moves the step, `--nwin 4` too.
# Meant for window mode: toyos run --mode window programs/arch/window/depth.s; in the others every call costs the same.

.include "common.inc"

.equ DEEPEST,   12

.text

# main() -> 0.
# s0 = depth, s1 = instructions before.
proc main
        li      a0, 1
        call    down                    # whatever a first time costs is paid
        li      s0, 1
1:      call    instructions
        mv      s1, a0
        mv      a0, s0
        call    down
        call    instructions
        sub     a2, a0, s1
        mv      a1, s0
        divu    a3, a2, s0
        la      a0, line
        call    printf
        addi    s0, s0, 1
        li      t0, DEEPEST
        bleu    s0, t0, 1b
        li      a0, 0
        return
endp

# down(n): calls itself until there are n of it. `proc` is a wsave, `endp` a wret. Called by main.
proc down, args=1
        addi    a0, a0, -1
        blez    a0, 1f
        call    down
1:
endp

.section .rodata
line:           .asciz "%2u calls deep: %4u instructions, %3u a call\n"
