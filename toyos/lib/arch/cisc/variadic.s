# variadic.s: procedures that take any number of arguments, `cisc` mode.
#
# The first four words are in a0-a3, the others on the caller's stack, the fifth
# lowest. The callee puts a1-a3 right below those, under the return address, and
# has all words one behind the other. (Common assembly passes four words at most.)
#
#       sp + 16         the caller's stack: arguments from the fifth on
#       sp + 4 .. 12    a1-a3
#       sp              return address

.include "common.inc"

.equ V_BYTES, 12                # of a1-a3
.equ V_LIST,  4
.equ SPRINTF_MAX, 0x10000000    # bytes: never the limit

.macro variadic name
        .globl \name
\name:
        popl    t0
        pushr   a1-a3
        pushl   t0
.endm

.macro endvariadic
        popl    t0
        addl2   $V_BYTES, sp
        jmp     (t0)
.endm

.text

# printf(fmt, ...) -> bytes: to standard output. The language is in format.s.
variadic printf
        movl    a0, a1
        movl    $1, a0
        moval   V_LIST(sp), a2
        jsr     vdprintf
endvariadic

# eprintf(fmt, ...) -> bytes: as printf, to standard error
variadic eprintf
        movl    a0, a1
        movl    $2, a0
        moval   V_LIST(sp), a2
        jsr     vdprintf
endvariadic

# sprintf(to, fmt, ...) -> bytes: into memory; the caller promises that there is room
variadic sprintf
        movl    a1, a2
        movl    $SPRINTF_MAX, a1
        moval   V_LIST+4(sp), a3
        jsr     vsnprintf
endvariadic

# snprintf(to, size, fmt, ...) -> bytes that the whole text has; at most size
# bytes are written, the last of them a NUL
variadic snprintf
        moval   V_LIST+8(sp), a3
        jsr     vsnprintf
endvariadic

# execl(path, arg0, arg1, ..., 0): the arguments are the list that execv wants
variadic execl
        moval   V_LIST(sp), a1
        jsr     execv
endvariadic

# execlp(file, arg0, arg1, ..., 0)
variadic execlp
        moval   V_LIST(sp), a1
        jsr     execvp
endvariadic

# execle(path, arg0, arg1, ..., 0, envp): the environment stands behind the 0
variadic execle
        moval   V_LIST(sp), a1
        movl    a1, t0
1:      bnel    (t0)+, $0, 1b
        movl    (t0), a2
        jsr     execve
endvariadic
