/* Integer arithmetic of all widths, large constants, comparisons, conversions, atomics, inline assembly, far branches. */
typedef long long i64;
typedef unsigned long long u64;

i64 wide(i64 a, i64 b) { return (a + b) * (a - b) ^ (a << 7) ^ (b >> 9); }
u64 widening(unsigned a, unsigned b) { return (u64)a * b; }
int high(int a, int b) { return (int)(((i64)a * b) >> 32); }
unsigned constants(unsigned x) { return x + 0x12345678u - 0x7ffu + 0xfffff800u - 0x80000000u + 4096 + 2047 + 2048; }
int compare(int a, unsigned b, short c, signed char d) {
    return (a < 3) + (b < 3) * 2 + (a >= c) * 4 + (b > (unsigned)a) * 8 + (d == c) * 16 + (a != 0) * 32 + (a <= 0) * 64;
}
int narrow(int x) { return (signed char)x + (short)(x >> 3) + (unsigned char)(x >> 5) + (unsigned short)(x >> 7); }
int divide(int a, int b) { return a / b + a % b + a / 10 + (unsigned)a / 10u + a / -8; }
unsigned rotate(unsigned x, int n) { return x << n | x >> (32 - n); }

int lock;
int counter;
int add_atomically(int n) { return __atomic_fetch_add(&counter, n, __ATOMIC_SEQ_CST); }
int exchange(int n) {
    int expected = 0;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_compare_exchange_n(&lock, &expected, n, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
unsigned cycles(void) {
    unsigned now;
    __asm__ volatile("rdcycle %0" : "=r"(now));
    __asm__ volatile("csrs mstatus, %0; fence rw, rw\n\t# a comment\n\tnop" ::"r"(8));
    return now;
}

#define FOUR(x) x x x x
#define MANY(x) FOUR(FOUR(FOUR(FOUR(x))))
int far(volatile int *p, int n) {
    for (int i = 0; i < n; i++) {
        if (p[i] == 3)
            continue;
        MANY(*p += i;)
    }
    return *p;
}
