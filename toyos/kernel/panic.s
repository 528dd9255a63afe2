# panic.s: the end of a kernel that cannot go on.
#
# Prints what is known and stops the machine with PANIC_STATUS. Something may be broken, so little is relied on; a
# second panic during the first one stops the machine without a word.

.include "common.inc"
.include "pcb.inc"

.equ PANIC_STATUS,      255

.data
.balign 4
panicking:      .word 0

.section .rodata
text_line:      .asciz "panic: %s\n"
fault_line:     .asciz "panic: the kernel has faulted\n"
process_line:   .asciz "current process: pid %d (%s)\n"
nobody_line:    .asciz "current process: none yet\n"

.text

# panic(text): the kernel has met something that must not be. Does not come back.
proc panic, args=1, frame=16
        mv      s0, a0
        call    panic_begins
        sw      s0, 0(sp)
        la      a0, text_line
        mv      a1, sp
        call    printk
        call    panic_process
        li      a0, PANIC_STATUS
        call    machine_off
endp

# panic_trap(state): an instruction of the kernel has trapped; its registers are in `state`, in the order of a PCB.
# Called by the trap entry, on a stack of its own. Does not come back.
proc panic_trap, args=1
        mv      s0, a0
        call    panic_begins
        la      a0, fault_line
        call    printk
        mv      a0, s0
        call    fault_report
        call    panic_process
        li      a0, PANIC_STATUS
        call    machine_off
endp

# panic_begins(): comes back only the first time.
proc panic_begins
        la      t0, panicking
        lw      t1, 0(t0)
        li      a0, 1
        sw      a0, 0(t0)
        beqz    t1, 1f
        li      a0, PANIC_STATUS
        call    machine_off
1:      return
endp

# panic_process(): tells which process was current.
proc panic_process, frame=16
        la      t0, current
        lw      t0, 0(t0)
        la      a0, nobody_line
        beqz    t0, 1f
        lw      t1, P_PID(t0)
        sw      t1, 0(sp)
        addi    t1, t0, P_NAME
        sw      t1, 4(sp)
        la      a0, process_line
1:      mv      a1, sp
        call    printk
        return
endp
