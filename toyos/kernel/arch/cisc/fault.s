# fault.s: what a fault of the kernel looks like on this machine -> lines on the console.

.include "common.inc"
.include "pcb.inc"

.equ REGISTERS_A_LINE,  4               # a power of two

.section .rodata
cause_line:     .asciz "cause %u: %s\npc      "
value_line:     .asciz "\naddress %p\n"
register_form:  .asciz "%5s %p"
line_end_text:  .asciz "\n"
register_names: .ascii "a0\0\0a1\0\0a2\0\0a3\0\0t0\0\0t1\0\0s0\0\0s1\0\0"       # in the order of the PCB
                .ascii "sp\0\0pc\0\0psw\0"
.equ REGISTERS,         (. - register_names) / 4

.text

# fault_report(state): prints the cause of the trap that has just happened, where it was, the address it was about, and
# the registers in `state`, which is laid out like the beginning of a PCB. Called by panic_trap.
# s0 = state, s1 = number of the next register.
proc fault_report, args=1, frame=16
        movl    a0, s0
        csrr    (sp), scause
        movl    (sp), a0
        jsr     cause_name
        movl    a0, 4(sp)
        moval   cause_line, a0
        movl    sp, a1
        jsr     printk
        movl    P_PC(s0), a0
        jsr     symbol_print
        csrr    (sp), stval
        moval   value_line, a0
        movl    sp, a1
        jsr     printk

        clrl    s1
1:      moval   register_names[s1], (sp)
        movl    (s0)[s1], 4(sp)
        moval   register_form, a0
        movl    sp, a1
        jsr     printk
        incl    s1
        andl3   $REGISTERS_A_LINE - 1, s1, t0
        beql    t0, $0, 2f
        bltl    s1, $REGISTERS, 1b
2:      moval   line_end_text, a0
        jsr     printk
        bltl    s1, $REGISTERS, 1b
        return
endp
