# block_move: instructions that take as long as they need.
#
# Teaches: `movc`, `filc` and `cmpc` work on blocks of any length in one instruction, and yet an interrupt need not
# wait for their end: a0, a1 and a2 always say what is left, so the instruction goes on where it was. The same holds
# for a page fault: the 64 KiB that are filled here did not exist before they were touched.
# Look at: where the registers are afterwards; the first byte in which two blocks differ.
# Runs in cisc mode only: toyos run --mode cisc programs/arch/cisc/block_move.s

.include "common.inc"

.equ LENGTH,    65536
.equ PLACE,     40000           # of the byte that is changed

.text

# main() -> 0.
proc main
        movl    $from, a0               # LENGTH times the letter x
        movl    $'x', a1
        movl    $LENGTH, a2
        filc
        movl    $to, a0                 # copied
        movl    $from, a1
        movl    $LENGTH, a2
        movc
        subl3   a0, $to, a1
        moval   moved, a0
        call    printf

        movl    $to, a0                 # compared: equal
        movl    $from, a1
        movl    $LENGTH, a2
        cmpc
        subl3   a0, $to, a1
        moval   compared, a0
        call    printf

        movb    $'y', to + PLACE        # compared again: one byte differs
        movl    $to, a0
        movl    $from, a1
        movl    $LENGTH, a2
        cmpc
        subl3   a0, $to, a1
        moval   compared, a0
        call    printf
        movl    $0, a0
endp

.section .rodata
moved:          .asciz "moved up to byte %u, %u left\n"
compared:       .asciz "equal up to byte %u, %u left, difference %d\n"

.bss
from:           .zero LENGTH
to:             .zero LENGTH
