# jobs.s: children in the background, and how they ended.

.include "common.inc"
.include "wait.inc"
.include "sh.inc"

.text

# job_add(pid): remembers a child. A leaf. With the table full it is not
# remembered; `wait` without arguments still finds it.
.globl job_add
job_add:
        la      t0, jobs
        la      t1, jobs_end
1:      beq     t0, t1, 2f
        lw      a1, JOB_PID(t0)
        beqz    a1, 3f
        addi    t0, t0, JOB_SIZE
        j       1b
3:      sw      a0, JOB_PID(t0)
        sw      zero, JOB_ENDED(t0)
2:      ret

# job_find(pid) -> its place in the table or 0. A leaf.
.globl job_find
job_find:
        la      t0, jobs
        la      t1, jobs_end
1:      beq     t0, t1, 2f
        lw      a1, JOB_PID(t0)
        beq     a1, a0, 3f
        addi    t0, t0, JOB_SIZE
        j       1b
2:      li      a0, 0
        ret
3:      mv      a0, t0
        ret

# jobs_forget(): empties the table. A leaf. Called in children, whose they are not.
.globl jobs_forget
jobs_forget:
        la      t0, jobs
        la      t1, jobs_end
1:      sw      zero, JOB_PID(t0)
        addi    t0, t0, JOB_SIZE
        bltu    t0, t1, 1b
        ret

# jobs_collect(options) -> 0 or -1: takes the status of children that have
# ended; with WNOHANG only of those that have ended already, with 0 of all, and
# waits for them. Called before each prompt, and by the builtin wait.
proc jobs_collect, args=1, frame=16
        sw      a0, 4(sp)
1:      li      a0, -1
        mv      a1, sp
        lw      a2, 4(sp)
        call    waitpid
        blez    a0, 3f
        mv      s1, a0
        lw      a0, 0(sp)
        call    status_of
        mv      s0, a0
        mv      a0, s1
        call    job_find
        beqz    a0, 1b
        li      t0, 1
        sw      t0, JOB_ENDED(a0)
        sw      s0, JOB_STATUS(a0)
        la      t0, interactive
        lw      t0, 0(t0)
        beqz    t0, 1b
        mv      a1, s1
        mv      a2, s0
        la      a0, job_ended
        call    eprintf
        j       1b
3:      return
endp

# job_wait(pid) -> its status: one that has ended, or else is waited for
proc job_wait, args=1, frame=16
        mv      s0, a0
        call    job_find
        mv      s1, a0
        beqz    s1, 1f
        sw      zero, JOB_PID(s1)
        lw      t0, JOB_ENDED(s1)
        beqz    t0, 1f
        lw      a0, JOB_STATUS(s1)
        return
1:      mv      a0, s0
        mv      a1, sp
        li      a2, 0
        call    waitpid
        bltz    a0, 2f
        lw      a0, 0(sp)
        call    status_of
        return
2:      la      a0, not_a_child
        mv      a1, s0
        call    complain
        li      a0, NOT_FOUND
        return
endp

.section .rodata
job_ended:      .asciz "[%d] ended with status %d\n"
not_a_child:    .asciz "wait: process %d is not a child of this shell\n"

.bss
.balign 4
jobs:           .space JOBS_MAX*JOB_SIZE
jobs_end:
