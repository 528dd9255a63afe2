# The kernel's counters and the list of processes, for programs such as ps and free.

.include "kernel.inc"
.include "proclist.inc"

.text

# statistics_init(): remembers how many frames are free before the first process exists. Called once at boot.
proc statistics_init
        la      t0, kstat
        lw      t1, KS_FREE(t0)
        sw      t1, KS_FREE_BOOT(t0)
endp

# sys_kstat(buffer, size) -> bytes copied: the counters, or as many bytes of them as there is room for. -EFAULT.
# s0 = user address, s1 = bytes.
proc sys_kstat, args=2
        mv      s0, a0
        mv      s1, a1
        li      t0, KS_SIZE
        bleu    s1, t0, 1f
        mv      s1, t0
1:      call    time_now
        la      t0, kstat
        sw      a0, KS_UPTIME(t0)
        sw      a1, KS_UPTIME + 4(t0)
        la      t1, process0
        lw      t1, 0(t1)
        lw      a0, P_CPU_TIME(t1)
        sw      a0, KS_IDLE(t0)
        lw      a0, P_CPU_TIME + 4(t1)
        sw      a0, KS_IDLE + 4(t0)
        mv      a0, s0
        mv      a1, t0
        mv      a2, s1
        call    copyout
        bnez    a0, 2f
        mv      a0, s1
2:
endp

# sys_proclist(buffer, size) -> bytes copied: a record for each process, as many whole ones as there is room for.
# -EFAULT.
# s0 = PCB, s1 = user address of the next record; locals: 0 = first address, 4 = room left, then the record.
.equ L_FIRST,  0
.equ L_ROOM,   4
.equ L_RECORD, 16
.equ L_FRAME,  L_RECORD + PL_SIZE
proc sys_proclist, args=2, frame=L_FRAME
        sw      a0, L_FIRST(sp)
        sw      a1, L_ROOM(sp)
        mv      s1, a0
        load_current a0
        call    charge
        la      s0, pcb_pool
1:      lw      t0, P_STATE(s0)
        beqz    t0, 2f                  # STATE_FREE
        lw      t0, L_ROOM(sp)
        li      t1, PL_SIZE
        bltu    t0, t1, 3f
        sub     t0, t0, t1
        sw      t0, L_ROOM(sp)
        mv      a0, s0
        addi    a1, sp, L_RECORD
        call    record_fill
        mv      a0, s1
        addi    a1, sp, L_RECORD
        li      a2, PL_SIZE
        call    copyout
        bnez    a0, 4f
        addi    s1, s1, PL_SIZE
2:      addi    s0, s0, P_SIZE
        la      t0, pcb_pool_end
        bltu    s0, t0, 1b
3:      lw      t0, L_FIRST(sp)
        sub     a0, s1, t0
4:
endp

# record_fill(pcb, record): describes one process. Leaf. Called by sys_proclist.
record_fill:
        lw      t0, P_PID(a0)
        sw      t0, PL_PID(a1)
        lw      t0, P_PARENT(a0)
        beqz    t0, 1f                  # process 0 has no parent and says 0
        lw      t0, P_PID(t0)
1:      sw      t0, PL_PPID(a1)
        la      t0, state_letters
        lw      t1, P_STATE(a0)
        add     t0, t0, t1
        lbu     t0, 0(t0)
        sw      t0, PL_STATE(a1)
        lw      t0, P_CPU_TIME(a0)
        sw      t0, PL_TIME(a1)
        lw      t0, P_CPU_TIME + 4(a0)
        sw      t0, PL_TIME + 4(a1)
        lw      t0, P_SPACE + 4(a0)
        sw      t0, PL_PAGES(a1)
        lw      t0, P_VOLUNTARY(a0)
        sw      t0, PL_VOLUNTARY(a1)
        lw      t0, P_INVOLUNTARY(a0)
        sw      t0, PL_INVOLUNTARY(a1)
        lw      t0, P_NAME(a0)
        sw      t0, PL_NAME(a1)
        lw      t0, P_NAME + 4(a0)
        sw      t0, PL_NAME + 4(a1)
        lw      t0, P_NAME + 8(a0)
        sw      t0, PL_NAME + 8(a1)
        lw      t0, P_NAME + 12(a0)
        sw      t0, PL_NAME + 12(a1)
        ret

.section .rodata
state_letters:  .ascii " NROSZ"         # in the order of STATE_FREE .. STATE_ZOMBIE

.bss
        .balign 4
.globl kstat
kstat:          .zero KS_SIZE
