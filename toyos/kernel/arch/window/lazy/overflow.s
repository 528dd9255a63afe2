# Overflow in variant `lazy`: a window must give way, this process's oldest or somebody else's.

.include "window.inc"

.text

# Jumped to by window_trap: tp = PCB, t2 = window, t0 and t1 free. stval is a barrier, above it is an oldest window.
.globl window_overflow
window_overflow:
        csrr    t0, stval
        lw      t1, P_BARRIER(tp)
        bne     t0, t1, .Lother
        window_above t0
        csrw    cwp, t0
        own_to_stack
        sw      t0, P_BARRIER(tp)       # the barrier moves up
        li      t1, 1
        sll     t0, t1, t0
        csrs    wim, t0
        csrr    t0, stval
        sll     t0, t1, t0
        csrc    wim, t0
        csrw    cwp, t2
        j       window_done

# The window is another process's, whose address space the hart does not have: its page table is looked up.
# t0 = window to spill, a7 = PCB of its process, gp = how many it will have left, a6 = where the window goes.
.Lother:
        sw      gp, P_GP(tp)
        sw      a6, P_A6(tp)
        sw      a7, P_A7(tp)
        la      t1, barrier_owner
        slli    a7, t0, 2
        add     a7, a7, t1
        lw      a7, 0(a7)
        window_above t0
        csrw    cwp, t0
        lw      gp, P_CALLERS(a7)
        addi    gp, gp, -1
        mv      t1, sp
        bnez    gp, 1f
        lw      t1, P_ISP(a7)           # the window above is not in the file any more
1:      addi    t1, t1, -WINDOW_BYTES
        bltz    t1, .Lslowly
        lw      a6, P_SPACE + SPACE_ROOT(a7)
        writable_frame a6, t1, spare=gp, refused=.Lslowly
        slli    gp, t1, 32 - PAGE_SHIFT
        srli    gp, gp, 32 - PAGE_SHIFT
        add     a6, a6, gp
        li      t1, PAGE_LAST
        bgtu    gp, t1, .Lslowly
        each_own sw, a6

        lw      gp, P_CALLERS(a7)
        addi    gp, gp, -1
        sw      gp, P_CALLERS(a7)
        sw      t0, P_BARRIER(a7)       # its barrier moves up, or goes
        la      t1, barriers
        lw      a6, 0(t1)
        beqz    gp, 2f
        li      gp, 1
        sll     gp, gp, t0
        or      a6, a6, gp
        slli    t0, t0, 2
        la      gp, barrier_owner
        add     t0, t0, gp
        sw      a7, 0(t0)
2:      csrr    t0, stval
        li      gp, 1
        sll     t0, gp, t0
        xor     a6, a6, t0
        sw      a6, 0(t1)
        lw      t0, P_BARRIER(tp)
        sll     t0, gp, t0
        or      a6, a6, t0
        csrw    wim, a6
        csrw    cwp, t2
        lw      gp, P_GP(tp)
        lw      a6, P_A6(tp)
        lw      a7, P_A7(tp)
        j       window_done

# Its page is not there, or shared, or it reaches into the next one: the way of all traps, but to window_evict.
.Lslowly:
        csrw    cwp, t2
        lw      gp, P_GP(tp)
        lw      a6, P_A6(tp)
        lw      a7, P_A7(tp)
        li      t0, SSTATUS_SUM
        csrc    sstatus, t0
        lw      t0, P_TP(tp)
        csrw    sscratch, t0
        lw      t2, P_T2(tp)
        lw      t1, P_T1(tp)
        save_process
        csrr    a0, stval
        j       windows_make_room
