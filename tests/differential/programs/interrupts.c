/* Every set of pending interrupts, under several delegations, from every privilege level, with every combination of
   the enables: which one is taken, where it lands, and what the status register says then. */
#include "guest.h"

enum { SSI = 1 << 1, MSI = 1 << 3, STI = 1 << 5, MTI = 1 << 7, SEI = 1 << 9, MEI = 1 << 11, ALL = 0xaaa };

extern u32 body[], supervisor_handler[], vectors[], supervisor_vectors[], trapped[];
u32 vector;

__asm__(
    ".text\n.balign 64\n"
    "body: nop\n nop\n ecall\n"
    /* Tells by ecall what the supervisor saw. */
    ".balign 64\nsupervisor_handler: csrr a0, scause\n slli a1, a0, 1\n slli a0, a0, 8\n csrr a1, sstatus\n"
    " or a0, a0, a1\n ecall\n"
    ".balign 256\nvectors: .rept 16\n jal t6, from_vector\n .endr\n"
    "from_vector: la t5, vectors + 4\n sub t6, t6, t5\n la t5, vector\n sw t6, 0(t5)\n j trapped\n"
    ".balign 256\nsupervisor_vectors: .rept 16\n jal a0, from_supervisor_vector\n .endr\n"
    "from_supervisor_vector: la a1, supervisor_vectors + 4\n sub a0, a0, a1\n ecall\n");

static void set_pending(u32 set)
{
    WORD(CLINT) = set & MSI ? 1 : 0;
    WORD(MTIMECMP) = set & MTI ? 0 : 0xffffffff;
    WORD(MTIMECMP + 4) = set & MTI ? 0 : 0xffffffff;
    WORD(PLIC + 0x2000) = set & MEI ? 1 << 10 : 0;
    WORD(PLIC + 0x200000) = set & MEI ? 0 : 7;
    CSR_CLEAR(mip, SSI | STI | SEI);
    CSR_SET(mip, set & (SSI | STI | SEI));
}

static void outcome(u32 pending, u32 delegated, u32 level, u32 open)
{
    CSR_WRITE(mie, 0);
    CSR_WRITE(mstatus, 0);
    set_pending(pending);
    CSR_WRITE(mideleg, delegated);
    CSR_WRITE(sepc, 0);
    CSR_WRITE(scause, 0);
    vector = 0;
    u32 seen = CSR_READ(mip);
    if ((seen & ALL) != pending)
        note("pending", seen);
    CSR_WRITE(mie, ALL);
    CSR_WRITE(mstatus, (open & 1 ? MPIE : 0) | (open & 2 ? SIE : 0));
    u32 a0 = attempt(body, 0, level);
    CSR_WRITE(mie, 0);
    put_hex(trap.cause >> 24 | trap.cause, 2);
    put_hex(vector, 2);
    if (trap.cause == 9) {
        put("/");
        put_hex(a0, 4);
        put_hex(CSR_READ(scause) >> 28, 1);
    }
    put(trap.epc == (u32)body || CSR_READ(sepc) == (u32)body ? "." : "-");
    put_hex(trap.status & (MIE | SIE | MPIE | SPIE | SPP | MPP), 4);
    put(" ");
}

int main(void)
{
    static const u32 delegations[] = {0, SSI | STI | SEI, SSI, STI, SEI, SSI | SEI};
    BYTE(UART + 1) = 2; /* transmitter empty: a line that stays up */
    WORD(PLIC + 40) = 1;
    for (u32 vectored = 0; vectored < 2; vectored++) {
        CSR_WRITE(mtvec, vectored ? (u32)vectors + 1 : (u32)trapped);
        CSR_WRITE(stvec, vectored ? (u32)supervisor_vectors + 1 : (u32)supervisor_handler);
        for (u32 d = 0; d < ARRAY_SIZE(delegations); d++)
            for (u32 set = 0; set < 64; set++) {
                u32 pending = 0;
                for (u32 bit = 0; bit < 6; bit++)
                    if (set & 1 << bit)
                        pending |= 2 << 2 * bit;
                put_hex(pending, 3);
                put(": ");
                for (u32 level = 0; level < 4; level++)
                    for (u32 open = 0; level != 2 && open < 4; open++)
                        outcome(pending, delegations[d], level, open);
                put("\n");
            }
    }
    return 0;
}
