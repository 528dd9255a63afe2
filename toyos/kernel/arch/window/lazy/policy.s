# Which windows are whose: variant `lazy` (policy.inc).

.include "window.inc"

.text

# windows_enter(pcb) -> the window to run in: makes this process the user of the register file. Called by `resume`.
# s0 = pcb, s1 = its window.
.globl windows_enter
proc windows_enter, args=1
        mv      s0, a0
        call    windows_leave
        csrr    s1, cwp
        lw      t0, P_CALLERS(s0)
        beqz    t0, 1f
        lw      s1, P_WINDOW(s0)
        mv      a0, s1                  # it needs this one, and the ins of the one above for its outs
        call    window_evict
        mv      a0, s1
        window_above a0
        call    window_evict
        mv      a0, s0                  # its barrier stays, but now it is its own business
        call    barrier_remove
        j       2f
1:      mv      t0, s1
        window_below t0
        sw      t0, P_BARRIER(s0)
2:      mv      a0, s0
        call    barriers_set
        la      t0, window_user
        sw      s0, 0(t0)
        mv      a0, s1
endp

# windows_leave(): the process that uses the register file does not any more; its windows stay. Called by windows_enter.
# s0 = its PCB.
proc windows_leave
        la      t0, window_user
        lw      s0, 0(t0)
        beqz    s0, 1f
        sw      zero, 0(t0)
        csrr    a0, cwp
        sw      a0, P_WINDOW(s0)
        lw      t0, P_BARRIER(s0)
        callers_in_file a0, t0
        sw      a0, P_CALLERS(s0)
        beqz    a0, 1f
        mv      a0, s0
        call    barrier_add
1:
endp

# barrier_add(pcb), barrier_remove(pcb): the barrier of a process that does not run. Leaves.
barrier_add:
        lw      a1, P_BARRIER(a0)
        slli    a2, a1, 2
        la      t0, barrier_owner
        add     a2, a2, t0
        sw      a0, 0(a2)
        j       1f
barrier_remove:
        lw      a1, P_BARRIER(a0)
        slli    a2, a1, 2
        la      t0, barrier_owner
        add     a2, a2, t0
        sw      zero, 0(a2)
1:      la      t0, barriers
        lw      a0, 0(t0)
        li      a2, 1
        sll     a2, a2, a1
        xor     a0, a0, a2
        sw      a0, 0(t0)
        ret

# barriers_set(pcb): what the process that runs may not enter: its own barrier, and those of the others. Leaf.
barriers_set:
        lw      t0, P_BARRIER(a0)
        li      a0, 1
        sll     a0, a0, t0
        la      t0, barriers
        lw      t0, 0(t0)
        or      a0, a0, t0
        csrw    wim, a0
        ret

# window_evict(window): if this is the oldest window of a process that does not run, it is spilled to the stack of that
# process. Called by windows_enter and windows_make_room.
# s0 = that process, s1 = window.
proc window_evict, args=1
        mv      s1, a0
        mv      t0, a0
        window_below t0
        slli    t0, t0, 2
        la      t1, barrier_owner
        add     t0, t0, t1
        lw      s0, 0(t0)
        beqz    s0, 2f
        mv      a1, s1
        window_above a1
        lw      a3, P_ISP(s0)           # its sp is in the window above it, which may be the current one
        lw      t0, P_CALLERS(s0)
        li      t1, 1
        beq     t0, t1, 1f
        csrr    t0, cwp
        csrw    cwp, a1                 # only global registers from here ...
        mv      t1, isp
        csrw    cwp, t0                 # ... to here
        mv      a3, t1
1:      mv      a0, s0
        mv      a2, s1
        call    windows_spill
        mv      a0, s0
        call    barrier_remove
        sw      s1, P_BARRIER(s0)
        lw      t0, P_CALLERS(s0)
        addi    t0, t0, -1
        sw      t0, P_CALLERS(s0)
        beqz    t0, 2f
        mv      a0, s0
        call    barrier_add
2:
endp

# windows_make_room(barrier): the current process needs the window above a barrier that is not its own. The instruction
# is executed again afterwards. Jumped to by window_overflow, on the kernel's stack.
.globl windows_make_room
windows_make_room:
        window_above a0
        call    window_evict
        load_current a0
        call    barriers_set
        load_current a0
        j       resume

# context_settle(pcb): everything of the current process is in its PCB or its memory. It does not come back if the
# process's stack cannot take its windows. Called before fork copies, and by SYS_window_flush.
# s0 = pcb.
proc context_settle, args=1
        mv      s0, a0
        csrr    a1, cwp
        lw      a2, P_BARRIER(a0)
        mv      t1, a1
        callers_in_file t1, a2
        beqz    t1, 1f
        window_above a2
        lw      a3, P_ISP(a0)
        call    windows_spill
1:      sw      zero, P_CALLERS(s0)     # for a child, which gets a copy
        csrr    t0, cwp
        window_below t0
        sw      t0, P_BARRIER(s0)
        mv      a0, s0
        call    barriers_set
endp

# context_drop(pcb): what is not in the PCB is forgotten. Called when a process ends or begins a new program.
proc context_drop, args=1
        lw      a1, P_CALLERS(a0)
        sw      zero, P_CALLERS(a0)
        la      t0, window_user
        lw      t1, 0(t0)
        bne     a0, t1, 1f
        sw      zero, 0(t0)
        return
1:      beqz    a1, 2f
        call    barrier_remove
2:
endp

.bss
        .balign 4
barriers:       .zero 4                 # a bit for each barrier of a process that does not run
barrier_owner:  .zero 4 * NWIN          # PCB of the process that has its barrier there, or 0
