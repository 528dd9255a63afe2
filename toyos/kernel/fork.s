# fork: a process becomes two.

.include "kernel.inc"
.include "signal.inc"

.text

# sys_clone(flags, stack) -> pid of the child, in the child 0; -EAGAIN when the pool of PCBs is empty, -ENOMEM,
# -EINVAL for any other flags than SIGCHLD (threads are not made here). A `stack` that is not 0 becomes the child's
# sp. The child inherits the memory (shared until written), the registers, the open files and directory, the ids and
# the scheduling data; not the pid, the CPU time and the counters.
# s0 = parent, s1 = child; local 0 = stack.
proc sys_clone, args=2, frame=16
        sw      a1, 0(sp)
        mv      t0, a0
        li      t1, SIGCHLD
        li      a0, -EINVAL
        bne     t0, t1, .Ldone
        load_current s0
        mv      a0, s0
        call    context_settle
        call    pcb_new
        mv      s1, a0
        li      a0, -EAGAIN
        beqz    s1, .Ldone

        addi    a0, s1, P_SPACE
        call    space_new
        bnez    a0, .Lno_space
        addi    a0, s0, P_SPACE
        addi    a1, s1, P_SPACE
        call    space_share
        bnez    a0, .Lno_memory
        call    mmu_flush               # the parent's pages are read-only from now on

        mv      a0, s1
        mv      a1, s0
        li      a2, P_ARCH_SIZE
        call    memcpy
        sw      zero, P_A0(s1)          # the child's result, and its pc behind the call
        lw      t0, P_PC(s1)
        addi    t0, t0, SYSCALL_LENGTH
        sw      t0, P_PC(s1)
        lw      t0, 0(sp)
        beqz    t0, 1f
        sw      t0, P_SP(s1)
1:      mv      a0, s0
        mv      a1, s1
        call    fields_inherit
        mv      a0, s0
        mv      a1, s1
        call    file_fork
        mv      a0, s0
        mv      a1, s1
        call    child_add
        mv      a0, s1
        call    process_ready
        count   KS_FORKS
        lw      a0, P_PID(s1)
        return

.Lno_memory:
        addi    a0, s1, P_SPACE
        call    space_free
        call    mmu_flush               # what was shared before memory ran out
.Lno_space:
        mv      a0, s1
        call    pcb_free
        li      a0, -ENOMEM
.Ldone:
endp

# fields_inherit(parent, child): copies the words of the PCB that a child has from its parent. Leaf.
fields_inherit:
        la      t0, inherited
1:      lw      a2, 0(t0)
        beqz    a2, 2f
        add     a3, a0, a2
        lw      t1, 0(a3)
        add     a3, a1, a2
        sw      t1, 0(a3)
        addi    t0, t0, 4
        j       1b
2:      ret

.section .rodata
        .balign 4
inherited:
        .word   P_PRIORITY, P_QUANTUM, P_BRK_START, P_BRK, P_UID, P_EUID, P_GID, P_EGID
        .word   P_NAME, P_NAME + 4, P_NAME + 8, P_NAME + 12
        .word   0
