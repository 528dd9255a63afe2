/* What the guest programs share: console, traps that can be looked at, and code run at any privilege level. */
#ifndef GUEST_H
#define GUEST_H

typedef unsigned int u32;
typedef unsigned char u8;

struct trap {
    u32 cause, epc, value, status;
};

enum { USER, SUPERVISOR, MACHINE = 3 };

extern struct trap trap;                       /* the last trap that ended attempt() */
extern u32 trap_count;                         /* traps since the start */
/* Runs code(argument) until it traps -> its a0. Returning is an ecall. */
u32 attempt(void *code, u32 argument, u32 level);

void put(const char *text);
void put_hex(u32 value, int digits);
void put_words(const char *label, const u32 *words, int count);
void note(const char *label, u32 value);
void note_trap(const char *label, const void *base); /* cause, pc relative to base, value, status */

#define CSR_READ(name)        ({ u32 value_; __asm__ volatile("csrr %0, " #name : "=r"(value_)); value_; })
#define CSR_WRITE(name, v)    __asm__ volatile("csrw " #name ", %0" ::"r"((u32)(v)) : "memory")
#define CSR_SET(name, v)      __asm__ volatile("csrs " #name ", %0" ::"r"((u32)(v)) : "memory")
#define CSR_CLEAR(name, v)    __asm__ volatile("csrc " #name ", %0" ::"r"((u32)(v)) : "memory")
#define SFENCE()              __asm__ volatile("sfence.vma" ::: "memory")
#define FENCE_I()             __asm__ volatile("fence.i" ::: "memory")
#define WORD(address)         (*(volatile u32 *)(address))
#define BYTE(address)         (*(volatile u8 *)(address))
#define ARRAY_SIZE(array)     (sizeof(array) / sizeof(array)[0])

enum {
    UART = 0x10000000, CLINT = 0x02000000, MTIMECMP = CLINT + 0x4000, MTIME = CLINT + 0xbff8, PLIC = 0x0c000000,
    FINISHER = 0x00100000,
    MIE = 1 << 3, SIE = 1 << 1, MPIE = 1 << 7, SPIE = 1 << 5, SPP = 1 << 8, MPP = 3 << 11, MPP_SHIFT = 11,
    MPRV = 1 << 17, SUM = 1 << 18, MXR = 1 << 19, TVM = 1 << 20, TW = 1 << 21, TSR = 1 << 22,
};

#endif
