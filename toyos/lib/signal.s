# signal.s: the names of signals.

.include "common.inc"

.text

# strsignal(number) -> text that describes the signal, as on Linux. A leaf.
.globl strsignal
strsignal:
        la      t0, signal_texts
        mv      t1, a0
1:      lbu     a0, 0(t0)               # an empty text ends the list
        beqz    a0, 4f
        beqz    t1, 3f
2:      lbu     a0, 0(t0)               # step over one text
        addi    t0, t0, 1
        bnez    a0, 2b
        addi    t1, t1, -1
        j       1b
3:      mv      a0, t0
        ret
4:      la      a0, unknown_signal
        ret

.section .rodata
unknown_signal: .asciz "Unknown signal"

# The texts in the order of their numbers, from 0.
signal_texts:
        .asciz "Signal 0"
        .asciz "Hangup"
        .asciz "Interrupt"
        .asciz "Quit"
        .asciz "Illegal instruction"
        .asciz "Trace/breakpoint trap"
        .asciz "Aborted"
        .asciz "Bus error"
        .asciz "Floating point exception"
        .asciz "Killed"
        .asciz "User defined signal 1"
        .asciz "Segmentation fault"
        .asciz "User defined signal 2"
        .asciz "Broken pipe"
        .asciz "Alarm clock"
        .asciz "Terminated"
        .asciz "Stack fault"
        .asciz "Child exited"
        .asciz "Continued"
        .asciz "Stopped (signal)"
        .asciz "Stopped"
        .byte 0
