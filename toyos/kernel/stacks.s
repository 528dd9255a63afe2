# The kernel's two stacks, and where its registers go when it has faulted itself.

.include "kernel.inc"

.bss
        .balign 16
.globl kernel_fault_state
kernel_fault_state: .zero P_ARCH_SIZE
        .zero   PANIC_STACK_SIZE
.globl panic_stack_top
panic_stack_top:

# The page below the stack is never mapped (paging.s): an overflow traps instead of eating other data.
        .balign PAGE_SIZE
.globl kernel_stack_guard
kernel_stack_guard: .zero PAGE_SIZE
        .zero   KERNEL_STACK_SIZE
.globl kernel_stack_top
kernel_stack_top:
