# ebreak: cause 3 at its own address. mtval is 0 or that address: both are allowed
        .include "check.inc"
        start
here:   ebreak
        beqz s10, 1f
        la a0, here
        sub s10, s10, a0
1:      check_trap 3, 0, here
        finish
