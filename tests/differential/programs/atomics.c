/* Every atomic operation on pairs of edge values, and how long a reservation lasts. */
#include "guest.h"

static const u32 edges[] = {
    0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x12345678, 0xaaaaaaaa,
};
static volatile u32 cell[2];

/* NAME(v): on cell[0] -> its old value. NAME_same(v): the same with one register for value and result. */
#define AMO(name) \
    static u32 name(u32 v) \
    { \
        u32 old; \
        __asm__ volatile(#name ".w %0, %2, (%1)" : "=&r"(old) : "r"(cell), "r"(v) : "memory"); \
        return old; \
    } \
    static u32 name##_same(u32 v) \
    { \
        __asm__ volatile(#name ".w.aqrl %0, %0, (%1)" : "+r"(v) : "r"(cell) : "memory"); \
        return v; \
    }
#define EACH(do) do(amoswap) do(amoadd) do(amoxor) do(amoand) do(amoor) do(amomin) do(amomax) do(amominu) do(amomaxu)
EACH(AMO)

static u32 lr(volatile u32 *p)
{
    u32 v;
    __asm__ volatile("lr.w %0, (%1)" : "=r"(v) : "r"(p) : "memory");
    return v;
}

static u32 sc(volatile u32 *p, u32 v)
{
    u32 failed;
    __asm__ volatile("sc.w %0, %2, (%1)" : "=&r"(failed) : "r"(p), "r"(v) : "memory");
    return failed;
}

int main(void)
{
    u32 sum = 0;
#define RUN(name) \
    put(#name "\n"); \
    for (u32 a = 0; a < ARRAY_SIZE(edges); a++) \
        for (u32 b = 0; b < ARRAY_SIZE(edges); b++) { \
            cell[0] = edges[a]; \
            u32 old = name(edges[b]), first = cell[0]; \
            cell[0] = edges[a]; \
            u32 other = name##_same(edges[b]); \
            if (old != edges[a] || other != old || cell[0] != first) \
                note("differs", b); \
            sum = sum * 31 + first; \
            put_hex(first, 8); \
            put(b % 10 == 9 ? "\n" : " "); \
        }
    EACH(RUN)
    note("sum", sum);
    u32 v;
    cell[0] = 5;
    __asm__ volatile("mv a0, %1\n li a1, 3\n amoadd.w a0, a1, (a0)\n mv %0, a0"
                     : "=r"(v) : "r"(cell) : "a0", "a1", "memory");
    note("rd = rs1", v); note("", cell[0]);
    note("sc alone", sc(cell, 9)); note("", cell[0]);
    cell[0] = 1; cell[1] = 2;
    lr(cell); note("sc after lr", sc(cell, 7)); note("", cell[0]);
    note("sc twice", sc(cell, 8)); note("", cell[0]);
    lr(cell); note("sc elsewhere", sc(cell + 1, 9)); note("", cell[1]);
    note("sc after a failed one", sc(cell, 9)); note("", cell[0]);
    lr(cell); lr(cell + 1); note("sc at the older lr", sc(cell, 9));
    return 0;
}
