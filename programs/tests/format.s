# format: vprintf with a format and arguments from files, so that a test can
# compare it with another implementation.
#
# Input: /etc/format, the format, NUL-terminated; /etc/words, its arguments, one
# word each; a word whose upper half is TEXT stands for a text of /etc/texts, at
# the offset in its lower half.

.include "common.inc"
.include "fcntl.inc"

.equ TEXT,  0xb0f0
.equ BYTES, 8192

.text

# s0 = next word, s1 = end of the words
proc main
        la      a0, format_file
        la      a1, format
        call    load
        la      a0, texts_file
        la      a1, texts
        call    load
        la      a0, words_file
        la      a1, words
        call    load
        la      s0, words
        add     s1, s0, a0
1:      bgeu    s0, s1, 3f
        lw      t0, 0(s0)
        srli    t1, t0, 16
        li      a0, TEXT
        bne     t1, a0, 2f
        slli    t0, t0, 16
        srli    t0, t0, 16
        la      t1, texts
        add     t0, t0, t1
        sw      t0, 0(s0)
2:      addi    s0, s0, 4
        j       1b
3:      la      a0, format
        la      a1, words
        call    vprintf
        li      a0, 0
        return
endp

# load(path, buffer) -> bytes read
proc load, args=2
        mv      s1, a1
        li      a1, O_RDONLY
        call    open
        mv      a1, s1
        li      a2, BYTES
        call    read
        return
endp

.section .rodata
format_file:    .asciz "/etc/format"
words_file:     .asciz "/etc/words"
texts_file:     .asciz "/etc/texts"

.bss
.balign 4
format: .space  BYTES
words:  .space  BYTES
texts:  .space  BYTES
