# The initrd, brought within reach.

.include "kernel.inc"

.text

# initrd_move(): in a machine with more RAM than the kernel maps (RAM_SIZE_MAX), the archive may lie beyond; then it
# is copied to the first page behind the kernel. Called once at boot, after fdt_parse, paging off.
# s0 = where it goes, s1 = its length.
proc initrd_move
        la      a1, boot_initrd_start
        lw      a1, 0(a1)
        la      s1, boot_initrd_end
        lw      s1, 0(s1)
        li      t0, KERNEL_BASE + RAM_SIZE_MAX
        bleu    s1, t0, 1f
        sub     s1, s1, a1
        la      s0, _end
        page_up s0
        mv      a0, s0
        mv      a2, s1
        call    memcpy
        la      t0, boot_initrd_start
        sw      s0, 0(t0)
        add     s0, s0, s1
        la      t0, boot_initrd_end
        sw      s0, 0(t0)
1:
endp
