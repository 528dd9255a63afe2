# The first instructions: from reset in M-mode to kernel_main in S-mode.
#
# M-mode is left at once: every trap and interrupt is delegated to the kernel. It is entered again when a trap of the
# kernel finds no room on the kernel's stack.
# In: a0 = number of the hart, a1 = address of the device tree, paging off.

.include "kernel.inc"
.include "board.inc"
.include "cause.inc"
.include "fault_state.inc"

.equ MSTATUS_MPP_S,     0x800           # rei goes to S-mode
.equ MENVCFGH_STCE,     0x80000000      # the kernel owns a timer (Sstc)
.equ COUNTERS_ALL,      7               # cycle, time and instret may be read below
.equ PMP_ALL,           0x1f            # read, write and execute in all of memory (NAPOT, with an address of ones)
.equ MACHINE_STACK_SIZE, 32             # room for what a trap pushes
.equ SIE_TIMER,         0x20
.equ SIE_EXTERNAL,      0x200

.text
.globl _start
_start:
        bnel    a0, $0, park            # one hart runs the kernel
        csrw    mtvec, $machine_vectors
        csrw    medeleg, $-1
        csrw    mideleg, $-1
        csrw    pmpaddr0, $-1
        csrw    pmpcfg0, $PMP_ALL
        csrs    menvcfgh, $MENVCFGH_STCE
        csrw    mcounteren, $COUNTERS_ALL
        csrw    scounteren, $COUNTERS_ALL
        moval   machine_stack_top, sp
        pushl   $MSTATUS_MPP_S
        pushal  supervisor
        rei

# An exception in M-mode: the hart lacks something that the kernel needs. Ends the machine with status 1.
boot_failure:
        movl    $1 << 16 | 0x3333, *$FINISHER_BASE
park:   wfi
        br      park

# A trap of the kernel that could not be entered, because its stack is used up: scause, sepc and stval tell of that trap,
# msp holds the kernel's sp. What the fault looks like is stored, as trap_entry.s does it; the end is S-mode's business.
double_trap:
        save_fault_state
        csrr    P_SP(a0), msp
        csrr    P_PC(a0), sepc
        csrr    P_PSW(a0), sstatus
        moval   machine_stack_top, sp
        pushl   $MSTATUS_MPP_S
        pushal  kernel_fault_report
        rei

# Where M-mode's traps go.
.section .rodata
        .balign 4
machine_vectors:
        .rept   CAUSE_DOUBLE_TRAP
        .word   boot_failure
        .endr
        .word   double_trap

.bss
        .balign 4
        .zero   MACHINE_STACK_SIZE
machine_stack_top:

# S-mode, paging off. The bss is cleared here, whoever loaded the kernel.
.text
supervisor:
        moval   kernel_stack_top, sp
        movl    a1, s0
        moval   _edata, a0
        clrl    a1
        moval   _end, a2
        subl2   a0, a2
        filc
        csrw    stvec, $trap_vectors
        csrw    sie, $SIE_TIMER | SIE_EXTERNAL
        csrw    stimecmp, $-1           # no timer interrupt yet
        csrw    stimecmph, $-1
        movl    s0, a0
        jsr     kernel_main
