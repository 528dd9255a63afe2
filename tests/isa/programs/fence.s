# fence: nothing to see on one hart; its reserved fields are ignored
        .include "check.inc"
        start
        li a0, 5
        fence
        fence rw, w
        fence iorw, iorw
        .word 0x8330000f            # fence.tso
        .word 0x0ff5050f            # rd and rs1, which are reserved, not zero
        check a0, 5
        finish
