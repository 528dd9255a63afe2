# syscalls: makes the system calls that a file lists, sensible or not.
#
# Input: /etc/calls, records of five words: number, and four arguments. An
# argument whose upper half is POINTER means this program's own buffer, at the
# offset in its lower half. The calls are made in a child, as any of them may be
# its last; when it has not ended by itself after a while, it is killed.
# Output: one line. What counts is that the kernel lives on.

.include "common.inc"
.include "fcntl.inc"
.include "signal.inc"
.include "wait.inc"

.equ POINTER,     0xb0f0        # in the upper half of an argument
.equ CALL_BYTES,  20
.equ CALLS_BYTES, 65536         # longest /etc/calls
.equ PATIENCE,    50000         # microseconds

.text

# s0 = child
proc main, frame=16
        call    fork
        mv      s0, a0
        bltz    s0, failed
        beqz    s0, child
        li      a0, PATIENCE
        call    usleep
        mv      a0, s0
        li      a1, SIGKILL
        call    kill
        mv      a0, s0
        mv      a1, sp
        li      a2, 0
        call    waitpid
        la      a0, alive
        call    puts
        li      a0, 0
        return
failed: la      a0, name
        call    perror
        li      a0, 1
        return
child:  call    make_calls
        li      a0, 0
        return
endp

# make_calls(): reads the list and makes the calls, one after the other
# s0 = next record, s1 = end of the records
proc make_calls
        la      a0, calls_file
        li      a1, O_RDONLY
        call    open
        bltz    a0, 2f
        la      a1, calls
        li      a2, CALLS_BYTES
        call    read
        la      s0, calls
        add     s1, s0, a0
1:      addi    t0, s0, CALL_BYTES
        bgtu    t0, s1, 2f
        lw      a0, 4(s0)
        call    meant
        sw      a0, 4(s0)
        lw      a0, 8(s0)
        call    meant
        sw      a0, 8(s0)
        lw      a0, 12(s0)
        call    meant
        sw      a0, 12(s0)
        lw      a0, 16(s0)
        call    meant
        mv      a3, a0
        lw      a0, 4(s0)
        lw      a1, 8(s0)
        lw      a2, 12(s0)
        lw      t0, 0(s0)
        call    any_syscall
        addi    s0, s0, CALL_BYTES
        j       1b
2:      return
endp

# meant(argument) -> what it stands for. A leaf.
meant:  srli    t0, a0, 16
        li      t1, POINTER
        bne     t0, t1, 1f
        slli    a0, a0, 16
        srli    a0, a0, 16
        la      t0, buffer
        add     a0, a0, t0
1:      ret

.section .rodata
name:           .asciz "syscalls"
calls_file:     .asciz "/etc/calls"
alive:          .asciz "the kernel is alive"

.data
# What pointers point at: texts that are paths, and words that are pointers.
buffer: .asciz  "/bin/hello"
        .balign 16
        .asciz  "/dev/null"
        .balign 16
        .asciz  "/"
        .balign 16
        .word   buffer, 0, 0, 0
        .word   buffer, 8, buffer, 0x7fffffff
        .space  4096

.bss
.balign 4
calls:  .space  CALLS_BYTES
