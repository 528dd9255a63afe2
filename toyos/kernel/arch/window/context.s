# Windows when the kernel starts.

.include "window.inc"

.text

# context_init(): called once by kernel_main.
proc context_init, frame=16
        csrr    a0, nwin
        li      t0, NWIN
        beq     a0, t0, 1f
        sw      a0, 0(sp)
        sw      t0, 4(sp)
        la      a0, mismatch
        mv      a1, sp
        call    printk
        la      a0, wrong_kernel
        call    panic
1:
endp

.section .rodata
mismatch:       .asciz "this machine has %d register windows, this kernel was made for %d\n"
wrong_kernel:   .asciz "the kernel was made for another machine"
