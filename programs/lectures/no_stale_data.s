# no_stale_data: nothing of one process is ever seen by another.
#
# Teaches: memory that a process gets is zeroed first; exec leaves nothing of the
# old program, neither in memory nor in registers.
# Look at: one child fills its memory with a secret and ends: its pages go back
# to the kernel. Another one fills its own and execs this program again, which
# then searches all the memory it is given. It must find not a single word.

.include "common.inc"

.equ PAGE,   4096
.equ PAGES,  64                 # of heap, filled and searched
.equ STACK_PAGES, 2
.equ USED,   1024               # bytes of stack below main's that its calls have used
.equ LINKAGE, 128               # bytes below sp that a call itself may use
.equ SECRET, 0x5ec2e7

.text

# In the second life s0 and s1 must be 0 when main begins: crt0 does not use them.
proc main, args=2
        or      t1, s0, s1
        li      t0, 1
        bgt     a0, t0, search          # exec has given it an argument
        call    fork
        bltz    a0, failed
        bnez    a0, 1f
        call    fill                    # the first child ends with its secret
        li      a0, 0
        return
1:      li      a0, 0
        call    wait
        la      a0, filled
        li      a1, PAGES
        call    printf
        call    fill                    # and we go on with ours, into exec
        li      s0, SECRET
        li      s1, SECRET
        la      a0, name
        mv      a1, a0
        la      a2, argument
        li      a3, 0
        call    execlp
failed: la      a0, name
        call    perror
        li      a0, 1
        return

search: mv      a1, t1
        la      a0, registers
        call    printf
        la      a0, area
        la      a1, area_end
        la      a2, in_bss
        call    count
        li      a0, PAGES*PAGE
        call    sbrk
        li      t0, PAGES*PAGE
        add     a1, a0, t0
        la      a2, in_heap
        call    count
        li      t0, STACK_PAGES*PAGE
        sub     a0, sp, t0
        addi    a1, sp, -USED           # what printf has used since lies above
        la      a2, in_stack
        call    count
        li      a0, 0
        return
endp

# fill(): a secret into every word of bss, heap and the stack's next pages
proc fill
        la      a0, area
        la      a1, area_end
        call    fill_words
        li      a0, PAGES*PAGE
        call    sbrk
        li      t0, PAGES*PAGE
        add     a1, a0, t0
        call    fill_words
        li      t0, STACK_PAGES*PAGE
        sub     a0, sp, t0
        addi    a1, sp, -LINKAGE
        call    fill_words
        return
endp

# fill_words(from, to): the secret into each word, downwards, as stacks grow. A leaf.
fill_words:
        li      t0, SECRET
1:      addi    a1, a1, -4
        sw      t0, 0(a1)
        bltu    a0, a1, 1b
        ret

# count(from, to, text): says how many words between the two are not 0
proc count, args=3
        li      t1, 0
1:      bgeu    a0, a1, 3f
        lw      t0, 0(a0)
        addi    a0, a0, 4
        beqz    t0, 1b
        addi    t1, t1, 1
        j       1b
3:      mv      a1, t1
        mv      a0, a2
        call    printf
        return
endp

.section .rodata
name:           .asciz "no_stale_data"
argument:       .asciz "search"
filled:         .asciz "a child has filled %d pages of heap with a secret and ended\n"
registers:      .asciz "after exec: registers hold %d\n"
in_bss:         .asciz "words that are not 0 in bss: %d\n"
in_heap:        .asciz "words that are not 0 in fresh heap: %d\n"
in_stack:       .asciz "words that are not 0 below the stack: %d\n"

.bss
.balign 4
area:   .space  4*PAGE
area_end:
