/* mstatus and sstatus under random writes; mret and sret from every state of their bits; delegation of every cause. */
#include "guest.h"

extern u32 do_mret[], do_sret[], landing[], write_status[], s_handler[], s_causes[];
__asm__(".text\n.balign 64\n"
        "do_mret: la t0, landing\n csrw mepc, t0\n csrw mstatus, a0\n mret\n"
        "do_sret: la t0, landing\n csrw sepc, t0\n csrw mstatus, a0\n sret\n"
        "landing: ecall\n"
        "write_status: csrw sstatus, a0\n csrr a0, sstatus\n ecall\n"
        ".balign 64\ns_handler: csrr a0, scause\n csrr a1, stval\n xor a0, a0, a1\n"
        " csrr a1, sstatus\n xor a0, a0, a1\n ebreak\n"
        ".balign 64\ns_causes: jr a0\n");

/* Not compared: the state of extensions that this board has not, MPP's answer to the reserved value, and MPRV, which
   QEMU 7.2 does not clear when mret leaves M-mode (version 1.12 of the manual says so). */
#define SHOWN(status) ((status) & ~(0x80007e00 | MPP | MPRV))
#define NOTE_RETURN() (trap.status &= ~MPRV, note_trap("", landing))

static u32 seed = 1;
static u32 dice(void) { seed ^= seed << 13; seed ^= seed >> 17; return seed ^= seed << 5; }

int main(void)
{
    for (int k = 0; k < 200; k++) {
        u32 value = dice(), and = k & 1 ? MPP : 0;
        CSR_WRITE(mstatus, value & ~(MIE | MPRV));
        put_hex(SHOWN(CSR_READ(mstatus)), 8);
        put(" ");
        put_hex(SHOWN(CSR_READ(sstatus)), 8);
        CSR_SET(mstatus, dice() & ~(MIE | MPRV));
        CSR_CLEAR(mstatus, dice() | and);
        put(" ");
        put_hex(SHOWN(CSR_READ(mstatus)), 8);
        put(" ");
        put_hex(SHOWN(attempt(write_status, dice(), SUPERVISOR)), 8);
        note("", SHOWN(CSR_READ(mstatus)));
    }
    CSR_WRITE(mstatus, 0);
    for (u32 bits = 0; bits < 512; bits++) {
        u32 status = (bits & 1 ? MIE : 0) | (bits & 2 ? SIE : 0) | (bits & 4 ? MPIE : 0) | (bits & 8 ? SPIE : 0)
                   | (bits & 16 ? SPP : 0) | (bits >> 5 & 3) << MPP_SHIFT | (bits & 128 ? MPRV : 0)
                   | (bits & 256 ? TSR | TW | TVM : 0);
        if ((bits >> 5 & 3) == 2)
            continue;
        put_hex(bits, 3);
        attempt(do_mret, status, MACHINE);
        NOTE_RETURN();
        attempt(do_sret, status, MACHINE);
        NOTE_RETURN();
    }
    /* Delegation: each bit alone, all, none; from U and S: what the supervisor's handler saw, and where the machine was
       left. */
    static u32 illegal[] = {0}, call[] = {0x73}, breakpoint[] = {0x00100073}, bad_load[] = {0x00002503},
               bad_store[] = {0x00a02023}, odd_jump[] = {0x00250067};
    static u32 *codes[] = {illegal, call, breakpoint, bad_load, bad_store, odd_jump};
    CSR_WRITE(stvec, s_handler);
    for (u32 bit = 0; bit < 18; bit++)
        for (u32 k = 0; k < ARRAY_SIZE(codes); k++) {
            u32 mask = bit < 16 ? 1 << bit : bit == 16 ? 0xb3ff : 0;
            put_hex(bit, 2);
            put_hex(k, 1);
            for (u32 level = 0; level < 2; level++) {
                CSR_WRITE(medeleg, mask & 0xb3ff & ~8);
                CSR_WRITE(mstatus, SIE);
                CSR_WRITE(sepc, 0);
                CSR_WRITE(mtval, 0);
                u32 a0 = attempt(s_causes, (u32)codes[k], level);
                note(" a0", a0);
                put_hex(CSR_READ(sepc) ? CSR_READ(sepc) - (u32)codes[k] : 0x77777777, 8);
                put(" ");
                put_hex(trap.cause, 1);
                put(" ");
                put_hex(trap.cause == 3 || k == 2 ? 0 : trap.value, 8);
                note("", trap.status);
            }
        }
    return 0;
}
