/* Timer, software and external interrupts as an operating system uses them: counts that must come out the same
   whatever the speed of the machine; nested interrupts; wfi in every mode; Sstc; counters and their carries. */
#include "guest.h"

static volatile u32 ticks, nested, deepest, depth, softs, received, sent, order;

static unsigned long long now(void)
{
    u32 high, low;
    do {
        high = WORD(MTIME + 4);
        low = WORD(MTIME);
    } while (high != WORD(MTIME + 4));
    return (unsigned long long)high << 32 | low;
}

static void alarm(u32 delay)
{
    unsigned long long at = now() + delay;
    WORD(MTIMECMP + 4) = 0xffffffff;
    WORD(MTIMECMP) = (u32)at;
    WORD(MTIMECMP + 4) = at >> 32;
}

static void serve(void)
{
    u32 source = WORD(PLIC + 0x200004);
    order = order * 16 + source;
    if (source == 10) {
        u32 why = BYTE(UART + 2) & 15;
        if (why == 2) {
            if (sent < 40)
                BYTE(UART) = "the quick brown fox jumps over the dog.\n"[sent++];
            else
                BYTE(UART + 1) = 0;
        }
    }
    WORD(PLIC + 0x200004) = source;
}

__attribute__((interrupt("machine"), aligned(4))) static void handler(void)
{
    u32 cause = CSR_READ(mcause);
    u32 epc = CSR_READ(mepc), status = CSR_READ(mstatus);
    if (++depth > deepest)
        deepest = depth;
    if (cause == 0x80000007) {
        ticks++;
        if (ticks < 100)
            alarm(100);
        else
            WORD(MTIMECMP + 4) = 0xffffffff;
        if (ticks % 10 == 0) {      /* a software interrupt inside the timer's handler */
            WORD(CLINT) = 1;
            CSR_SET(mstatus, MIE);
            for (volatile int k = 0; k < 10; k++)
                ;
            CSR_CLEAR(mstatus, MIE);
        }
    } else if (cause == 0x80000003) {
        softs++;
        if (depth > 1)
            nested++;
        WORD(CLINT) = 0;
    } else if (cause == 0x8000000b) {
        serve();
    } else {
        note("cause", cause);
        note("epc", epc);
        WORD(FINISHER) = 0x33333;
    }
    depth--;
    CSR_WRITE(mepc, epc);
    CSR_WRITE(mstatus, status);
}

static void sleep_once(void) { __asm__ volatile("wfi\n ecall"); }

static void supervisor_timer(void)
{
    u32 low, high;
    __asm__ volatile("rdtimeh %1\n rdtime %0" : "=r"(low), "=r"(high));
    __asm__ volatile("csrw 0x15d, %0" ::"r"(-1));
    low += 2000;
    __asm__ volatile("csrw 0x14d, %0\n csrw 0x15d, %1\n 1: csrr t0, sip\n andi t0, t0, 0x20\n beqz t0, 1b\n wfi\n"
                     " csrw 0x15d, %2\n csrr a0, sip\n ecall"
                     ::"r"(low), "r"(high + (low < 2000)), "r"(-1) : "t0", "a0");
}

static void check(const char *what, int good)
{
    put(what);
    put(good ? " ok\n" : " WRONG\n");
}

int main(void)
{
    u32 attempts = CSR_READ(mtvec);
    CSR_WRITE(mtvec, handler);
    CSR_WRITE(mie, 1 << 7 | 1 << 3);
    alarm(100);
    CSR_SET(mstatus, MIE);
    while (ticks < 50)
        ;
    while (ticks < 100)
        __asm__ volatile("wfi");
    note("ticks", ticks);
    note("software interrupts", softs);
    note("nested", nested);
    note("deepest", deepest);

    CSR_CLEAR(mstatus, MIE);
    alarm(1000);
    unsigned long long before = now();
    __asm__ volatile("wfi");            /* wakes although interrupts are closed */
    check("closed wfi", now() - before >= 990 && CSR_READ(mip) & 1 << 7);
    WORD(MTIMECMP + 4) = 0xffffffff;
    check("timer withdrawn", !(CSR_READ(mip) & 1 << 7));
    WORD(CLINT) = 3;
    note("msip", WORD(CLINT));
    __asm__ volatile("wfi");
    WORD(CLINT) = 0;

    WORD(PLIC + 40) = 1;
    WORD(PLIC + 0x2000) = 1 << 10;
    WORD(PLIC + 0x200000) = 0;
    CSR_WRITE(mie, 1 << 11);
    BYTE(UART + 2) = 1;
    BYTE(UART + 1) = 2;
    CSR_SET(mstatus, MIE);
    while (BYTE(UART + 1) & 2)
        __asm__ volatile("wfi");
    CSR_CLEAR(mstatus, MIE);
    note("sent", sent);

    CSR_WRITE(mtvec, attempts);
    for (u32 level = 0; level < 4; level++)
        for (u32 tw = 0; level != 2 && tw < 2; tw++) {
            CSR_WRITE(mstatus, tw ? TW : 0);
            CSR_WRITE(mie, 1 << 7);
            CSR_WRITE(mideleg, 0);
            alarm(200000);      /* long enough for a busy host to reach the wfi */
            attempt(sleep_once, 0, level);
            note("wfi", trap.cause);
        }
    WORD(MTIMECMP + 4) = 0xffffffff;
    CSR_WRITE(mstatus, 0);
    CSR_WRITE(mcounteren, 7);
    CSR_WRITE(scounteren, 7);
    CSR_WRITE(mideleg, 0x222);
    CSR_WRITE(mie, 0x20);
    attempt(supervisor_timer, 0, SUPERVISOR);
    note("without STCE", trap.cause);
    CSR_WRITE(0x31a, 0x80000000);
    note("sip", attempt(supervisor_timer, 0, SUPERVISOR));
    note("with STCE", trap.cause);
    CSR_WRITE(mcounteren, 5);
    attempt(supervisor_timer, 0, SUPERVISOR);
    note("without TM", trap.cause);
    CSR_WRITE(0x31a, 0);

    u32 low, high;
    CSR_WRITE(minstreth, 0);
    CSR_WRITE(minstret, 0xfffffff0);
    for (volatile int k = 0; k < 100; k++)
        ;
    check("carry of minstret", CSR_READ(minstreth) == 1);
    CSR_WRITE(mcycleh, 7);
    CSR_WRITE(mcycle, 0xfffffff0);
    for (volatile int k = 0; k < 100000; k++)
        ;
    check("carry of mcycle", CSR_READ(mcycleh) >= 8);
    CSR_WRITE(mcountinhibit, 5);
    low = CSR_READ(minstret);
    high = CSR_READ(minstret);
    check("inhibited", low == high);
    CSR_WRITE(minstret, 5);
    check("written while inhibited", CSR_READ(minstret) == 5);
    CSR_WRITE(mcountinhibit, 0);
    WORD(MTIME + 4) = 0;
    WORD(MTIME) = 0xffffff00;
    while (WORD(MTIME + 4) == 0)
        ;
    check("carry of mtime", WORD(MTIME) < 0x80000000);
    check("time follows", CSR_READ(timeh) == 1);
    return 0;
}
