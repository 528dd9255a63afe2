# exit.s: the ways in which a program ends itself.

.include "common.inc"
.include "syscall.inc"

.equ ATEXIT_MAX, 32             # handlers that C promises room for

.text

# exit(status): runs the atexit handlers, the last one registered first, and
# ends the process. Called by crt0 with main's result, and by programs.
proc exit, args=1
        mv      s0, a0
1:      la      t0, handlers_used       # read anew: a handler may register another one
        lw      t1, 0(t0)
        beqz    t1, 2f
        addi    t1, t1, -1
        sw      t1, 0(t0)
        slli    t1, t1, 2
        la      t0, handlers
        add     t0, t0, t1
        lw      t0, 0(t0)
        jalr    t0
        j       1b
2:      mv      a0, s0
        call    _exit
endp

# atexit(procedure) -> 0, or -1 when ATEXIT_MAX handlers are registered already
.globl atexit
atexit:
        la      t0, handlers_used
        lw      t1, 0(t0)
        li      a1, ATEXIT_MAX
        bgeu    t1, a1, 1f
        addi    a1, t1, 1
        sw      a1, 0(t0)
        slli    t1, t1, 2
        la      t0, handlers
        add     t0, t0, t1
        sw      a0, 0(t0)
        li      a0, 0
        ret
1:      li      a0, -1
        ret

# _exit(status): ends the process at once, without the handlers
.globl _exit
_exit:  syscall SYS_exit
        j       _exit

.bss
.balign 4
handlers_used:  .space 4
handlers:       .space 4*ATEXIT_MAX
