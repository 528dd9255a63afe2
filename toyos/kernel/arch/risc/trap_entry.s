# The two ends of the trap path: everything that a process is made of goes from the registers into its
# PCB, and comes back from there.
#
# While a process runs, sscratch holds the address of its PCB; while the kernel runs, zero. The kernel runs
# with interrupts off, so a trap from the kernel is a fault of the kernel.

.include "kernel.inc"

# Stores or loads the registers that are the same going in and out: all but x2 (sp) and x10 (a0).
.macro each_register instruction, base
        \instruction x1, P_X + 4(\base)
        \instruction x3, P_X + 12(\base)
        \instruction x4, P_X + 16(\base)
        \instruction x5, P_X + 20(\base)
        \instruction x6, P_X + 24(\base)
        \instruction x7, P_X + 28(\base)
        \instruction x8, P_X + 32(\base)
        \instruction x9, P_X + 36(\base)
        \instruction x11, P_X + 44(\base)
        \instruction x12, P_X + 48(\base)
        \instruction x13, P_X + 52(\base)
        \instruction x14, P_X + 56(\base)
        \instruction x15, P_X + 60(\base)
        \instruction x16, P_X + 64(\base)
        \instruction x17, P_X + 68(\base)
        \instruction x18, P_X + 72(\base)
        \instruction x19, P_X + 76(\base)
        \instruction x20, P_X + 80(\base)
        \instruction x21, P_X + 84(\base)
        \instruction x22, P_X + 88(\base)
        \instruction x23, P_X + 92(\base)
        \instruction x24, P_X + 96(\base)
        \instruction x25, P_X + 100(\base)
        \instruction x26, P_X + 104(\base)
        \instruction x27, P_X + 108(\base)
        \instruction x28, P_X + 112(\base)
        \instruction x29, P_X + 116(\base)
        \instruction x30, P_X + 120(\base)
        \instruction x31, P_X + 124(\base)
.endm

.text

# STEP 1, the trap: the hart has put the process's pc into sepc, the reason into scause, switched to S-mode
# and jumped here.
# STEP 2, save the state in the PCB; then `trap` (trap.s) handles it on a fresh stack.
.globl trap_entry
        .balign 4
trap_entry:
        csrrw   sp, sscratch, sp        # sp = PCB of the process, sscratch = the process's sp
        beqz    sp, kernel_fault
        sw      a0, P_A0(sp)
        each_register sw, sp
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
        each_register lw, a0
        lw      sp, P_SP(a0)
        lw      a0, P_A0(a0)
        sret

# The kernel itself has faulted: its registers go to kernel_fault_state, laid out as in a PCB, for panic_trap,
# which gets that address and runs on a stack of its own (the fault may be an overflow of the kernel's).
kernel_fault:
        la      sp, kernel_fault_state
        sw      a0, P_A0(sp)
        each_register sw, sp
        csrrw   t0, sscratch, zero
        sw      t0, P_SP(sp)
        csrr    t0, sepc
        sw      t0, P_PC(sp)
        mv      a0, sp
        la      sp, panic_stack_top
        call    panic_trap

.bss
        .balign 16
kernel_fault_state: .zero P_ARCH_SIZE
        .zero   PANIC_STACK_SIZE
panic_stack_top:

# The page below the stack is never mapped (paging.s): an overflow traps instead of eating other data.
        .balign PAGE_SIZE
.globl kernel_stack_guard
kernel_stack_guard: .zero PAGE_SIZE
        .zero   KERNEL_STACK_SIZE
.globl kernel_stack_top
kernel_stack_top:
