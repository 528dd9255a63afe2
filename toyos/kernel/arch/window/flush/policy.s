# Which windows are whose: variant `flush` (policy.inc).

.include "window.inc"

.text

# windows_enter(pcb) -> the window to run in: makes this process the user of the register file. Called by `resume`.
# s0 = pcb.
.globl windows_enter
proc windows_enter, args=1
        mv      s0, a0
        la      t0, window_user
        lw      a0, 0(t0)
        beqz    a0, 1f
        call    windows_flush
1:      la      t0, window_user
        sw      s0, 0(t0)
        mv      a0, s0
        call    windows_none
endp

# windows_flush(pcb): spills the callers' windows of the process that uses the register file.
proc windows_flush, args=1
        csrr    a1, cwp
        lw      a2, P_BARRIER(a0)
        mv      t0, a1
        callers_in_file t0, a2
        beqz    t0, 1f
        window_above a2
        lw      a3, P_ISP(a0)
        call    windows_spill
1:
endp

# windows_none(pcb) -> the current window, the only one that this process has. Leaf.
windows_none:
        mv      t0, a0
        csrr    a0, cwp
        mv      t1, a0
        window_below t1
        sw      t1, P_BARRIER(t0)
        wim_only t1, t0
        ret

# context_settle(pcb): everything of the current process is in its PCB or its memory. It does not come back if the
# process's stack cannot take its windows. Called before fork copies, and by SYS_window_flush.
# s0 = pcb.
proc context_settle, args=1
        mv      s0, a0
        call    windows_flush
        mv      a0, s0
        call    windows_none
endp

# context_drop(pcb): what is not in the PCB is forgotten. Called when a process ends or begins a new program. Leaf.
.globl context_drop
context_drop:
        la      t0, window_user
        lw      t1, 0(t0)
        bne     a0, t1, 1f
        sw      zero, 0(t0)
1:      ret
