# faults.s NUMBER: the offender number NUMBER does something to its stack pointers that no kernel can repair, deep in
# calls, while two honest processes use many windows. Prints the offender's status (wait(2)); ends with 0 if the honest
# ones have ended well. The numbers are in test_window_faults.py.

.include "common.inc"
.include "syscall.inc"

.equ HONEST, 2
.equ DEPTH,  40
.equ TURNS,  6
.equ WINDOW_BYTES, 64
.equ SURVIVED, 5
.equ PATTERN, 0x24681357

.text

# s0 = pid of the offender, s1 = what the honest ones have ended with
proc main, args=2, frame=16
        lw      a0, 4(a1)
        call    atoi
        mv      s1, a0
        call    fork
        bnez    a0, 1f
        mv      a0, s1
        call    offender
        call    exit
1:      mv      s0, a0
        li      s1, HONEST
2:      call    fork
        bnez    a0, 3f
        li      a0, TURNS
        call    honest
        call    exit
3:      addi    s1, s1, -1
        bnez    s1, 2b
4:      mv      a0, sp
        call    wait
        bltz    a0, 6f
        lw      a1, 0(sp)
        bne     a0, s0, 5f
        la      a0, form
        call    printf
        j       4b
5:      or      s1, s1, a1
        j       4b
6:      snez    a0, s1
endp

# honest(turns) -> 0 if its registers are what they should be, down and up again and again
proc honest, args=1
        mv      s0, a0
1:      li      a0, DEPTH
        call    honest_frame
        mv      s1, a0
        bnez    s1, 2f
        addi    s0, s0, -1
        bnez    s0, 1b
2:      mv      a0, s1
endp

# honest_frame(depth) -> 0 if all went well
proc honest_frame, args=1
        mv      s0, a0
        .irp    register, l2, l3, l4, l5, l6, l7, i1, i2, i3, i4, i5
        addi    s1, s1, 7
        xor     \register, s0, s1
        .endr
        syscall SYS_sched_yield
        mv      a0, s0
        beqz    s0, 1f
        addi    a0, s0, -1
        call    honest_frame
1:      li      s1, 0
        .irp    register, l2, l3, l4, l5, l6, l7, i1, i2, i3, i4, i5
        addi    s1, s1, 7
        xor     t0, s0, s1
        xor     t0, t0, \register
        or      a0, a0, t0
        .endr
endp

# offender(number) -> SURVIVED
proc offender, args=1
        mv      s0, a0
        la      t0, table
        slli    t1, s0, 3
        add     t0, t0, t1
        lw      a0, 4(t0)               # the value
        lw      t0, 0(t0)               # what to do with it
        jalr    t0
        li      a0, SURVIVED
endp

# down(depth): leaves a trail of windows
proc down, args=1
        beqz    a0, 1f
        addi    a0, a0, -1
        call    down
1:
endp

# call_with(sp): calls with that sp until windows are spilled there.
.globl call_with
call_with:
        wsave   -WINDOW_BYTES
        mv      l0, sp
        mv      sp, i0
        li      a0, DEPTH
        call    down
        mv      sp, l0
        wret

# switch_with(sp): has that sp in a caller's window while others run
.globl switch_with
switch_with:
        wsave   -WINDOW_BYTES
        mv      l0, sp
        mv      sp, i0
        call    give_way
        mv      sp, l0
        wret

# give_way: lets others run, in a window whose own sp is good
give_way:
        wsave   0
        la      sp, spare_stack_end
        li      l0, TURNS * DEPTH
1:      syscall SYS_sched_yield
        addi    l0, l0, -1
        bnez    l0, 1b
        la      isp, spare_stack_end    # and so is its caller's, again
        li      a0, SURVIVED
        call    exit

# return_with(sp): returns to a window that is to be filled from there
.globl return_with
return_with:
        wsave   -WINDOW_BYTES
        syscall SYS_window_flush
        mv      isp, i0
        wret

# return_across(sp): to a window that is filled from there; what the second page has is made by the kernel, zeros
.globl return_across
return_across:
        wsave   -WINDOW_BYTES
        syscall SYS_window_flush
        addi    t0, i0, -WINDOW_BYTES
        li      t1, PATTERN
        .irp    place, 0, 4, 8, 12, 16, 20, 24, 28, 32, 36
        sw      t1, \place(t0)
        .endr
        mv      isp, i0
        mv      t2, i0
        la      ira, 1f
        wret
1:      xor     a0, sp, t2
        li      t1, PATTERN
        .irp    register, l0, l1, l2, l3, l4, l5, l6, l7, isp, ira
        xor     t0, t1, \register
        or      a0, a0, t0
        .endr
        .irp    register, i0, i1, i2, i3, i4, i5
        or      a0, a0, \register
        .endr
        snez    a0, a0
        addi    a0, a0, SURVIVED
        la      sp, spare_stack_end
        call    exit

# return_to(address): returns there, with windows in the file, or not
.globl return_to
return_to:
        wsave   -WINDOW_BYTES
        mv      ira, i0
        wret

.globl return_flushed_to
return_flushed_to:
        wsave   -WINDOW_BYTES
        syscall SYS_window_flush
        mv      ira, i0
        wret

# read_window: a program may not know what window it is in
.globl read_window
read_window:
        csrr    a0, cwp
        ret

.globl write_mask
write_mask:
        csrw    wim, zero
        ret

.section .rodata
form:   .asciz "%d\n"
