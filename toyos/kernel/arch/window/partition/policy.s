# Which windows are whose: variant `partition` (policy.inc).

.include "window.inc"

.if PART_WINDOWS < 2
.error "variant partition: NWIN must be at least twice PARTITIONS, as a part needs two windows"
.endif

# A part of the register file.
struct
field PART_OWNER                # PCB, or 0
field PART_LOWEST               # its lowest window
field PART_WIM                  # wim while its owner runs: neither the window below nor its last one
endstruct PART_SIZE

.text

# windows_enter: makes the process of the PCB in a0 the user of the register file, and goes on in `resume`. Jumped to by
# `resume`, on the kernel's stack; no register is needed any more.
# s0 = pcb, s1 = its part.
.globl windows_enter
windows_enter:
        mv      s0, a0
        la      t0, window_user
        lw      a0, 0(t0)
        beqz    a0, 1f
        sw      zero, 0(t0)
        csrr    t1, cwp
        sw      t1, P_WINDOW(a0)
1:      lw      s1, P_PART(s0)
        beqz    s1, 2f
        lw      t1, PART_OWNER(s1)
        beq     s0, t1, 3f
2:      call    part_take
        mv      s1, a0
        sw      s0, PART_OWNER(s1)
        sw      s1, P_PART(s0)
        lw      t0, PART_LOWEST(s1)
        sw      t0, P_WINDOW(s0)
        la      t0, window_user
3:      sw      s0, 0(t0)
        lw      t1, PART_WIM(s1)
        csrw    wim, t1
        lw      t1, P_WINDOW(s0)
        mv      tp, s0
        csrw    cwp, t1
        j       resume_registers

# part_take() -> a part without an owner. If each has one, they lose theirs in turn. Called by windows_enter.
# s0 = part.
proc part_take
        la      s0, parts
        la      t1, parts_end
1:      lw      t0, PART_OWNER(s0)
        beqz    t0, 3f
        addi    s0, s0, PART_SIZE
        bltu    s0, t1, 1b
        la      t0, part_next
        lw      s0, 0(t0)
        addi    a0, s0, PART_SIZE
        bltu    a0, t1, 2f
        la      a0, parts
2:      sw      a0, 0(t0)
        lw      a0, PART_OWNER(s0)
        lw      a1, P_WINDOW(a0)
        lw      a2, PART_LOWEST(s0)
        beq     a1, a2, 3f
        lw      a3, P_ISP(a0)
        call    windows_spill
3:      mv      a0, s0
endp

# context_settle(pcb): everything of the current process is in its PCB or its memory. It does not come back if the
# process's stack cannot take its windows. Called before fork copies, and by SYS_window_flush.
# s0 = pcb; local 0 = its lowest window, where it goes on.
proc context_settle, args=1, frame=16
        mv      s0, a0
        lw      t0, P_PART(a0)
        lw      a2, PART_LOWEST(t0)
        sw      a2, 0(sp)
        csrr    a1, cwp
        beq     a1, a2, 1f
        lw      a3, P_ISP(a0)
        call    windows_spill
        lw      t0, 0(sp)
        sw      t0, P_WINDOW(s0)
        la      t0, window_user         # so that `resume` goes there
        sw      zero, 0(t0)
1:
endp

# context_drop(pcb): what is not in the PCB is forgotten. Called when a process ends or begins a new program. Leaf.
.globl context_drop
context_drop:
        la      t0, window_user
        lw      t1, 0(t0)
        bne     a0, t1, 1f
        sw      zero, 0(t0)
1:      lw      t1, P_PART(a0)
        beqz    t1, 2f
        lw      t0, PART_OWNER(t1)
        bne     a0, t0, 2f
        sw      zero, PART_OWNER(t1)
2:      ret

.data
        .balign 4
parts:
.set part_lowest, 0
        .rept   PARTITIONS
        .word   0, part_lowest, 1 << ((part_lowest + NWIN - 1) % NWIN) | 1 << (part_lowest + PART_WINDOWS - 1)
        .set    part_lowest, part_lowest + PART_WINDOWS
        .endr
parts_end:
part_next:      .word parts             # the part that is taken next when none is free
