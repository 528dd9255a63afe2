# The two ends of the trap path in `window` mode: the registers of the process's current window go into its PCB, and
# come back from there. What becomes of its callers' windows is the variant's business (policy.s, overflow.s); here it
# is only asked when another process goes on than the one whose windows are in the register file.
#
# While a process runs, sscratch holds the address of its PCB; while the kernel runs, zero. The PCB is addressed by tp,
# a global register, which is the same whatever the window. The kernel runs with interrupts off, so a trap from the
# kernel is a fault of the kernel; all but those at the few places where it uses a process's stack (window_trap.s).

.include "window.inc"

.text

# STEP 1, the trap: the hart has put the process's pc into sepc, the reason into scause, switched to S-mode
# and jumped here.
# STEP 2, save the state in the PCB; then `trap` (trap.s) handles it on a fresh stack. An overflow or underflow of
# windows is handled at once, and this step is left out.
.globl trap_entry
        .balign 4
trap_entry:
        csrrw   tp, sscratch, tp        # tp = PCB of the process, sscratch = the process's tp
        beqz    tp, kernel_fault
        sw      t0, P_T0(tp)
        csrr    t0, scause
        andi    t0, t0, CAUSE_OF_WINDOWS
        bnez    t0, window_trap
.globl trap_save
trap_save:
        save_process
        csrr    a0, scause
        csrr    a1, stval
        j       trap

# STEP 5, load the state: a0 = PCB of the process that goes on. STEP 6, return into it. Nothing comes back.
.globl resume
resume:
        la      t0, window_user
        lw      t1, 0(t0)
        bne     a0, t1, windows_enter   # another process; that goes on at the next line
        mv      tp, a0
# tp = PCB; the hart is in the window of its process. Jumped to by windows_enter, too.
.globl resume_registers
resume_registers:
        csrw    sscratch, tp
        lw      t0, P_PC(tp)
        csrw    sepc, t0
        each_register lw
        lw      t0, P_T0(tp)
        lw      tp, P_TP(tp)
        sret

# A trap from the kernel. At the places where window_trap.s uses a process's stack it is a page fault of the process.
# Anywhere else the kernel itself has faulted: its registers go to kernel_fault_state, laid out as in a PCB, for
# panic_trap, which gets that address and runs on a stack of its own (the fault may be an overflow of the kernel's).
kernel_fault:
        la      tp, kernel_fault_state  # tp was 0, and sscratch is now the kernel's tp
        sw      t0, P_T0(tp)
        csrr    t0, sepc
        la      tp, underflow_access
        bltu    t0, tp, 1f
        la      tp, underflow_access_end
        bltu    t0, tp, underflow_fault
1:      la      tp, overflow_access
        bltu    t0, tp, 2f
        la      tp, overflow_access_end
        bltu    t0, tp, overflow_fault
2:      la      tp, kernel_fault_state
        each_register sw
        csrrw   t0, sscratch, zero
        sw      t0, P_TP(tp)
        csrr    t0, sepc
        sw      t0, P_PC(tp)
        mv      a0, tp
        la      sp, panic_stack_top
        call    panic_trap

.bss
        .balign 4
.globl window_user
window_user:    .zero 4         # PCB of the process whose callers' windows end below the current one, or 0
