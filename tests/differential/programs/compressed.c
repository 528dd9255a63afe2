/* Instructions of 16 bits, and of 32 bits between two multiples of four: what is illegal, where jumps may go and what
   they leave behind, and instructions that reach from one page into the next. */
#include "guest.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128, ALL = V | R | W | X | A | D, FIRST = 0x40000000, PAGE = 4096,
       ECALL = 0x00000073, C_NOP = 0x0001, C_RET = 0x8082, C_EBREAK = 0x9002, C_LI_A0 = 0x4501,
       ADDI_A0 = 0x00050513, ILLEGAL_CSR = 0x7c001073 };

typedef unsigned short u16;

static u32 root[1024] __attribute__((aligned(4096)));
static u32 leaves[1024] __attribute__((aligned(4096)));
static u8 frames[3][PAGE] __attribute__((aligned(4096)));

static void half(void *at, u32 value) { *(volatile u16 *)at = value; }

static void word(void *at, u32 value)
{
    half(at, value);
    half((u8 *)at + 2, value >> 16);
}

static u32 addi(u32 rd, u32 rs1, u32 imm) { return imm << 20 | rs1 << 15 | rd << 7 | 0x13; }
static u32 c_li(u32 rd, u32 imm) { return (C_LI_A0 & ~0xf80) | rd << 7 | (imm & 31) << 2; }

/* All halfwords that the chapter reserves, leaves to custom use or gives to F and D: the first bits, and which others. */
static int is_illegal(u32 h)
{
    u32 quadrant = h & 3, funct3 = h >> 13, rd = h >> 7 & 31, high = h >> 12 & 1, low = h >> 2 & 31;
    if (quadrant == 0)
        return funct3 == 0 ? (h >> 5 & 0xff) == 0 : funct3 != 2 && funct3 != 6;
    if (quadrant == 1)
        return funct3 == 3 ? !high && !low
             : funct3 == 4 ? high && ((h >> 10 & 3) < 2 || (h >> 10 & 3) == 3) : 0;
    if (quadrant == 2)
        return funct3 == 0 ? high : funct3 == 2 ? rd == 0 : funct3 == 4 ? !high && !rd && !low : funct3 & 1;
    return 0;
}

static void illegal_ones(void)
{
    u32 count = 0, sum = 0;
    for (u32 h = 0; h < 0x10000; h++)
        if (is_illegal(h)) {
            half(frames[0] + 2, h);
            half(frames[0] + 4, 0xffff);
            FENCE_I();
            attempt(frames[0] + 2, 0, MACHINE);
            count++;
            sum = sum * 31 + trap.cause;
            if (trap.cause != 2 || trap.value != h || trap.epc != (u32)frames[0] + 2)
                put_words("not illegal", (u32[]){h, trap.cause, trap.value, trap.epc - (u32)frames[0]}, 4);
        }
    note("illegal", count);
    note("causes", sum);
}

static void registers(void)
{
    u32 misa = CSR_READ(misa);
    CSR_CLEAR(misa, 4);
    note("misa.C", misa >> 2 & 1);
    note("misa.C cleared", CSR_READ(misa) >> 2 & 1);
    CSR_WRITE(mepc, 0xffffffff);
    note("mepc", CSR_READ(mepc));
    CSR_WRITE(sepc, 0x12345677);
    note("sepc", CSR_READ(sepc));
    u32 mtvec = CSR_READ(mtvec);
    CSR_WRITE(stvec, mtvec + 2);
    note("stvec", CSR_READ(stvec) & 1);
}

/* Each jumps over c.ebreak, and leaves in a0 what shows that it came there. */
__asm__(".text\n.balign 4\n"
        ".option push\n.option norelax\n"
        "c_j: c.nop\n c.j 1f\n c.ebreak\n1: c.li a0, 7\n ecall\n"
        "c_jal: c.nop\n c.jal 1f\n2: c.ebreak\n1: mv a0, ra\n ecall\n"
        "c_jalr: la a1, 1f\n c.jalr a1\n2: c.ebreak\n1: mv a0, ra\n ecall\n"
        "c_jr: la a1, 1f\n addi a1, a1, 1\n c.jr a1\n c.ebreak\n1: c.li a0, 9\n ecall\n"
        "c_beqz: c.li a0, 0\n c.beqz a0, 1f\n c.ebreak\n1: c.li a0, 10\n ecall\n"
        "c_bnez: c.li a0, 1\n c.bnez a0, 1f\n c.ebreak\n1: c.li a0, 11\n ecall\n"
        "l_jal: c.nop\n .word 0x006000ef\n c.ebreak\n mv a0, ra\n ecall\n"
        "l_jalr: auipc a1, 0\n .word 0x00a58567\n c.ebreak\n ecall\n"
        "l_beq: c.nop\n .word 0x00000363\n c.ebreak\n c.li a0, 12\n ecall\n"
        "l_auipc: c.nop\n auipc a0, 1\n ecall\n"
        "brk: c.nop\n c.ebreak\n"
        "middle: c.j .+4\nwhole: .half 0x0537\n c.li a0, 13\n ecall\n" /* lui a0, with c.li as its second half */
        ".option pop\n");
extern u8 c_j[], c_jal[], c_jalr[], c_jr[], c_beqz[], c_bnez[], l_jal[], l_jalr[], l_beq[], l_auipc[], brk[], middle[], whole[];

static void jump(const char *label, u8 *code)
{
    u32 result = attempt(code, 0, MACHINE);
    put_words(label, (u32[]){result - (result > 0x80000000 ? (u32)code : 0), trap.cause, trap.epc - (u32)code}, 3);
}

