# library: each procedure of the C library, seen from outside. Output: library.expect.

.include "common.inc"

.macro show fmt, a=0, b=0, c=0          # printf with constants or addresses
        la      a0, \fmt
        li      a1, \a
        li      a2, \b
        li      a3, \c
        call    printf
.endm

.macro show_result fmt                  # printf with a0
        mv      a1, a0
        la      a0, \fmt
        call    printf
.endm

.text

proc main, args=3, frame=32
        call    formats
        call    texts
        call    bytes
        call    numbers
        call    heap
        la      a0, first_handler
        call    atexit
        la      a0, second_handler
        call    atexit
        li      s0, 30
1:      la      a0, silent_handler      # 32 in all
        call    atexit
        addi    s0, s0, -1
        bnez    s0, 1b
        show_result f_result            # 0: the last of them was taken
        la      a0, silent_handler
        call    atexit
        show_result f_result            # -1: one too many
        li      a0, 7
        return
endp

proc formats, frame=32
        show    f_d, 0, -1, 2147483647
        show    f_d, -2147483648, 42, -42
        show    f_u, -1, 0, 1
        show    f_x, -1, 0, 0xbeef
        show    f_width, 7, -7, 123456
        show    f_zero, 7, -7, 0xab
        show    f_left, 7, -7, 0xab
        show    f_c, 'a', 'b', 'c'
        show    f_p, 0x80000000
        show    f_null
        show    f_percent
        show    f_odd, 5
        la      a0, f_s
        la      a1, abc
        la      a2, abc
        la      a3, abc
        call    printf
        mv      a0, sp                  # cut to seven bytes and a NUL
        li      a1, 8
        la      a2, f_long
        la      a3, words
        call    vsnprintf
        mv      s0, a0
        mv      a0, sp
        call    puts
        mv      a0, s0
        show_result f_result
        la      a0, f_four
        la      a1, words
        call    vprintf
        show_result f_result
        li      a0, 'x'
        call    putchar
        li      a0, '\n'
        call    putchar
        return
endp

proc texts, frame=32
        la      a0, abc
        call    strlen
        show_result f_result
        la      a0, abc
        la      a1, abd
        call    strcmp
        show_result f_result
        la      a0, abc
        la      a1, abd
        li      a2, 2
        call    strncmp
        show_result f_result
        la      a0, abcabc
        li      a1, 'b'
        call    strchr
        call    puts
        la      a0, abcabc
        li      a1, 'b'
        call    strrchr
        call    puts
        la      a0, abc
        li      a1, 'x'
        call    strchr
        show_result f_result
        mv      a0, sp
        la      a1, abcabc
        li      a2, 5
        call    strlcpy
        show_result f_result
        mv      a0, sp
        call    puts
        mv      a0, sp
        la      a1, abd
        li      a2, 7
        call    strlcat
        show_result f_result
        mv      a0, sp
        call    puts
        mv      a0, sp
        la      a1, abc
        call    strcpy
        call    puts
        return
endp

proc bytes, frame=32
        mv      a0, sp
        li      a1, '.'
        li      a2, 16
        call    memset
        sb      zero, 16(sp)
        addi    a0, sp, 1
        la      a1, abcabc
        li      a2, 6
        call    memcpy
        mv      a0, sp
        call    puts
        addi    a0, sp, 3               # up, overlapping
        addi    a1, sp, 1
        li      a2, 6
        call    memmove
        mv      a0, sp
        call    puts
        mv      a0, sp                  # down, overlapping
        addi    a1, sp, 3
        li      a2, 6
        call    memmove
        mv      a0, sp
        call    puts
        la      a0, abc
        la      a1, abd
        li      a2, 2
        call    memcmp
        show_result f_result
        la      a0, abd
        la      a1, abc
        li      a2, 3
        call    memcmp
        show_result f_result
        return
endp

proc numbers, frame=16
        la      a0, n_plain
        call    atoi
        show_result f_result
        la      a0, n_negative
        mv      a1, sp
        call    strtol10
        show_result f_result
        lw      a0, 0(sp)
        call    puts
        la      a0, abc
        mv      a1, sp
        call    strtol10
        show_result f_result
        lw      a0, 0(sp)
        call    puts
        return
endp

# Blocks must not overlap, be aligned, and be found again after free().
proc heap, frame=32
        li      a0, 100
        call    malloc
        mv      s0, a0
        andi    a0, a0, 7
        show_result f_result            # aligned: 0
        li      a0, 100
        call    malloc
        sub     a0, a0, s0
        sltiu   a0, a0, 100
        show_result f_result            # apart: 0
        mv      a0, s0
        call    free
        li      a0, 90
        call    malloc
        sub     a0, a0, s0
        show_result f_result            # the same place again: 0
        li      a0, 20000               # more than the heap grows at a time
        call    malloc
        mv      s1, a0
        li      a1, 'z'
        li      a2, 20000
        call    memset
        mv      a0, s1
        li      a1, 40000
        call    realloc
        mv      s1, a0
        li      t0, 19999
        add     t0, t0, s1
        lbu     a0, 0(t0)
        show_result f_byte              # realloc keeps what was there: z
        mv      a0, s1
        call    free
        li      a0, 1000
        li      a1, 10
        call    calloc
        li      t0, 9999
        add     t0, t0, a0
        lbu     a0, 0(t0)
        show_result f_result            # calloc clears what was z: 0
        li      a0, 0x10000
        li      a1, 0x10000
        call    calloc                  # the product does not fit a word
        show_result f_result
        li      a0, -1
        call    malloc
        show_result f_result
        la      a0, who
        call    perror
        li      a0, 0
        call    free
        return
endp

proc first_handler
        la      a0, first
        call    puts
        return
endp

proc second_handler
        la      a0, second
        call    puts
        return
endp

silent_handler:
        ret

.section .rodata
f_d:            .asciz "%d|%d|%d\n"
f_u:            .asciz "%u|%u|%u\n"
f_x:            .asciz "%x|%x|%x\n"
f_width:        .asciz "%3d|%3d|%3d\n"
f_zero:         .asciz "%03d|%03d|%08x\n"
f_left:         .asciz "%-3d|%-5d|%-8x|\n"
f_c:            .asciz "%c%c%c\n"
f_p:            .asciz "%p\n"
f_null:         .asciz "%s\n"
f_percent:      .asciz "100%%\n"
f_odd:          .asciz "%y %"
f_s:            .asciz "\n%s|%5s|%-5s|\n"
f_long:         .asciz "%d %d %d %d"
f_four:         .asciz "%d %d %d %d\n"
f_result:       .asciz "%d\n"
f_byte:         .asciz "%c\n"
abc:            .asciz "abc"
abd:            .asciz "abd"
abcabc:         .asciz "abcabc"
n_plain:        .asciz "1234"
n_negative:     .asciz "  -56km"
who:            .asciz "library"
first:          .asciz "registered first, runs last"
second:         .asciz "registered second, runs before it"
.balign 4
words:          .word 11, 22, 33, 44
