# panic.s: the end of a kernel that cannot go on.
#
# Prints what is known and stops the machine with PANIC_STATUS. Something may be broken, so little is relied on; a
# second panic during the first one stops the machine without a word.

.include "common.inc"
.include "memlayout.inc"
.include "pcb.inc"

.equ PANIC_STATUS,      255
.equ TRACE_MAX,         12              # addresses on the stack that are shown

.data
.balign 4
panicking:      .word 0

.section .rodata
text_line:      .asciz "panic: %s\n"
fault_line:     .asciz "panic: the kernel has faulted\n"
process_line:   .asciz "current process: pid %d (%s)\n"
nobody_line:    .asciz "current process: none yet\n"
stack_line:     .asciz "addresses of code on the stack, the newest first:\n"
stack_item:     .asciz "  "
stack_item_end: .asciz "\n"

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
        mv      a0, sp
        call    panic_stack
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
        lw      a0, P_SP(s0)
        call    panic_stack
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

# panic_stack(sp): prints the words on the kernel's stack, from sp on, that are addresses of code: most of them are
# where procedures will return to. s0 = next word, s1 = how many may still be shown.
proc panic_stack, args=1
        andi    s0, a0, -4
        la      t0, kernel_stack_guard
        bltu    s0, t0, 3f              # this is no stack
        la      t0, kernel_stack_guard + PAGE_SIZE
        bgeu    s0, t0, 1f
        mv      s0, t0                  # it has overflowed: its words begin here
1:      la      a0, stack_line
        call    printk
        li      s1, TRACE_MAX
2:      la      t0, kernel_stack_top
        bgeu    s0, t0, 3f
        lw      a0, 0(s0)
        addi    s0, s0, 4
        li      t0, KERNEL_BASE
        bltu    a0, t0, 2b
        la      t0, _etext
        bgeu    a0, t0, 2b
        la      a0, stack_item
        call    printk
        lw      a0, -4(s0)
        call    symbol_print
        la      a0, stack_item_end
        call    printk
        addi    s1, s1, -1
        bnez    s1, 2b
3:      return
endp