static void all_jumps(void)
{
    jump("c.j", c_j), jump("c.jal", c_jal), jump("c.jalr", c_jalr), jump("c.jr", c_jr), jump("c.beqz", c_beqz);
    jump("c.bnez", c_bnez), jump("jal", l_jal), jump("jalr", l_jalr), jump("beq", l_beq), jump("auipc", l_auipc);
    jump("ebreak", brk), jump("middle", middle), jump("whole", whole);
}

static u32 entry(const void *frame, u32 flags) { return (u32)frame >> 12 << 10 | flags; }

static void map(int page, const void *frame, u32 flags)
{
    leaves[page] = entry(frame, flags);
    SFENCE();
}

/* Runs from a few bytes before the border, in supervisor or user mode. */
static void cross(const char *label, u32 before, u32 level)
{
    FENCE_I();
    u32 result = attempt((void *)(FIRST + PAGE - before), 0, level);
    put_words(label, (u32[]){result, trap.cause, trap.epc - FIRST, trap.value, leaves[1] & (A | D)}, 5);
}

static void crossings(void)
{
    u8 *end = frames[0] + PAGE;
    root[FIRST >> 22] = entry(leaves, V);
    root[0x80000000 >> 22] = entry((void *)0x80000000, ALL);
    root[UART >> 22] = entry((void *)UART, V | R | W | A | D);
    CSR_WRITE(satp, 0x80000000 | (u32)root >> 12);
    half(end - 4, c_li(10, 3));
    word(end - 2, addi(10, 10, 0x111)); /* the second half is the first of the other frames, too */
    half(frames[1], addi(10, 10, 0x111) >> 16), word(frames[1] + 2, ECALL);
    half(frames[2], addi(10, 10, 0x222) >> 16), word(frames[2] + 2, ECALL);
    map(0, frames[0], ALL & ~W);
    map(1, 0, 0);
    for (int round = 0; round < 2; round++) {
        cross("unmapped", 4, SUPERVISOR);
        map(1, frames[1], V | R | X);
        cross("mapped", 4, SUPERVISOR);
        map(1, frames[1], V | R | A);
        cross("not executable", 4, SUPERVISOR);
        map(1, frames[1], ALL | U);
        cross("a user's", 2, SUPERVISOR);
        map(1, frames[2], ALL);
        cross("another frame", 4, SUPERVISOR);
        half(frames[2], addi(10, 10, 0x333) >> 16);
        cross("stored", 4, SUPERVISOR);
        half(frames[2], addi(10, 10, 0x222) >> 16);
        half(end - 2, addi(11, 10, 0)), cross("first half stored", 4, SUPERVISOR);
        half(end - 2, addi(10, 10, 0));
        half(frames[2], ILLEGAL_CSR >> 16), half(end - 2, ILLEGAL_CSR);
        cross("illegal", 2, SUPERVISOR);
        half(frames[2], addi(10, 10, 0x222) >> 16), half(end - 2, addi(10, 10, 0));
        map(0, frames[0], ALL | U), map(1, frames[1], ALL);
        cross("user into supervisor's", 4, USER);
        map(1, frames[1], ALL | U);
        cross("user", 4, USER);
        map(0, frames[0], ALL & ~W), map(1, 0, 0);
        /* jumps that cross, forwards and backwards; a load, whose fault is its own */
        half(end - 2, 0x00a0006f), half(frames[2], 0x00a0006f >> 16); /* j .+10 */
        half(frames[2] + 8, c_li(10, 21)), word(frames[2] + 10, ECALL);
        map(1, frames[2], ALL);
        cross("jump", 2, SUPERVISOR);
        half(end - 2, 0xff9ff06f & 0xffff), half(frames[2], 0xff9ff06f >> 16); /* j .-8 */
        half(end - 10, c_li(10, 22)), word(end - 8, ECALL);
        cross("jump back", 2, SUPERVISOR);
        half(end - 2, 0x00052503 & 0xffff), half(frames[2], 0x00052503 >> 16); /* lw a0, 0(a0) */
        word(frames[2] + 2, ECALL);
        cross("load", 2, SUPERVISOR);
        /* the last short instruction of a page needs no other page */
        half(end - 2, C_EBREAK);
        map(1, 0, 0);
        u32 result = attempt((void *)(FIRST + PAGE - 4), 0, SUPERVISOR);
        put_words("short", (u32[]){result, trap.cause, trap.epc - FIRST}, 3);
        half(end - 2, C_NOP);
        cross("behind short", 2, SUPERVISOR);
        half(end - 2, addi(10, 10, 0));
        half(frames[2], addi(10, 10, 0x222) >> 16), word(frames[2] + 2, ECALL);
    }
    CSR_WRITE(satp, 0);
}

/* A loop whose hot instruction crosses, with the frame behind it changing under it. */
static void alternating(void)
{
    u32 sum = 0;
    u8 *end = frames[0] + PAGE;
    CSR_WRITE(satp, 0x80000000 | (u32)root >> 12);
    half(end - 4, C_NOP);
    half(end - 2, addi(10, 10, 0));
    map(0, frames[0], ALL);
    for (u32 k = 0; k < 200; k++) {
        map(1, frames[1 + (k & 1)], ALL);
        if (k % 7 == 0)
            half(frames[1], addi(10, 10, k) >> 16);
        FENCE_I();
        sum = sum * 5 + attempt((void *)(FIRST + PAGE - 4), k, SUPERVISOR);
    }
    note("alternating", sum);
    CSR_WRITE(satp, 0);
}

int main(void)
{
    registers();
    all_jumps();
    crossings();
    alternating();
    illegal_ones();
    return 0;
}
