# The two ends of the trap path: everything that a process is made of goes from the registers into its
# PCB, and comes back from there.
#
# While a process runs, sscratch holds the address of its PCB; while the kernel runs, zero. The kernel runs
# with interrupts off, so a trap from the kernel is a fault of the kernel.

.include "kernel.inc"
.include "save.inc"               # of the variant: save_registers, load_registers

.text

# STEP 1, the trap: the hart has put the process's pc into sepc, the reason into scause, switched to S-mode
# and jumped here.
# STEP 2, save the state in the PCB; then `trap` (trap.s) handles it on a fresh stack.
.globl trap_entry
        .balign 4
trap_entry:
        csrrw   sp, sscratch, sp        # sp = PCB of the process, sscratch = the process's sp
        beqz    sp, kernel_fault
        save_registers
        csrrw   t0, sscratch, zero      # from here on we are in the kernel
        sw      t0, P_SP(sp)
        csrr    t0, sepc
        sw      t0, P_PC(sp)
        la      sp, kernel_stack_top
        csrr    a0, scause
        csrr    a1, stval
        j       trap

# STEP 5, load the state: a0 = PCB of the process that goes on. STEP 6, return into it. Nothing comes back.
.globl resume
resume:
        csrw    sscratch, a0
        lw      t0, P_PC(a0)
        csrw    sepc, t0
        load_registers
        sret

# The kernel itself has faulted: its registers go to kernel_fault_state, laid out as in a PCB, for panic_trap,
# which gets that address and runs on a stack of its own (the fault may be an overflow of the kernel's).
kernel_fault:
        la      sp, kernel_fault_state
        save_registers
        csrrw   t0, sscratch, zero
        sw      t0, P_SP(sp)
        csrr    t0, sepc
        sw      t0, P_PC(sp)
        mv      a0, sp
        la      sp, panic_stack_top
        call    panic_trap
