# protection: what a process must not do, and what becomes of it if it does.
#
# Teaches: every page is for some uses only: text is read and run, data, heap and
# stack are read and written, the kernel's pages are for the kernel. The machine
# checks each access; the kernel ends the offender with SIGSEGV.
# Look at: the kernel's line for each offender, with the address and the kind of
# access; that the parent and the witness, a process that was there all the time,
# are still well at the end.

.include "common.inc"
.include "wait.inc"
.include "signal.inc"

.equ KERNEL, 0x80000000         # where the kernel's text begins
.equ BELOW_STACK, 0x1000000     # far more than a stack may grow at once
.equ HEAP_BYTES, 4096
.equ PAUSE, 10000               # microseconds that the witness lives

.text

# s0 = next row of `crimes`, s1 = pid of the witness; at sp: a status
proc main, frame=16
        call    fork
        bltz    a0, failed
        bnez    a0, 1f
        li      a0, PAUSE               # the witness
        call    usleep
        li      a0, 0
        return
1:      mv      s1, a0
        la      s0, crimes
2:      lw      t0, 0(s0)
        beqz    t0, done
        call    fork
        bltz    a0, failed
        beqz    a0, offender
        mv      a1, sp
        li      a2, 0
        call    waitpid
        lw      a2, 0(sp)
        lw      a1, 4(s0)
        la      a0, survived
        andi    t0, a2, STATUS_SIGNAL_MASK
        beqz    t0, 3f
        mv      a2, t0
        la      a0, died
        li      t1, SIGSEGV
        beq     t0, t1, 3f
        la      a0, died_otherwise
3:      call    printf
        addi    s0, s0, 8
        j       2b

offender:
        lw      t0, 0(s0)
        jalr    t0
        li      a0, 0                   # it came back: nothing stopped it
        call    _exit

done:   mv      a0, s1
        mv      a1, sp
        li      a2, 0
        call    waitpid
        la      a0, witness
        lw      a1, 0(sp)
        call    printf
        li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# The crimes. Leaves, except where they need memory from the heap.

write_text:
        la      t0, main
        sw      zero, 0(t0)
        ret

write_constant:
        la      t0, name
        sb      zero, 0(t0)
        ret

proc execute_data
        la      t0, variable
        jalr    t0
        return
endp

proc execute_heap
        li      a0, HEAP_BYTES
        call    malloc
        jalr    a0
        return
endp

proc execute_stack
        mv      t0, sp
        jalr    t0
        return
endp

read_kernel:
        li      t0, KERNEL
        lw      t1, 0(t0)
        ret

write_kernel:
        li      t0, KERNEL
        sw      zero, 0(t0)
        ret

proc call_kernel
        li      t0, KERNEL
        jalr    t0
        return
endp

read_nothing:
        mv      t0, zero
        lw      t0, 0(t0)
        ret

proc jump_to_nothing
        mv      t0, zero
        jalr    t0
        return
endp

overflow_stack:
        li      t0, BELOW_STACK
        sub     t0, sp, t0
        sw      zero, 0(t0)
        ret

.section .rodata
.balign 4
crimes:
        .word   write_text, crime_1, write_constant, crime_2
        .word   execute_data, crime_3, execute_heap, crime_4, execute_stack, crime_5
        .word   read_kernel, crime_6, write_kernel, crime_7, call_kernel, crime_8
        .word   read_nothing, crime_9, jump_to_nothing, crime_10
        .word   overflow_stack, crime_11, 0
crime_1:        .asciz "write its own text"
crime_2:        .asciz "write a constant"
crime_3:        .asciz "execute data"
crime_4:        .asciz "execute the heap"
crime_5:        .asciz "execute the stack"
crime_6:        .asciz "read the kernel"
crime_7:        .asciz "write the kernel"
crime_8:        .asciz "jump into the kernel"
crime_9:        .asciz "read address 0"
crime_10:       .asciz "jump to address 0"
crime_11:       .asciz "write far below its stack"
name:           .asciz "protection"
died:           .asciz "tried to %s: ended by signal %d, SIGSEGV\n"
died_otherwise: .asciz "tried to %s: ended by signal %d, which is not SIGSEGV\n"
survived:       .asciz "tried to %s: NOBODY STOPPED IT (status %d)\n"
witness:        .asciz "the witness has ended in its own time, with status %d\n"

.data
.balign 4
variable:       .word 0
