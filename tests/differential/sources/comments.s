    nop # to the end
    nop /* within */ ; nop /* over
    several lines */
    nop
    .ascii "# no comment ; /* */"
    .balign 4
# 1 "other.c"
    li a0, ';'
    li a0, '#'
a: b: c: nop; d: nop
