# variadic.s: procedures that take any number of arguments, `risc` mode.
#
# The convention is that of C: the first eight words are in a0-a7, the others on
# the caller's stack. The callee stores its registers right below those, and has
# all words one behind the other. (Common assembly passes four words at most.)
#
#       sp + 48         the caller's stack: arguments from the ninth on
#       sp + 20 .. 44   a1-a7
#       sp + 12         ra

.include "common.inc"

.equ V_RA,    12
.equ V_LIST,  20
.equ V_FRAME, 48
.equ SPRINTF_MAX, 0x10000000    # bytes: never the limit

.macro variadic name
        .globl \name
\name:
        addi    sp, sp, -V_FRAME
        sw      ra, V_RA(sp)
        sw      a1, V_LIST(sp)
        sw      a2, V_LIST+4(sp)
        sw      a3, V_LIST+8(sp)
        sw      a4, V_LIST+12(sp)
        sw      a5, V_LIST+16(sp)
        sw      a6, V_LIST+20(sp)
        sw      a7, V_LIST+24(sp)
.endm

.macro endvariadic
        lw      ra, V_RA(sp)
        addi    sp, sp, V_FRAME
        ret
.endm

.text

# printf(fmt, ...) -> bytes: to standard output. The language is in format.s.
variadic printf
        mv      a1, a0
        li      a0, 1
        addi    a2, sp, V_LIST
        call    vdprintf
endvariadic

# eprintf(fmt, ...) -> bytes: as printf, to standard error
variadic eprintf
        mv      a1, a0
        li      a0, 2
        addi    a2, sp, V_LIST
        call    vdprintf
endvariadic

# sprintf(to, fmt, ...) -> bytes: into memory; the caller promises that there is room
variadic sprintf
        mv      a2, a1
        li      a1, SPRINTF_MAX
        addi    a3, sp, V_LIST+4
        call    vsnprintf
endvariadic

# snprintf(to, size, fmt, ...) -> bytes that the whole text has; at most size
# bytes are written, the last of them a NUL
variadic snprintf
        addi    a3, sp, V_LIST+8
        call    vsnprintf
endvariadic

# execl(path, arg0, arg1, ..., 0): the arguments are the list that execv wants
variadic execl
        addi    a1, sp, V_LIST
        call    execv
endvariadic

# execlp(file, arg0, arg1, ..., 0)
variadic execlp
        addi    a1, sp, V_LIST
        call    execvp
endvariadic

# execle(path, arg0, arg1, ..., 0, envp): the environment stands behind the 0
variadic execle
        addi    a1, sp, V_LIST
        mv      t0, a1
1:      lw      t1, 0(t0)
        addi    t0, t0, 4
        bnez    t1, 1b
        lw      a2, 0(t0)
        call    execve
endvariadic
