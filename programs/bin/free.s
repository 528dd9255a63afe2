# free: the memory of the machine, in pages.
#
# "free" is what can be handed out now. Compare it with "at boot": when all
# programs have ended, the two differ by nothing but what init and the shell use.

.include "common.inc"
.include "kstat.inc"

.text
proc main, frame=KS_SIZE+16
        mv      a0, sp
        li      a1, KS_SIZE
        call    kstat
        bltz    a0, 1f
        addi    t0, sp, KS_SIZE         # the four numbers of the line
        lw      t1, KS_TOTAL(sp)
        sw      t1, 0(t0)
        lw      t1, KS_FREE_BOOT(sp)
        sw      t1, 4(t0)
        lw      t1, KS_FREE(sp)
        sw      t1, 8(t0)
        lw      t1, KS_SHARED(sp)
        sw      t1, 12(t0)
        la      a0, table
        addi    a1, sp, KS_SIZE
        call    vprintf
        li      a0, 0
        return
1:      la      a0, name
        call    perror
        li      a0, 1
        return
endp

.section .rodata
name:   .asciz "free"
table:  .ascii "pages: in RAM  free at boot  free now    shared\n"
        .asciz "       %6d  %12d  %8d  %8d\n"
