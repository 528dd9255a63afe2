# The two ends of the trap path: everything that a process is made of goes from the registers into its PCB, and comes
# back from there. The three variants do it differently: save_state and load_state are in their save.inc.
#
# A trap out of a process exchanges sp: `usp` keeps that of the process, sp comes from `ksp`. The kernel runs with
# interrupts off, so a trap from the kernel is a fault of the kernel, an exception.

.include "kernel.inc"
.include "cause.inc"
.include "save.inc"
.include "fault_state.inc"

.equ PSW_KERNEL_BYTE,   5               # sp + this: the byte of a pushed psw that is not 0 after a trap from the kernel
.equ ANY_SYSTEM_CALL,   0xffff          # the number of the call is in t0

# The table of vectors: where each exception and each interrupt goes.
.section .rodata
        .balign 4
.globl trap_vectors
trap_vectors:
        .rept   CAUSE_SYSTEM_CALL
        .word   trap_entry
        .endr
        .word   trap_entry_call
        .rept   32 - CAUSE_SYSTEM_CALL - 1
        .word   trap_entry
        .endr
        .rept   32
        .word   trap_entry_interrupt
        .endr

.text

# STEP 1, the trap: the hart has put the reason into scause, has switched to S-mode and to the kernel's stack, has pushed
# psw and pc and has jumped to the vector's place: one of these three.
# STEP 2, save the state in the PCB; then `trap` (trap.s) handles it on a fresh stack.
.globl trap_entry, trap_entry_call, trap_entry_interrupt
trap_entry:
        bneb    PSW_KERNEL_BYTE(sp), $0, kernel_fault
        save_state
        csrr    a0, scause
        csrr    a1, stval
        br      trap

trap_entry_call:                        # chmk, by a process
        save_state
        movl    current, s0
        csrr    P_NR(s0), stval
        bnel    P_NR(s0), $ANY_SYSTEM_CALL, 1f
        movl    t0, P_NR(s0)
1:      movl    $CAUSE_SYSTEM_CALL, a0
        br      trap

trap_entry_interrupt:                   # of a process, as the kernel allows none
        save_state
        csrr    a0, scause
        br      trap

# STEP 5, load the state: a0 = PCB of the process that goes on. STEP 6, return into it. Nothing comes back.
.globl resume
resume:
        load_state
        rei

# The kernel itself has faulted: its registers go to kernel_fault_state, laid out as in a PCB, for panic_trap, which gets
# that address and runs on a stack of its own.
kernel_fault:
        save_fault_state
        movl    (sp)+, P_PC(a0)
        movl    (sp)+, P_PSW(a0)
        movl    sp, P_SP(a0)
.globl kernel_fault_report
kernel_fault_report:                    # from start.s, too: the kernel's stack is used up
        moval   panic_stack_top, sp
        moval   kernel_fault_state, a0
        jsr     panic_trap
