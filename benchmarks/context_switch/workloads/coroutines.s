# coroutines: two threads of one process hand the processor to each other, and the kernel does not know.
#
# A switch is a call: the library's setjmp keeps what calls preserve, and no more, and longjmp goes on where the other
# thread has left. Register windows cannot be kept that way: the kernel is asked to put them on the stack.

.include "common.inc"
.include "setjmp.inc"
.include "../../marks.inc"

.equ SWITCHES,   64             # there and back again
.equ STACK_SIZE, 4096

.globl at_switch                         # the host counts switches by it

.text

# main() -> 0.
# s0 = rounds left.
proc main
        la      a0, first
        call    setjmp
        bnez    a0, 1f
        la      sp, stack_top           # the other thread begins, on a stack of its own
        call    other
1:      begin
        li      s0, SWITCHES / 2
2:      la      a0, first
        la      a1, second
        call    switch
        addi    s0, s0, -1
        bnez    s0, 2b
        end
        li      a0, 0
        call    exit                    # `return` would be right too, if this were the stack that main began on
endp

# other(): gives the processor back, again and again. Called by main, once.
proc other
1:      la      a0, second
        la      a1, first
        call    switch
        j       1b
endp

# switch(mine, theirs): keeps the state of the thread that runs in `mine` and goes on with that in `theirs`; comes back
# when somebody goes on with `mine`. Called by main and other.
# s0 = theirs.
proc switch, args=2
at_switch:
        mv      s0, a1
        call    setjmp
        bnez    a0, 1f
        mv      a0, s0
        li      a1, 1
        call    longjmp
1:
endp

.bss
        .balign 16
first:  .zero   JMP_BUF_SIZE
second: .zero   JMP_BUF_SIZE
        .balign 16
        .zero   STACK_SIZE
stack_top:
