# The end of the machine.

.include "kernel.inc"
.include "syscall.inc"

.equ STATUS_MAX, 255

.text

# sys_reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, command, status): ends every process and switches the machine off with this
# status. Does not come back, but for -EPERM (only init may) and -EINVAL. Every frame must be free again then; if
# not, the kernel has lost some and says so.
# s0 = PCB, s1 = status.
proc sys_reboot, args=4
        mv      s1, a3
        load_current s0
        la      t0, init
        lw      t0, 0(t0)
        mv      t1, a0
        li      a0, -EPERM
        bne     s0, t0, .Ldone
        li      a0, -EINVAL
        li      t0, REBOOT_MAGIC1
        bne     t1, t0, .Ldone
        li      t0, REBOOT_MAGIC2
        bne     a1, t0, .Ldone
        li      t0, REBOOT_POWER_OFF
        bne     a2, t0, .Ldone
        li      t0, STATUS_MAX
        bgtu    s1, t0, .Ldone

        la      s0, pcb_pool
1:      lw      t0, P_STATE(s0)
        li      t1, STATE_ZOMBIE
        beqz    t0, 2f                  # STATE_FREE
        beq     t0, t1, 2f
        la      t0, process0
        lw      t0, 0(t0)
        beq     s0, t0, 2f
        mv      a0, s0
        call    file_close_all
        addi    a0, s0, P_SPACE
        call    space_free
2:      addi    s0, s0, P_SIZE
        la      t0, pcb_pool_end
        bltu    s0, t0, 1b

        la      a1, kstat
        lw      t0, KS_FREE(a1)
        lw      t1, KS_FREE_BOOT(a1)
        beq     t0, t1, 3f
        la      a0, lost                # a1: KS_FREE, KS_TOTAL and KS_FREE_BOOT begin the counters
        call    printk
3:      mv      a0, s1
        call    machine_off
.Ldone:
endp

.section .rodata
lost:   .asciz "frames were lost: %u of %u are free, %u were at boot\n"
