# assert.s: ends a process that has found itself to be wrong.

.include "common.inc"
.include "signal.inc"

.text

# abort(): ends the process by SIGABRT
proc abort
        call    getpid
        li      a1, SIGABRT
        call    kill
        li      a0, 128+SIGABRT         # should the signal be refused
        call    _exit
endp

# assert(condition, text): if the condition is 0, says on standard error that
# what text describes does not hold, and aborts
proc assert, args=2
        bnez    a0, 1f
        la      a0, failed
        call    eprintf
        call    abort
1:      return
endp

.section .rodata
failed: .asciz "assertion failed: %s\n"
