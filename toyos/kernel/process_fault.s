# A process's own exceptions: a page fault may be repaired; everything else ends the process, and nobody else, with one
# line on the console.

.include "kernel.inc"
.include "cause.inc"
.include "pte.inc"
.include "signal.inc"

.equ CAUSE_UNKNOWN, CAUSE_EXCEPTIONS - 2        # a row that says "unknown"

# A row of the table of exceptions.
.equ X_SIGNAL, 0                # what the process dies of
.equ X_FORMAT, 4                # the line: arguments pid, name, pc, value
.equ X_ACCESS, 8                # for page faults: the access that was tried, else 0
.equ X_SIZE,   12

.text

# process_fault(cause, value): called by `trap`; value is the address, or the instruction when it is illegal. The
# process goes on at the same instruction when the fault is repaired.
# s0 = row of the table, s1 = value.
proc process_fault, args=2
        mv      s1, a1
        li      t0, CAUSE_EXCEPTIONS
        bltu    a0, t0, 1f
        li      a0, CAUSE_UNKNOWN
1:      li      t0, X_SIZE
        mul     a0, a0, t0
        la      s0, exceptions
        add     s0, s0, a0
        lw      a2, X_ACCESS(s0)
        beqz    a2, .Lfatal
        count   KS_PAGE_FAULTS
        mv      a1, s1
        load_current a0
        addi    a0, a0, P_SPACE
        call    space_page
        beqz    a0, .Lrefused
        mv      a0, s1                  # the hart may remember how it was before
        call    mmu_flush_page
        return
.Lrefused:
        li      t0, -ENOMEM
        bne     a1, t0, .Lfatal
        la      s0, no_memory
.Lfatal:
        load_current a0
        mv      a1, s0
        mv      a2, s1
        call    fault_fatal
endp

# fault_end(pcb, cause, value, error): ends a process that need not be the current one, as process_fault would end it
# if space_page had answered `error`. Called where the kernel saves a process's registers in its memory.
proc fault_end, args=4
        li      t0, X_SIZE
        mul     a1, a1, t0
        la      t0, exceptions
        add     a1, a1, t0
        li      t0, -ENOMEM
        bne     a3, t0, 1f
        la      a1, no_memory
1:      call    fault_fatal
endp

# fault_fatal(pcb, row, value): says what the process has done, and ends it.
# s0 = pcb, s1 = row; locals: the words for printk.
proc fault_fatal, args=3, frame=16
        mv      s0, a0
        mv      s1, a1
        lw      t0, P_PID(a0)
        sw      t0, 0(sp)
        addi    t0, a0, P_NAME
        sw      t0, 4(sp)
        lw      t0, P_PC(a0)
        sw      t0, 8(sp)
        sw      a2, 12(sp)
        lw      a0, X_FORMAT(s1)
        mv      a1, sp
        call    printk
        lw      a1, X_SIGNAL(s1)        # a signal's number is the status of wait(2) as it stands
        mv      a0, s0
        call    process_end
endp

.section .rodata
        .balign 4
exceptions:
        .word   SIGBUS,  misaligned_jump,  0            # 0
        .word   SIGBUS,  fetch_nothing,    0            # 1
        .word   SIGILL,  illegal,          0            # 2
        .word   SIGTRAP, breakpoint,       0            # 3
        .word   SIGBUS,  misaligned_load,  0            # 4
        .word   SIGBUS,  load_nothing,     0            # 5
        .word   SIGBUS,  misaligned_store, 0            # 6
        .word   SIGBUS,  store_nothing,    0            # 7
        .word   SIGILL,  unknown,          0            # 8, a system call, does not come here
        .word   SIGILL,  unknown,          0            # 9
        .word   SIGILL,  unknown,          0            # 10
        .word   SIGILL,  unknown,          0            # 11
        .word   SIGSEGV, segment_execute,  PTE_X        # 12
        .word   SIGSEGV, segment_read,     PTE_R        # 13
        .word   SIGILL,  unknown,          0            # 14
        .word   SIGSEGV, segment_write,    PTE_W        # 15

no_memory:
        .word   SIGKILL, out_of_memory,    0

misaligned_jump:  .asciz "pid %d (%s): misaligned jump at pc 0x%08x, address 0x%08x\n"
fetch_nothing:    .asciz "pid %d (%s): bus error at pc 0x%08x, address 0x%08x: execute\n"
illegal:          .asciz "pid %d (%s): illegal instruction at pc 0x%08x: 0x%08x\n"
breakpoint:       .asciz "pid %d (%s): breakpoint at pc 0x%08x\n"
misaligned_load:  .asciz "pid %d (%s): misaligned read at pc 0x%08x, address 0x%08x\n"
load_nothing:     .asciz "pid %d (%s): bus error at pc 0x%08x, address 0x%08x: read\n"
misaligned_store: .asciz "pid %d (%s): misaligned write at pc 0x%08x, address 0x%08x\n"
store_nothing:    .asciz "pid %d (%s): bus error at pc 0x%08x, address 0x%08x: write\n"
unknown:          .asciz "pid %d (%s): unknown exception at pc 0x%08x, value 0x%08x\n"
segment_execute:  .asciz "pid %d (%s): segmentation fault at pc 0x%08x, address 0x%08x: execute\n"
segment_read:     .asciz "pid %d (%s): segmentation fault at pc 0x%08x, address 0x%08x: read\n"
segment_write:    .asciz "pid %d (%s): segmentation fault at pc 0x%08x, address 0x%08x: write\n"
out_of_memory:    .asciz "pid %d (%s): killed at pc 0x%08x, address 0x%08x: out of memory\n"
