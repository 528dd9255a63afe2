# The pool of PCBs: making, finding and freeing processes.

.include "kernel.inc"

.equ PID_MAX, 32767             # pids begin again at 2 after this one
.equ PID_REUSED_FIRST, 2

.text

# pcb_init(): puts the whole pool on the free list. Called once at boot.
# s0 = PCB, s1 = end of the pool.
proc pcb_init
        la      s0, pcb_pool
        la      s1, pcb_pool_end
1:      la      a0, free_pcbs
        mv      a1, s0
        call    queue_append
        addi    s0, s0, P_SIZE
        bltu    s0, s1, 1b
        la      t0, kstat
        li      t1, NPROC
        sw      t1, KS_PROCESSES_MAX(t0)
endp

# pcb_new() -> PCB in state New with a pid, the policy's quantum and every other field zero; 0 when the pool is empty.
# Called by fork and at boot.
# s0 = the PCB.
proc pcb_new
        la      t0, free_pcbs
        lw      s0, 0(t0)
        mv      a0, s0
        beqz    s0, 1f
        call    queue_remove
        mv      a0, s0
        mv      a1, zero
        li      a2, P_SIZE
        call    memset
        call    pid_new
        sw      a0, P_PID(s0)
        la      t0, sched_quantum
        lw      t0, 0(t0)
        sw      t0, P_QUANTUM(s0)
        li      t0, STATE_NEW
        sw      t0, P_STATE(s0)
        la      a0, new_queue
        mv      a1, s0
        call    queue_append
        count   KS_PROCESSES
        mv      a0, s0
1:
endp

# pcb_free(pcb): gives a PCB back to the pool, from whatever queue it is on. The caller has freed what it owned. Called
# by wait4 for a zombie, and by a fork that failed.
proc pcb_free, args=1
        mv      s0, a0
        call    queue_remove
        sw      zero, P_STATE(s0)       # STATE_FREE
        sw      zero, P_PID(s0)
        la      a0, free_pcbs
        mv      a1, s0
        call    queue_append
        uncount KS_PROCESSES
endp

# pid_new() -> a pid that no process has: the last one plus 1. Called by pcb_new.
# s0 = the candidate.
proc pid_new
        la      t0, last_pid
        lw      s0, 0(t0)
1:      addi    s0, s0, 1
        li      t0, PID_MAX
        bleu    s0, t0, 2f
        li      s0, PID_REUSED_FIRST
        la      t0, pids_reused
        sw      s0, 0(t0)
2:      la      t0, pids_reused         # in the first round no pid is in use
        lw      t0, 0(t0)
        beqz    t0, 3f
        mv      a0, s0
        call    pid_find
        bnez    a0, 1b
3:      la      t0, last_pid
        sw      s0, 0(t0)
        mv      a0, s0
endp

# pid_find(pid) -> PCB of that process, zombies too, or 0. Leaf. Called by kill and pid_new.
.globl pid_find
pid_find:
        la      a1, pcb_pool
        la      a2, pcb_pool_end
1:      lw      t0, P_PID(a1)
        bne     t0, a0, 2f
        lw      t0, P_STATE(a1)
        bnez    t0, 3f                  # not STATE_FREE
2:      addi    a1, a1, P_SIZE
        bltu    a1, a2, 1b
        mv      a1, zero
3:      mv      a0, a1
        ret

# child_add(parent, child): the child becomes the parent's youngest. Leaf. Called by fork and by exit for orphans.
.globl child_add
child_add:
        sw      a0, P_PARENT(a1)
        sw      zero, P_SIBLING(a1)
        addi    a0, a0, P_CHILD         # a0 = address of the link to change
1:      lw      t0, 0(a0)
        beqz    t0, 2f
        addi    a0, t0, P_SIBLING
        j       1b
2:      sw      a1, 0(a0)
        ret

# child_remove(child): its parent has it no longer. Leaf. Called by wait4.
.globl child_remove
child_remove:
        lw      a1, P_PARENT(a0)
        addi    a1, a1, P_CHILD
1:      lw      t0, 0(a1)
        beq     t0, a0, 2f
        addi    a1, t0, P_SIBLING
        j       1b
2:      lw      t0, P_SIBLING(a0)
        sw      t0, 0(a1)
        ret

.data
        .balign 4
last_pid:       .word -1        # so that process 0 has pid 0

.bss
        .balign 4
pids_reused:    .zero 4         # not zero once pids have begun again
free_pcbs:      .zero 8
new_queue:      .zero 8         # state New
.globl zombies
zombies:        .zero 8         # state Zombie
.globl free_pcbs
.globl new_queue
        .balign 16
.globl pcb_pool
.globl pcb_pool_end
pcb_pool:       .zero NPROC * P_SIZE
pcb_pool_end:
