# starved.s: a process whose caller's window must be spilled to a page that is not there, when no frame is free. Prints
# its status (wait(2)).

.include "common.inc"
.include "syscall.inc"
.include "wait.inc"

.equ DEPTH,  40
.equ TURNS,  10
.equ FRESH,  0x7fc00100         # in the stack's region, far from what was ever used
.equ WINDOW_BYTES, 64
.equ SURVIVED, 5

.text

# s0 = pid
proc main, frame=16
        li      a0, DEPTH               # the stack's pages are there, and this process's own
        call    down
        call    fork
        mv      s0, a0
        bnez    a0, 1f
        call    starve
1:      li      a0, DEPTH
        call    down
        syscall SYS_sched_yield
        mv      a0, s0
        mv      a1, sp
        li      a2, WNOHANG
        call    waitpid
        beqz    a0, 1b
        lw      a1, 0(sp)
        la      a0, form
        call    printf
        li      a0, 0
endp

# down(depth): leaves a trail of windows
proc down, args=1
        beqz    a0, 1f
        addi    a0, a0, -1
        call    down
1:
endp

# starve(): takes all memory, page by page, then has its caller's window at FRESH while others run. Does not come back.
# s0 = end of the heap
proc starve
        li      s1, TURNS               # until the other one has copied what fork has shared
1:      syscall SYS_sched_yield
        addi    s1, s1, -1
        bnez    s1, 1b
        li      a0, 0
        syscall SYS_brk
        mv      s0, a0
2:      li      t0, 4096
        add     s0, s0, t0
        mv      a0, s0
        syscall SYS_brk
        beq     a0, s0, 2b
        li      sp, FRESH
        call    give_way
endp

give_way:
        wsave   0
        la      sp, spare_stack_end
        li      l0, TURNS
1:      syscall SYS_sched_yield
        addi    l0, l0, -1
        bnez    l0, 1b
        li      a0, SURVIVED
        syscall SYS_exit

.section .rodata
form:   .asciz "%d\n"

.data
        .zero   256
spare_stack_end:
