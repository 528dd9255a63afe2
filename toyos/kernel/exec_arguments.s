# The arguments and the environment of a new program: from the old program's memory to the new stack.
#
# They are gathered as one run of strings, arguments first. On the new stack it looks like this:
#
#   USER_STACK_TOP   the strings
#                    (up to 15 bytes, so that sp is a multiple of 16)
#                    0, 0                    end of the auxiliary vector, which is empty
#                    0                       end of the environment
#                    pointers to its strings
#                    0                       end of the arguments
#                    pointers to them
#   sp ->            number of arguments

.include "kernel.inc"
.include "exec.inc"

.equ TABLE_EXTRA, 4 * 5         # words of the table that are no pointers: the count, and the zeros

.text

# exec_arguments_first(text): the only argument is this text of the kernel's, shorter than ARG_MAX, and there is no
# environment. Called at boot for init.
proc exec_arguments_first, args=1
        mv      a1, a0
        la      a0, strings
        li      a2, ARG_MAX
        call    strlcpy
        la      a0, strings
        call    strlen
        addi    a0, a0, 1
        la      t0, strings_used
        sw      a0, 0(t0)
        li      t1, 1
        la      t0, argument_count
        sw      t1, 0(t0)
        la      t0, environment_count
        sw      zero, 0(t0)
endp

# exec_arguments(argv, envp) -> 0, -EFAULT, -ENOMEM or -E2BIG: gathers the strings of the current process. Called by
# execve.
# s1 = envp.
proc exec_arguments, args=2
        mv      s1, a1
        la      t0, strings_used
        sw      zero, 0(t0)
        la      t0, strings_room
        li      t1, ARG_MAX
        sw      t1, 0(t0)
        call    list_gather
        bltz    a0, 1f
        la      t0, argument_count
        sw      a0, 0(t0)
        mv      a0, s1
        call    list_gather
        bltz    a0, 1f
        la      t0, environment_count
        sw      a0, 0(t0)
        mv      a0, zero
1:
endp

# list_gather(list) -> number of strings, or an error: gathers the strings of a list of pointers that ends with 0. An
# address of 0 is an empty list. Called by exec_arguments.
# s0 = address in the list, s1 = strings so far; locals: 0 = a pointer, 4 = where its string goes.
proc list_gather, args=1, frame=16
        mv      s0, a0
        li      s1, 0
        beqz    s0, 2f
1:      mv      a0, sp
        mv      a1, s0
        li      a2, 4
        call    copyin
        bnez    a0, 4f
        lw      a1, 0(sp)
        beqz    a1, 2f
        la      t0, strings_used
        lw      t0, 0(t0)
        la      a0, strings
        add     a0, a0, t0
        la      t0, strings_room
        lw      a2, 0(t0)
        addi    a2, a2, -4              # for the pointer
        blez    a2, 3f
        call    copyinstr
        li      t0, -ENAMETOOLONG
        beq     a0, t0, 3f
        bltz    a0, 4f
        addi    a0, a0, 1
        la      t0, strings_used
        lw      t1, 0(t0)
        add     t1, t1, a0
        sw      t1, 0(t0)
        la      t0, strings_room
        lw      t1, 0(t0)
        sub     t1, t1, a0
        addi    t1, t1, -4
        sw      t1, 0(t0)
        addi    s1, s1, 1
        addi    s0, s0, 4
        j       1b
2:      mv      a0, s1
        return
3:      li      a0, -E2BIG
4:
endp

# exec_stack(space) -> sp for the new program, or -ENOMEM: builds its stack from the strings that were gathered. The
# table of pointers is made behind the strings, where ARG_MAX has left room for it. Called by exec_image.
# s0 = next word of the table, s1 = next string; locals: 0 = space, 4 = from a string's address here to that on the
# stack, 8 = start of the table, 12 = sp.
proc exec_stack, args=1, frame=16
        sw      a0, 0(sp)
        la      s1, strings
        la      t0, strings_used
        lw      a3, 0(t0)
        add     s0, s1, a3
        addi    s0, s0, 3
        andi    s0, s0, -4
        sw      s0, 8(sp)
        li      a1, USER_STACK_TOP
        sub     a1, a1, a3
        sub     t0, a1, s1
        sw      t0, 4(sp)
        la      t0, argument_count
        lw      t1, 0(t0)
        sw      t1, 0(s0)
        la      t0, environment_count
        lw      t0, 0(t0)
        add     t0, t0, t1
        slli    t0, t0, 2
        addi    t0, t0, TABLE_EXTRA
        sub     t0, a1, t0
        andi    t0, t0, -16
        sw      t0, 12(sp)
        mv      a2, s1
        call    space_write             # a0 = space, a1 = where, a2 = strings, a3 = bytes
        bnez    a0, 1f

        addi    s0, s0, 4
        la      t0, argument_count
        lw      a0, 0(t0)
        lw      a1, 4(sp)
        call    pointers_make
        la      t0, environment_count
        lw      a0, 0(t0)
        lw      a1, 4(sp)
        call    pointers_make
        sw      zero, 0(s0)
        sw      zero, 4(s0)
        lw      a0, 0(sp)
        lw      a1, 12(sp)
        lw      a2, 8(sp)
        addi    a3, s0, 8
        sub     a3, a3, a2
        call    space_write
        bnez    a0, 1f
        lw      a0, 12(sp)
1:
endp

# pointers_make(count, distance): writes the pointers to `count` strings, which begin at s1, and a zero to the table
# at s0; moves s0 and s1 on. A leaf with a convention of its own, for exec_stack alone.
pointers_make:
1:      beqz    a0, 3f
        add     t0, s1, a1
        sw      t0, 0(s0)
        addi    s0, s0, 4
2:      lbu     t0, 0(s1)
        addi    s1, s1, 1
        bnez    t0, 2b
        addi    a0, a0, -1
        j       1b
3:      sw      zero, 0(s0)
        addi    s0, s0, 4
        ret

.bss
        .balign 4
strings:                .zero ARG_MAX + TABLE_EXTRA + 4
strings_used:           .zero 4         # bytes of strings
strings_room:           .zero 4         # bytes of ARG_MAX that are left
argument_count:         .zero 4
environment_count:      .zero 4
