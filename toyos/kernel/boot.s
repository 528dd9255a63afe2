# The kernel starts: every part is made ready, then processes 0 and 1; the dispatcher never comes back.

.include "kernel.inc"

.text

# kernel_main(fdt): called once by arch/MODE/start.s, paging off, interrupts off. Does not come back.
proc kernel_main, args=1
        mv      s0, a0
        call    fdt_parse               # what this board has: RAM, initrd
        call    initrd_move
        mv      a0, s0
        call    frames_init
        call    paging_init
        call    console_init
        call    plic_init
        call    context_init
        call    file_init
        call    pcb_init
        call    statistics_init
        call    process0_init
        call    init_start
        call    dispatch
endp

# process0_init(): makes the process that is current while nobody is ready (arch/MODE/idle.s). It is the root of
# the process tree and on no queue. Called by kernel_main, before any other process is made.
proc process0_init
        call    pcb_new
        mv      s0, a0
        call    queue_remove
        li      t0, STATE_RUNNING
        sw      t0, P_STATE(s0)
        la      a0, kernel_root
        sw      a0, P_SPACE(s0)
        addi    a0, s0, P_NAME
        la      a1, idle_name
        li      a2, NAME_SIZE
        call    strlcpy
        la      t0, current
        sw      s0, 0(t0)
        la      t0, process0
        sw      s0, 0(t0)
endp

# init_start(): makes process 1 from the file /bin/init and puts it on the ready queue. Every later process is a fork of
# it. Called by kernel_main.
proc init_start, frame=16
        call    pcb_new
        mv      s0, a0
        la      t0, current
        lw      t1, 0(t0)
        sw      t1, P_PARENT(s0)
        sw      s0, P_CHILD(t1)
        la      t0, init
        sw      s0, 0(t0)
        mv      a0, s0
        call    file_open_console
        la      a0, init_path
        call    exec_arguments_first
        mv      a0, s0
        la      a1, init_path
        call    exec_image
        bnez    a0, 1f
        mv      a0, s0
        call    process_ready
        return
1:      sub     a0, zero, a0
        sw      a0, 0(sp)
        la      a0, init_error
        mv      a1, sp
        call    printk
        la      a0, no_init
        call    panic
endp

.section .rodata
init_path:      .asciz "/bin/init"
idle_name:      .asciz "idle"
init_error:     .asciz "/bin/init: error %d\n"         # errno.inc
no_init:        .asciz "cannot load /bin/init from the initrd"

.bss
        .balign 4
.globl current
current:        .zero 4         # PCB of the Running process
.globl process0
process0:       .zero 4
.globl init
init:           .zero 4         # PCB of process 1
