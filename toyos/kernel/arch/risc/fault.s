# fault.s: what a fault of the kernel looks like on this machine -> lines on the console.

.include "common.inc"
.include "pcb.inc"

.equ REGISTERS,         32
.equ REGISTERS_A_LINE,  4               # a power of two

.section .rodata
cause_line:     .asciz "cause %u: %s\npc      "
return_line:    .asciz "\nreturn  "
value_line:     .asciz "\naddress %p\n"
register_form:  .asciz "%5s %p"
line_end_text:  .asciz "\n"
register_names: .ascii "pc\0\0ra\0\0sp\0\0gp\0\0tp\0\0t0\0\0t1\0\0t2\0\0"
                .ascii "s0\0\0s1\0\0a0\0\0a1\0\0a2\0\0a3\0\0a4\0\0a5\0\0"
                .ascii "a6\0\0a7\0\0s2\0\0s3\0\0s4\0\0s5\0\0s6\0\0s7\0\0"
                .ascii "s8\0\0s9\0\0s10\0s11\0t3\0\0t4\0\0t5\0\0t6\0\0"

.text

# fault_report(state): prints the cause of the trap that has just happened, where it was, the address it was about,
# and the registers in `state`, which is laid out like the beginning of a PCB. Called by panic_trap.
# s0 = state, s1 = number of the next register.
proc fault_report, args=1, frame=16
        mv      s0, a0
        csrr    a0, scause
        sw      a0, 0(sp)
        call    cause_name
        sw      a0, 4(sp)
        la      a0, cause_line
        mv      a1, sp
        call    printk
        lw      a0, P_PC(s0)
        call    symbol_print
        la      a0, return_line
        call    printk
        lw      a0, P_RA(s0)
        call    symbol_print
        csrr    t0, stval
        sw      t0, 0(sp)
        la      a0, value_line
        mv      a1, sp
        call    printk

        li      s1, 1
1:      slli    t0, s1, 2
        add     t1, s0, t0
        lw      t1, P_X(t1)
        sw      t1, 4(sp)
        la      t1, register_names      # a name takes four bytes, as a register does
        add     t0, t0, t1
        sw      t0, 0(sp)
        la      a0, register_form
        mv      a1, sp
        call    printk
        addi    s1, s1, 1
        andi    t0, s1, REGISTERS_A_LINE - 1
        bnez    t0, 1b
        la      a0, line_end_text
        call    printk
        li      t0, REGISTERS
        bne     s1, t0, 1b
        return
endp
