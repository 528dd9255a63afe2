# board.s: where devices are seen from, and how the machine is switched off.
# Their physical addresses are in board.inc.

.include "board.inc"

.equ FINISHER_PASS,     0x5555          # stored to the finisher: ends the machine with status 0,
.equ FINISHER_FAIL,     0x3333          # or with the status in the upper half

.data

# What is added to a device's physical address to reach it: 0 as long as paging is off; console_init, the first that
# runs with paging on, makes it DEV_BASE.
.globl device_base
.balign 4
device_base:    .word 0

.text

# machine_off(status): ends the machine with a status of 0 (success) to 65535, which becomes the exit status of the
# emulator. Does not come back. Called by the reboot system call and by panic.
.globl machine_off
machine_off:
        la      a1, device_base
        lw      a1, 0(a1)
        li      t0, FINISHER_BASE
        add     a1, a1, t0
        li      t0, FINISHER_PASS
        beqz    a0, 1f
        slli    a0, a0, 16
        li      t0, FINISHER_FAIL
        or      t0, t0, a0
1:      sw      t0, 0(a1)
2:      j       2b                      # a machine without a finisher waits here for its plug to be pulled
