# Nobody refers to this member of the library, so the linker leaves it there.
        .globl  unused
unused: ebreak
        .data
        .word   unused
