/* Every combination of a leaf entry's flags, at both levels, against every kind of access from every privilege: the
   cause of the fault, or 0, and the accessed and dirty bits afterwards. */
#include "guest.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128, PAGE = 0x40000000, SUPERPAGE = 0x50000000 };

static u32 root[1024] __attribute__((aligned(4096)));
static u32 leaves[1024] __attribute__((aligned(4096)));
static u32 superpage_code[1024] __attribute__((aligned(4096)));

static u32 entry(const void *frame, u32 flags)
{
    return (u32)frame >> 12 << 10 | flags;
}

static void load(volatile u32 *place) { (void)*place; }
static void store(volatile u32 *place) { *place = 0x00000073; }

/* lent(access, va, level): a data access with the rights of `level`, which MPRV lends to M-mode. */
extern u32 lent(void *access, u32 va, u32 level);
__asm__(".text\n.balign 4\nlent: csrr t0, mstatus\n li t1, 3 << 11\n not t1, t1\n and t0, t0, t1\n"
        " slli a2, a2, 11\n or t0, t0, a2\n li t1, 1 << 17\n or t0, t0, t1\n csrw mstatus, t0\n"
        " mv t2, a0\n mv a0, a1\n jr t2\n");

struct run { void *access; u32 va, level; };
static u32 run(struct run *r) { return lent(r->access, r->va, r->level); }

static void outcome(volatile u32 *pte, u32 value, void *access, u32 va, u32 level)
{
    *pte = value;
    SFENCE();
    if (access) {
        struct run r = {access, va, level};
        CSR_CLEAR(mstatus, MPRV);
        attempt(run, (u32)&r, MACHINE);
    } else {
        attempt((void *)va, 0, level);
    }
    CSR_CLEAR(mstatus, MPRV);
    put_hex(trap.cause == 11 ? 0 : trap.cause, 1);
    put_hex((*pte & (A | D)) >> 6, 1);
    if (trap.cause != 8 && trap.cause != 9 && trap.cause != 11 && trap.value != va)
        note(" value", trap.value);
}

int main(void)
{
    superpage_code[0] = 0x00000073; /* ecall */
    root[PAGE >> 22] = entry(leaves, V);
    root[0x80000000 >> 22] = entry((void *)0x80000000, V | R | W | X | A | D);
    root[UART >> 22] = entry((void *)UART, V | R | W | A | D);
    CSR_WRITE(satp, 0x80000000 | (u32)root >> 12);
    for (int level = 0; level < 2; level++) {
        volatile u32 *pte = level ? &root[SUPERPAGE >> 22] : &leaves[3];
        void *frame = level ? (void *)0x80000000 : superpage_code;
        u32 va = level ? SUPERPAGE + ((u32)superpage_code & 0x3fffff) : PAGE + 0x3000;
        for (u32 flags = 0; flags < 256; flags++) {
            for (u32 mode = 0; mode < 8; mode++) {
                u32 value = entry(frame, flags), from = mode & 1;
                CSR_CLEAR(mstatus, SUM | MXR);
                CSR_SET(mstatus, (mode & 2 ? SUM : 0) | (mode & 4 ? MXR : 0));
                outcome(pte, value, load, va, from);
                outcome(pte, value, store, va, from);
                if (mode < 4)
                    outcome(pte, value, 0, va, from);
                put(" ");
            }
            put("\n");
        }
    }
    /* Misaligned superpages, and frames outside RAM. */
    CSR_SET(mstatus, SUM);
    for (u32 k = 0; k < 10; k++) {
        volatile u32 *pte = &root[SUPERPAGE >> 22];
        outcome(pte, entry((void *)0x80000000, V | R | W | X) | 1 << (10 + k), load, SUPERPAGE, SUPERVISOR);
        outcome(pte, entry((void *)0x80000000, V | R | W | X) | 1 << (10 + k), store, SUPERPAGE, SUPERVISOR);
        outcome(pte, entry((void *)0x80000000, V | R | W | X) | 1 << (10 + k), 0, SUPERPAGE, SUPERVISOR);
    }
    put("\n");
    static const u32 frames[] = {0x18000000, 0x84000000, 0xfffff000};
    for (u32 k = 0; k < ARRAY_SIZE(frames); k++) {
        u32 va = PAGE + 0x3000;
        outcome(&leaves[3], entry((void *)frames[k], V | R | W | X), load, va, SUPERVISOR);
        outcome(&leaves[3], entry((void *)frames[k], V | R | W | X), store, va, SUPERVISOR);
        outcome(&leaves[3], entry((void *)frames[k], V | R | W | X), 0, va, SUPERVISOR);
        put("\npointer "); /* a table outside RAM: section 4.3.2 asks for an access fault, QEMU gives a page fault */
        outcome(&root[PAGE >> 22], entry((void *)frames[k], V), load, va, SUPERVISOR);
        outcome(&root[PAGE >> 22], entry((void *)frames[k], V), store, va, SUPERVISOR);
        outcome(&root[PAGE >> 22], entry((void *)frames[k], V), 0, va, SUPERVISOR);
        root[PAGE >> 22] = entry(leaves, V);
        put("\n");
    }
    /* Pointer entries with bits that are reserved there, and a pointer at the last level. */
    for (u32 flags = 0; flags < 256; flags++) {
        outcome(&root[PAGE >> 22], entry(leaves, flags & ~(R | W | X)), load, PAGE + 0x3000, SUPERVISOR);
        root[PAGE >> 22] = entry(leaves, V);
        outcome(&leaves[3], entry(superpage_code, flags & ~(R | W | X)), load, PAGE + 0x3000, SUPERVISOR);
        put(flags % 32 == 31 ? "\n" : " ");
    }
    return 0;
}
