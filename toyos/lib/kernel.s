# kernel.s: the system calls that look into this kernel, and the one that ends it.
# C's convention for errors: -1 with errno set (errno.s).

.include "common.inc"
.include "syscall.inc"
.include "kstat.inc"

.text

# proclist(buffer, size) -> bytes written or -1: one record (proclist.inc) for
# each process that exists
.globl proclist
proclist:
        syscall SYS_proclist
        j       syscall_result

# kstat(buffer, size) -> bytes written or -1: the kernel's counters (kstat.inc)
.globl kstat
kstat:
        syscall SYS_kstat
        j       syscall_result

# power_off(status) -> does not return, or -1 (only pid 1 may): stops the
# machine; status 0 to 255 becomes the machine's exit status
.globl power_off
power_off:
        mv      a3, a0
        li      a0, REBOOT_MAGIC1
        li      a1, REBOOT_MAGIC2
        li      a2, REBOOT_POWER_OFF
        syscall SYS_reboot
        j       syscall_result

# kstat_word(offset) -> that one of the kernel's counters
proc kstat_word, args=1, frame=KS_SIZE
        mv      s0, a0
        mv      a0, sp
        li      a1, KS_SIZE
        call    kstat
        add     t0, sp, s0
        lw      a0, 0(t0)
        return
endp
