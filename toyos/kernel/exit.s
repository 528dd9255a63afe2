# The end of a process.

.include "kernel.inc"
.include "wait.inc"

.text

# sys_exit(code): the current process ends by its own will. Does not come back.
proc sys_exit, args=1
        andi    a1, a0, STATUS_CODE_MASK
        slli    a1, a1, STATUS_CODE_SHIFT
        load_current a0
        call    process_end
        call    dispatch
endp

# process_end(pcb, status): the process becomes a zombie, from whatever state it is in: its files are closed, its
# memory is free, its children belong to init. The PCB stays until the parent has waited for it. When it is the
# current one, the caller must not go back to it; the dispatcher will not. Called by exit, kill and the fault handler.
# s0 = pcb; local 0 = status.
proc process_end, args=2, frame=16
        mv      s0, a0
        sw      a1, 0(sp)
        la      t0, init
        lw      t0, 0(t0)
        beq     s0, t0, 1f
        call    context_drop
        mv      a0, s0
        call    file_close_all
        addi    a0, s0, P_SPACE
        call    space_free
        mv      a0, s0
        call    children_orphan
        mv      a0, s0
        call    queue_remove            # Ready or asleep
        la      a0, zombies
        mv      a1, s0
        call    queue_append
        li      t0, STATE_ZOMBIE
        sw      t0, P_STATE(s0)
        lw      t0, 0(sp)
        sw      t0, P_STATUS(s0)
        lw      a0, P_PARENT(s0)
        addi    a0, a0, P_CHILDREN_QUEUE
        call    wake_all
        la      t0, dispatch_wanted
        li      t1, 1
        sw      t1, 0(t0)
        return
1:      la      a0, init_ended
        call    panic
endp

# children_orphan(pcb): init adopts its children, and hears of those that are zombies already. Called by process_end.
# s0 = pcb, s1 = child.
proc children_orphan, args=1
        mv      s0, a0
1:      lw      s1, P_CHILD(s0)
        beqz    s1, 2f
        lw      t0, P_SIBLING(s1)
        sw      t0, P_CHILD(s0)
        la      a0, init
        lw      a0, 0(a0)
        mv      a1, s1
        call    child_add
        lw      t0, P_STATE(s1)
        li      t1, STATE_ZOMBIE
        bne     t0, t1, 1b
        la      a0, init
        lw      a0, 0(a0)
        addi    a0, a0, P_CHILDREN_QUEUE
        call    wake_all
        j       1b
2:
endp

.section .rodata
init_ended:     .asciz "init has ended: nobody is left to adopt processes"
