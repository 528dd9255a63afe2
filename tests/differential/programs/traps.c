/* Instructions that trap, or nearly: cause, mepc, mtval, mstatus and what the instruction left in its registers. */
#include "guest.h"

#define SNIPPET(name, text) \
    __asm__(".text\n.balign 64\n.globl " #name "\n" #name ":\n" text "\n ecall\n ecall\n .balign 4"); \
    extern u32 name[];

SNIPPET(jalr_2, "li ra, 7\n addi t0, a0, 2\n jalr ra, 0(t0)\n mv a0, ra")
SNIPPET(jalr_1, "auipc t0, 0\n jalr ra, 13(t0)\n .word 0\n mv a0, zero")
SNIPPET(jalr_3, "auipc t0, 0\n li ra, 9\n jalr ra, 15(t0)\n .word 0\n mv a0, zero")
SNIPPET(jal_2, "li ra, 7\n .word 0x002000ef\n mv a0, ra") /* jal ra, .+2 */
SNIPPET(jal_6, "li ra, 7\n .word 0x006000ef\n mv a0, ra") /* jal ra, .+6 */
SNIPPET(branch_2_not_taken, "li t0, 0\n .word 0x00029163\n li a0, 5") /* bne t0, zero, .+2 */
SNIPPET(branch_2_taken, "li t0, 0\n .word 0x00028163\n li a0, 5") /* beq t0, zero, .+2 */
SNIPPET(branch_6_taken, "li t0, 0\n .word 0x00028363\n li a0, 5") /* beq t0, zero, .+6 */
SNIPPET(zero_word, ".word 0\n")
SNIPPET(ones_word, ".word 0xffffffff\n")
SNIPPET(half_word, ".word 0x12340001\n")
SNIPPET(ebreak_, "ebreak\n")
SNIPPET(c_ebreak, ".word 0x90029002\n")
SNIPPET(wide_shift, ".word 0x02051513\n") /* slli a0, a0, 32 */
SNIPPET(odd_funct7, ".word 0x06b50533\n")
SNIPPET(fence_odd, ".word 0x0ff7818f\n")
SNIPPET(fence_tso, ".word 0x8330000f\n")
SNIPPET(fence_i_odd, ".word 0x7ff5958f\n")
SNIPPET(fence_2, ".word 0x0000200f\n")
SNIPPET(mret_, "mret\n")
SNIPPET(sret_, "csrr t0, sepc\n sret\n")
SNIPPET(uret_, ".word 0x00200073\n")
SNIPPET(wfi_odd, ".word 0x105000f3\n")
SNIPPET(ecall_odd, ".word 0x000000f3\n")
SNIPPET(sfence, "sfence.vma\n")
SNIPPET(sfence_2, "sfence.vma a0, a1\n")
SNIPPET(sfence_rd, ".word 0x120000f3\n")
SNIPPET(hfence, ".word 0x22000073\n")
SNIPPET(sinval, ".word 0x16000073\n")
SNIPPET(satp_read, "csrr a0, satp\n")
SNIPPET(satp_write, "csrw satp, zero\n")
SNIPPET(satp_rw, "li a0, 99\n csrrw a0, satp, zero\n")
SNIPPET(cycle_write, "csrw cycle, zero\n")
SNIPPET(cycle_set_none, "csrrs a0, cycle, zero\n li a0, 3\n")
SNIPPET(cycle_set_zero, "li t0, 0\n csrrs a0, cycle, t0\n li a0, 3\n")
SNIPPET(cycle_seti, "csrrsi a0, cycle, 1\n")
SNIPPET(mhartid_write, "csrw mhartid, zero\n")
SNIPPET(mscratch_read, "csrr a0, mscratch\n li a0, 0")
SNIPPET(no_csr, ".word 0x5c002573\n")
SNIPPET(lw_low, "lw a0, 0(zero)\n")
SNIPPET(lw_nowhere, "li t0, 0x18000000\n lw a0, 0(t0)\n")
SNIPPET(lw_top, "lw a0, -4(zero)\n")
SNIPPET(lb_top, "lb a0, -1(zero)\n")
SNIPPET(sw_nowhere, "li t0, 0x18000001\n sb a0, 0(t0)\n")
SNIPPET(sh_nowhere, "li t0, 0x18000001\n sh a0, 0(t0)\n")
SNIPPET(lh_end, "li t0, 0x83ffffff\n lh a0, 0(t0)\n")
SNIPPET(lw_end, "li t0, 0x83fffffe\n lw a0, 0(t0)\n")
SNIPPET(sw_end, "li t0, 0x83fffffd\n sw a0, 0(t0)\n")
SNIPPET(lw_last, "li t0, 0x83fffffc\n lw a0, 0(t0)\n li a0, 1\n")
SNIPPET(lr_odd, "la t0, here\n lr.w a0, (t0)\n here: nop\n")
SNIPPET(lr_1, "la t0, lr_1\n addi t0, t0, 1\n lr.w a0, (t0)\n")
SNIPPET(sc_1, "la t0, sc_1\n addi t0, t0, 2\n sc.w a0, a0, (t0)\n")
SNIPPET(amo_1, "la t0, amo_1\n addi t0, t0, 3\n amoadd.w a0, a0, (t0)\n")
SNIPPET(amo_nowhere, "li t0, 0x18000000\n amoadd.w a0, a0, (t0)\n")
SNIPPET(lr_nowhere, "li t0, 0x18000000\n lr.w a0, (t0)\n")
SNIPPET(sc_nowhere, "li t0, 0x18000000\n sc.w a0, a0, (t0)\n")
SNIPPET(amo_nowhere_1, "li t0, 0x18000001\n amoadd.w a0, a0, (t0)\n")
SNIPPET(lr_rs2, ".word 0x1012a52f\n")
SNIPPET(ld_, ".word 0x0002b503\n")
SNIPPET(lwu_, ".word 0x0002e503\n")
SNIPPET(sd_, ".word 0x00a2b023\n")
SNIPPET(addw_, ".word 0x00b5053b\n")
SNIPPET(flw_, ".word 0x0002a507\n")
SNIPPET(custom, ".word 0x0000000b\n")
SNIPPET(jump_nowhere, "li t0, 0x18000000\n jalr a0, 0(t0)\n")
SNIPPET(jump_device, "li t0, 0x10000000\n jalr a0, 0(t0)\n")
SNIPPET(jump_end, "li t0, 0x84000000\n jalr a0, 0(t0)\n")
SNIPPET(jump_zero, "jalr a0, 0(zero)\n")
SNIPPET(write_to_zero, "li t0, 5\n add zero, t0, t0\n lui zero, 5\n lw zero, 0(sp)\n mv a0, zero\n")
SNIPPET(load_into_zero, "lw zero, 0(zero)\n")
SNIPPET(mul_zero, "li t0, 5\n mul zero, t0, t0\n mv a0, zero\n")
SNIPPET(wfi_, "wfi\n li a0, 9")

static const struct { const char *name; u32 *code; } snippets[] = {
#define ROW(name) {#name, name}
    ROW(jalr_2), ROW(jalr_1), ROW(jalr_3), ROW(jal_2), ROW(jal_6), ROW(branch_2_not_taken), ROW(branch_2_taken),
    ROW(branch_6_taken), ROW(zero_word), ROW(ones_word), ROW(half_word), ROW(ebreak_), ROW(c_ebreak), ROW(wide_shift),
    ROW(odd_funct7), ROW(fence_odd), ROW(fence_tso), ROW(fence_i_odd), ROW(fence_2), ROW(mret_), ROW(sret_), ROW(uret_),
    ROW(wfi_odd), ROW(ecall_odd), ROW(sfence), ROW(sfence_2), ROW(sfence_rd), ROW(hfence), ROW(sinval), ROW(satp_read),
    ROW(satp_write), ROW(satp_rw), ROW(cycle_write), ROW(cycle_set_none), ROW(cycle_set_zero), ROW(cycle_seti),
    ROW(mhartid_write), ROW(mscratch_read), ROW(no_csr), ROW(lw_low), ROW(lw_nowhere), ROW(lw_top), ROW(lb_top),
    ROW(sw_nowhere), ROW(sh_nowhere), ROW(lh_end), ROW(lw_end), ROW(sw_end), ROW(lw_last), ROW(lr_odd),
    ROW(lr_1), ROW(sc_1), ROW(amo_1), ROW(amo_nowhere), ROW(lr_nowhere), ROW(sc_nowhere), ROW(amo_nowhere_1),
    ROW(lr_rs2), ROW(ld_), ROW(lwu_), ROW(sd_), ROW(addw_), ROW(flw_), ROW(custom), ROW(jump_nowhere),
    ROW(jump_device), ROW(jump_end), ROW(jump_zero), ROW(write_to_zero), ROW(load_into_zero), ROW(mul_zero), ROW(wfi_),
};

int main(void)
{
    static const u32 traps[] = {0, TVM, TW, TSR, TVM | TW | TSR};
    CSR_WRITE(mcounteren, 7);
    CSR_WRITE(scounteren, 7);
    CSR_SET(mip, 1 << 1); /* so that wfi finds something to wake for; M-mode has interrupts closed */
    for (u32 k = 0; k < ARRAY_SIZE(snippets); k++) {
        put(snippets[k].name);
        put("\n");
        for (u32 level = 0; level < 4; level++) {
            if (level == 2)
                continue;
            for (u32 t = 0; t < (level == SUPERVISOR ? ARRAY_SIZE(traps) : 1); t++) {
                CSR_WRITE(mideleg, 1 << 1);
                CSR_WRITE(mstatus, traps[t] | (level != MACHINE ? MIE : 0));
                CSR_WRITE(mie, level == USER ? 0 : 1 << 1);
                CSR_WRITE(mepc, 0);
                CSR_WRITE(sepc, snippets[k].code + 1);
                u32 a0 = attempt(snippets[k].code, (u32)snippets[k].code, level);
                put_hex(level, 1);
                put_hex(t, 1);
                note_trap("", snippets[k].code);
                note("   a0", a0 >= 0x80000000 && a0 < 0x84000000 ? a0 - (u32)snippets[k].code : a0);
            }
        }
    }
    return 0;
}
