# variables.s: NAME=value, and the parameters that begin with $.
#
# A linked list. Exported variables are what the environment of commands is made
# of; those that the shell found in its own environment are exported.

.include "common.inc"
.include "sh.inc"

.text

# name_length(text) -> length of the name that it begins with, 0 if none: a
# letter or _, then letters, digits and _. A leaf.
.globl name_length
name_length:
        mv      t0, a0
1:      lbu     t1, 0(t0)
        li      a1, '_'
        beq     t1, a1, 2f
        ori     a1, t1, 0x20            # lower case
        addi    a1, a1, -'a'
        sltiu   a1, a1, 26
        bnez    a1, 2f
        addi    a1, t1, -'0'
        sltiu   a1, a1, 10
        beqz    a1, 3f
        beq     t0, a0, 3f              # no digit in the first place
2:      addi    t0, t0, 1
        j       1b
3:      sub     a0, t0, a0
        ret

# variables_import(environment): all that is in it becomes exported variables.
# Called by main.
proc variables_import, args=1
        mv      s0, a0
1:      lw      a0, 0(s0)
        beqz    a0, 2f
        addi    s0, s0, 4
        mv      s1, a0
        call    name_length
        beqz    a0, 1b                  # not a name: cannot be used anyhow
        add     t0, s1, a0
        lbu     t0, 0(t0)
        li      t1, '='
        bne     t0, t1, 1b
        mv      a0, s1
        call    variable_assign
        li      t0, 1
        sw      t0, V_EXPORTED(a0)
        j       1b
2:      return
endp

# variable_find(name, length) -> the variable or 0
proc variable_find, args=2, frame=16
        mv      s1, a1
        sw      a0, 0(sp)
        la      s0, variables
1:      lw      s0, V_NEXT(s0)
        beqz    s0, 2f
        lw      t0, V_LENGTH(s0)
        bne     t0, s1, 1b
        lw      a0, V_TEXT(s0)
        lw      a1, 0(sp)
        mv      a2, s1
        call    memcmp
        bnez    a0, 1b
2:      mv      a0, s0
        return
endp

# variable_assign(text) -> the variable; text: "NAME=value" (or "NAME": empty)
proc variable_assign, args=1, frame=16
        mv      s0, a0
        call    name_length
        sw      a0, 0(sp)
        mv      a1, a0
        mv      a0, s0
        call    variable_find
        mv      s1, a0
        bnez    s1, 1f
        li      a0, V_SIZE              # a new one
        call    malloc_or_exit
        mv      s1, a0
        lw      t0, 0(sp)
        sw      t0, V_LENGTH(s1)
        sw      zero, V_EXPORTED(s1)
        sw      zero, V_TEXT(s1)
        sw      zero, V_NEXT(s1)
        la      t0, variables           # goes to the list's end
3:      lw      t1, V_NEXT(t0)
        beqz    t1, 4f
        mv      t0, t1
        j       3b
4:      sw      s1, V_NEXT(t0)
1:      mv      a0, s0
        call    strlen
        addi    a0, a0, 2               # room for "=" and the NUL
        call    malloc_or_exit
        sw      a0, 4(sp)
        mv      a1, s0
        call    strcpy
        lw      t0, 0(sp)
        add     t1, a0, t0
        lbu     t0, 0(t1)
        bnez    t0, 2f
        li      t0, '='
        sb      t0, 0(t1)
        sb      zero, 1(t1)
2:      lw      a0, V_TEXT(s1)
        call    free
        lw      a0, 4(sp)
        sw      a0, V_TEXT(s1)
        mv      a0, s1
        return
endp

# variable_export(variable): commands will find it in their environment. A leaf.
.globl variable_export
variable_export:
        li      t0, 1
        sw      t0, V_EXPORTED(a0)
        ret

# variable_unset(name, length): forgets the variable, if there is one
proc variable_unset, args=2
        call    variable_find
        beqz    a0, 3f
        mv      s0, a0
        la      t0, variables
1:      lw      t1, V_NEXT(t0)
        beq     t1, s0, 2f
        mv      t0, t1
        j       1b
2:      lw      t1, V_NEXT(s0)
        sw      t1, V_NEXT(t0)
        lw      a0, V_TEXT(s0)
        call    free
        mv      a0, s0
        call    free
3:      return
endp

# variables_show(): one line each, NAME=value
proc variables_show
        la      s0, variables
1:      lw      s0, V_NEXT(s0)
        beqz    s0, 2f
        lw      a0, V_TEXT(s0)
        call    puts
        j       1b
2:      return
endp

# environment_make() -> address of a list of the exported variables, as exec
# wants it. Called in a child that is about to exec.
proc environment_make, frame=16
        li      s1, 4
        la      s0, variables
1:      lw      s0, V_NEXT(s0)
        beqz    s0, 2f
        addi    s1, s1, 4
        j       1b
2:      mv      a0, s1
        call    malloc_or_exit
        sw      a0, 0(sp)
        mv      s1, a0                  # next word of the list
        la      s0, variables
3:      lw      s0, V_NEXT(s0)
        beqz    s0, 4f
        lw      t0, V_EXPORTED(s0)
        beqz    t0, 3b
        lw      t0, V_TEXT(s0)
        sw      t0, 0(s1)
        addi    s1, s1, 4
        j       3b
4:      sw      zero, 0(s1)
        lw      a0, 0(sp)
        return
endp

# malloc_or_exit(bytes) -> address; without memory a shell cannot go on
proc malloc_or_exit, args=1
        call    malloc
        bnez    a0, 1f
        la      a0, no_memory
        call    complain
        li      a0, USAGE
        call    exit
1:      return
endp

.section .rodata
no_memory:      .asciz "out of memory\n"

.bss
.balign 4
variables:      .space 4                # the list's head: its V_NEXT
