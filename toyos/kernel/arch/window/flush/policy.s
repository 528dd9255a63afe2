# Which windows are whose: variant `flush` (policy.inc).

.include "window.inc"

# Spills all callers' windows of the process that uses the register file, whose PCB is in a0; goes to `none` if it has
# none there.
.macro callers_spilled none
        csrr    a1, cwp
        lw      a2, P_BARRIER(a0)
        mv      t0, a1
        callers_in_file t0, a2
        beqz    t0, \none
        window_above a2
        lw      a3, P_ISP(a0)
        call    windows_spill
.endm

# The process of this PCB has no window but the current one.
.macro no_callers pcb
        csrr    t0, cwp
        window_below t0
        sw      t0, P_BARRIER(\pcb)
        wim_only t0, t1
.endm

.text

# windows_enter: makes the process of the PCB in a0 the user of the register file, and goes on in `resume`. Jumped to by
# `resume`, on the kernel's stack; no register is needed any more.
# s0 = pcb.
.globl windows_enter
windows_enter:
        mv      s0, a0
        la      t0, window_user
        lw      a0, 0(t0)
        beqz    a0, 1f
        callers_spilled none=1f
1:      no_callers s0
        la      t0, window_user
        sw      s0, 0(t0)
        mv      tp, s0
        j       resume_registers

# context_settle(pcb): everything of the current process is in its PCB or its memory. It does not come back if the
# process's stack cannot take its windows. Called before fork copies, and by SYS_window_flush.
# s0 = pcb.
proc context_settle, args=1
        mv      s0, a0
        callers_spilled none=1f
        no_callers s0
1:
endp

# context_drop(pcb): what is not in the PCB is forgotten. Called when a process ends or begins a new program. Leaf.
.globl context_drop
context_drop:
        la      t0, window_user
        lw      t1, 0(t0)
        bne     a0, t1, 1f
        sw      zero, 0(t0)
1:      ret
