# false: fails, with status 1.

.include "common.inc"

.text
proc main
        li      a0, 1
        return
endp
