# dump: all registers in one instruction.
#
# Teaches: what a context switch does with the registers, seen from a program. `xdump` stores x1 to x31 one behind the
# other, register n at 4 * n; `xload` loads them. So a state that was saved comes back with everything in it, whatever
# has become of the registers since.
# Look at: s0, which is 1, is lost, and is what the block says it is when the state comes back.
# Runs in the RISC modes only: toyos run programs/arch/risc/dump.s

.include "common.inc"

.equ WORD,      4
.equ X_S0,      8 * WORD        # in the block: register x8
.equ BLOCK,     32 * WORD

.text

# main() -> 0.
# s0 = 1 when the state is saved, 2 when it has come back.
proc main
        li      s0, 1
        la      s1, block
        xdump   (s1)
saved:  mv      a1, s0                  # twice: after the dump, and when the state has been loaded
        lw      a2, X_S0(s1)
        la      a0, line
        call    printf
        addi    t0, s0, -1
        bnez    t0, 1f                  # this is the second time
        li      t0, 2                   # what s0 is to be when it comes back
        sw      t0, X_S0(s1)
        li      s0, 1000                # lost
        la      a0, block
        xload   (a0)                    # s1, sp and all others are as they were
        j       saved
1:      li      a0, 0
        return
endp

.section .rodata
line:           .asciz "s0 is %u, in the block it is %u\n"

.bss
        .balign 4
block:          .zero BLOCK
