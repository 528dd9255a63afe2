# Which windows are whose: variant `lazy` (policy.inc).

.include "window.inc"

# A bit of the mask in `mask`, as a number 0 or 1: whether the window above `barrier` is the oldest of a process that
# does not run.
.macro claimed result, barrier, mask
        srl     \result, \mask, \barrier
        andi    \result, \result, 1
.endm

# The address of the word of barrier_owner for the barrier in a register. Uses t1.
.macro owner_of register
        slli    \register, \register, 2
        la      t1, barrier_owner
        add     \register, \register, t1
.endm

.text

# windows_enter: makes the process of the PCB in a0 the user of the register file, and goes on in `resume`. Jumped to by
# `resume`, on the kernel's stack; no register is needed any more.
# s0 = pcb, s1 = its window, a2 = the barriers of others.
.globl windows_enter
windows_enter:
        mv      s0, a0
        csrr    s1, cwp
        la      a3, barriers
        lw      a2, 0(a3)
        li      a0, 0
        la      t0, window_user
        lw      a1, 0(t0)
        beqz    a1, .Larrive
        sw      zero, 0(t0)
        sw      s1, P_WINDOW(a1)        # who leaves: what it has in the file stays there
        mv      a0, s1
        lw      t0, P_BARRIER(a1)
        callers_in_file a0, t0
        sw      a0, P_CALLERS(a1)
        beqz    a0, .Larrive
        li      t1, 1
        sll     t1, t1, t0
        or      a2, a2, t1
        sw      a2, 0(a3)
        owner_of t0
        sw      a1, 0(t0)

.Larrive:
        lw      t0, P_CALLERS(s0)
        beqz    t0, .Lplace
        lw      s1, P_WINDOW(s0)        # it needs this window, and the ins of the one above for its outs
        mv      a0, s1
        window_below a0
        claimed t0, a0, a2
        beqz    t0, 1f
        call    window_evict
        la      a3, barriers
        lw      a2, 0(a3)
1:      claimed t0, s1, a2
        beqz    t0, 2f
        mv      a0, s1
        call    window_evict
        la      a3, barriers
        lw      a2, 0(a3)
2:      csrw    wim, a2                 # with its own barrier, which from now on is its own business
        li      t0, 1
        lw      t1, P_BARRIER(s0)
        sll     t0, t0, t1
        xor     a2, a2, t0
        sw      a2, 0(a3)
        j       .Lentered

.Lplace:                                # it has nothing in the file, so any place will do
        beqz    a0, 3f
        mv      a0, s1                  # the one before it wants to come back to its window, with its outs above that
        window_above a0
        claimed t0, a0, a2
        bnez    t0, 3f
        window_above a0
        claimed t0, a0, a2
        bnez    t0, 3f
        mv      s1, a0
3:      mv      t0, s1
        window_below t0
        sw      t0, P_BARRIER(s0)
        li      t1, 1
        sll     t1, t1, t0
        or      a2, a2, t1
        csrw    wim, a2

.Lentered:
        la      t0, window_user
        sw      s0, 0(t0)
        mv      tp, s0
        csrw    cwp, s1
        j       resume_registers

# window_evict(barrier): spills the window above a barrier of a process that does not run, its oldest, to the stack of
# that process. Called by windows_enter and windows_make_room.
# s0 = that process, s1 = its oldest window.
proc window_evict, args=1
        mv      s1, a0
        owner_of a0
        lw      s0, 0(a0)
        window_above s1
        mv      a1, s1
        window_above a1
        lw      a3, P_ISP(s0)           # its sp is in the window above it, which may be the current one
        lw      t0, P_CALLERS(s0)
        li      t1, 1
        beq     t0, t1, 1f
        csrr    t0, cwp
        csrw    cwp, a1                 # global registers only from here ...
        mv      t1, isp
        csrw    cwp, t0                 # ... to here
        mv      a3, t1
1:      mv      a0, s0
        mv      a2, s1
        call    windows_spill
        lw      t0, P_BARRIER(s0)       # the barrier moves up, or goes
        li      a1, 1
        sll     t0, a1, t0
        la      a3, barriers
        lw      a2, 0(a3)
        xor     a2, a2, t0
        sw      s1, P_BARRIER(s0)
        lw      t0, P_CALLERS(s0)
        addi    t0, t0, -1
        sw      t0, P_CALLERS(s0)
        beqz    t0, 2f
        sll     a1, a1, s1
        or      a2, a2, a1
        owner_of s1
        sw      s0, 0(s1)
2:      sw      a2, 0(a3)
endp

# windows_make_room: the current process needs the window above a barrier, in a0, which is another process's. The
# instruction is executed again afterwards. Jumped to by window_overflow, on the kernel's stack.
.globl windows_make_room
windows_make_room:
        call    window_evict
        load_current a0
        call    barriers_set
        load_current a0
        j       resume

# barriers_set(pcb): what the process that runs may not enter: its own barrier, and those of the others. Leaf.
barriers_set:
        lw      t0, P_BARRIER(a0)
        li      t1, 1
        sll     t1, t1, t0
        la      t0, barriers
        lw      t0, 0(t0)
        or      t0, t0, t1
        csrw    wim, t0
        ret

# context_settle(pcb): everything of the current process is in its PCB or its memory. It does not come back if the
# process's stack cannot take its windows. Called before fork copies, and by SYS_window_flush.
# s0 = pcb.
proc context_settle, args=1
        mv      s0, a0
        csrr    a1, cwp
        lw      a2, P_BARRIER(a0)
        mv      t0, a1
        callers_in_file t0, a2
        beqz    t0, 1f
        window_above a2
        lw      a3, P_ISP(a0)
        call    windows_spill
        csrr    t0, cwp
        window_below t0
        sw      t0, P_BARRIER(s0)
        mv      a0, s0
        call    barriers_set
1:      sw      zero, P_CALLERS(s0)     # for a child, which gets a copy
endp

# context_drop(pcb): what is not in the PCB is forgotten. Called when a process ends or begins a new program. Leaf.
.globl context_drop
context_drop:
        lw      a1, P_CALLERS(a0)
        sw      zero, P_CALLERS(a0)
        la      t0, window_user
        lw      t1, 0(t0)
        bne     a0, t1, 1f
        sw      zero, 0(t0)
        ret
1:      beqz    a1, 2f
        lw      a1, P_BARRIER(a0)
        li      t0, 1
        sll     t0, t0, a1
        csrc    wim, t0                 # of the process that runs, who may go there now
        la      t1, barriers
        lw      a1, 0(t1)
        xor     a1, a1, t0
        sw      a1, 0(t1)
2:      ret

.bss
        .balign 4
.globl barriers, barrier_owner
barriers:       .zero 4                 # a bit for each barrier of a process that does not run
barrier_owner:  .zero 4 * NWIN          # for such a barrier: PCB of the process
