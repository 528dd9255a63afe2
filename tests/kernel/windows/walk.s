# walk.s: processes that follow a script of calls, returns, forks and switches, with every register of every window in
# use. What they meet goes into a hash, which each process prints when its script is done.
#
# The test puts behind this file:  scripts: .word SCRIPT, ..., 0   SCRIPT: .byte operation, ...
# Each script runs in a process of its own, all of them at once; it starts with the hash 1, 2, ... A script ends with
# the return from its first call. Operations, by number: see the table; tests/kernel/window_model.py does the same.

.include "common.inc"
.include "syscall.inc"
.include "signal.inc"

.equ OPERATION_SIZE, 32         # bytes of code
.equ MULTIPLIER, 1664525        # of a linear congruential generator (Numerical Recipes)
.equ INCREMENT,  1013904223
.equ MIX,        33
.equ CHILD_MARK, 0x5555
.equ LEAK_MARK,  0xdead
.equ WINDOW_BYTES, 64
.equ GONE_DEPTH, 5
.equ GLOBAL, 0x76543210

# The registers under test: `do` is expanded for each.
.macro each_tested do
        .irp    register, l1, l2, l3, l4, l5, l6, l7, i1, i2, i3, i4, i5
        \do     \register
        .endr
.endm

# The hash takes in a value.
.macro mix value
        la      t0, hash
        lw      t1, 0(t0)
        li      t2, MIX
        mul     t1, t1, t2
        xor     t1, t1, \value
        sw      t1, 0(t0)
.endm

# The registers that are no window's hold a number each, over a call or a return.
.macro set_globals
        li      gp, GLOBAL
        addi    tp, gp, 1
        addi    t0, gp, 2
        addi    t1, gp, 3
        addi    t2, gp, 4
        addi    a6, gp, 5
        addi    a7, gp, 6
.endm

.macro check_globals wrong, spare
        li      \spare, GLOBAL
        .irp    register, gp, tp, t0, t1, t2, a6, a7
        xor     \register, \register, \spare
        or      \wrong, \wrong, \register
        addi    \spare, \spare, 1
        .endr
.endm

.text

proc main, frame=16
        la      s0, scripts
        li      s1, 1
1:      lw      t0, 0(s0)
        beqz    t0, 2f
        call    fork
        beqz    a0, 3f
        addi    s0, s0, 4
        addi    s1, s1, 1
        j       1b
2:      call    reap
        return
3:      la      t0, hash
        sw      s1, 0(t0)
        lw      a0, 0(s0)
        .irp    register, a1, a2, a3, a4, a5
        li      \register, 0
        .endr
        set_globals
        call    walk
        call    reap
        la      t0, hash
        lw      a1, 0(t0)
        la      a0, form
        call    printf
        li      a0, 0
        call    exit
endp

# reap() -> 0 when all children have ended well
proc reap, frame=16
        li      s0, 0
1:      mv      a0, sp
        call    wait
        bltz    a0, 2f
        lw      t0, 0(sp)
        li      t1, SIGKILL             # by do_kill
        beq     t0, t1, 1b
        or      s0, s0, t0
        j       1b
2:      snez    a0, s0
endp

# walk(script) -> where it goes on behind the return. l0 = next operation.
.globl walk
walk:   wsave   -WINDOW_BYTES
        addi    l0, l0, WINDOW_BYTES    # a fresh window is empty but for sp
        add     l0, l0, sp
        xor     a0, a0, l0
        xor     a0, a0, isp
        .irp    register, ra, a1, a2, a3, a4, a5, l1, l2, l3, l4, l5, l6, l7
        or      a0, a0, \register
        .endr
        check_globals wrong=a0, spare=a1
        mv      l0, i0
        beqz    a0, next
leaked: li      t0, LEAK_MARK
        la      t1, hash
        sw      t0, 0(t1)
next:   lbu     t0, 0(l0)
        addi    l0, l0, 1
        slli    t0, t0, 5               # OPERATION_SIZE
        la      t1, operations
        add     t0, t0, t1
        jr      t0

.balign OPERATION_SIZE
operations:
        j       do_return               # 0
.balign OPERATION_SIZE
        j       do_call                 # 1
.balign OPERATION_SIZE
        syscall SYS_sched_yield         # 2
        j       next
.balign OPERATION_SIZE
        j       do_fork                 # 3
.balign OPERATION_SIZE
        syscall SYS_window_flush        # 4
        j       next
.balign OPERATION_SIZE
        syscall SYS_getpid              # 5
        j       next
.balign OPERATION_SIZE
        j       do_leave                # 6
.balign OPERATION_SIZE
        j       do_kill                 # 7
.macro set_register register            # 8 ..: the register becomes the hash, which goes on
.balign OPERATION_SIZE
        la      t0, hash
        lw      \register, 0(t0)
        j       step
.endm
        each_tested set_register
.macro mix_register register            # 20 ..: the hash takes in the register
.balign OPERATION_SIZE
        mv      a0, \register
        j       mixed
.endm
        each_tested mix_register

step:   la      t0, hash
        lw      t1, 0(t0)
        li      t2, MULTIPLIER
        mul     t1, t1, t2
        li      t2, INCREMENT
        add     t1, t1, t2
        sw      t1, 0(t0)
        j       next

mixed:  mix     a0
        j       next

do_call:
        la      t0, hash
        lw      t0, 0(t0)
        mv      a0, l0
        addi    a1, t0, 1
        addi    a2, t0, 2
        addi    a3, t0, 3
        addi    a4, t0, 4
        addi    a5, t0, 5
        set_globals
        call    walk
        mv      l0, a0
        li      a0, 0
        check_globals wrong=a0, spare=a1
        bnez    a0, leaked
        j       next

do_return:
        each_tested mix
        mv      i0, l0
        set_globals
        wret

do_fork:
        call    fork
        bnez    a0, step
        la      t0, hash
        lw      t1, 0(t0)
        li      t2, CHILD_MARK
        xor     t1, t1, t2
        sw      t1, 0(t0)
        j       next

# A child goes another way and ends in the middle of its windows, by itself or because it must.
do_leave:
        call    fork
        bnez    a0, step
        li      a0, GONE_DEPTH
        call    gone
do_kill:
        call    fork
        bnez    a0, 1f
        li      a0, GONE_DEPTH
        call    gone_for_ever
1:      mv      t0, a0
        syscall SYS_sched_yield
        syscall SYS_sched_yield
        mv      a0, t0
        li      a1, SIGKILL
        syscall SYS_kill
        j       step

proc gone, args=1
        syscall SYS_sched_yield
        beqz    i0, 1f
        addi    a0, i0, -1
        call    gone
1:      call    exit
endp

proc gone_for_ever, args=1
        beqz    i0, 1f
        addi    a0, i0, -1
        call    gone_for_ever
1:      syscall SYS_sched_yield
        j       1b
endp

.section .rodata
form:   .asciz "%08x\n"

.bss
        .balign 4
hash:   .zero 4

.data
        .balign 4
