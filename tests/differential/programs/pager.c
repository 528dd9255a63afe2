/* Demand paging with three frames: a user program spread over 32 pages of code and data runs while its pages are
   copied in, evicted and copied out. Frames change between code and data all the time, and the program also writes code
   of its own. The sum that it computes is checked against the same computation done in plain C. */
#include "guest.h"

enum { PAGES = 32, CODE = 16, FRAMES = 3, BASE = 0x00400000, STEPS = 6000, PAGE = 4096,
       V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };

struct context { u32 x[32], pc; };
extern void resume_user(struct context *context);

static u32 root[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));
static u8 frames[FRAMES][PAGE] __attribute__((aligned(4096)));
static u8 backing[PAGES][PAGE] __attribute__((aligned(4096)));
static int holds[FRAMES] = {-1, -1, -1};
static u32 lfsr = 0xACE1u, faults, written_back;
static struct context user;

/* Runs the user until it traps, with all its registers; a0 is the last to be loaded and the first to be saved. */
__asm__(".text\n.balign 4\n"
        ".macro callee_saved instruction\n"
        " \\instruction ra, 0(sp)\n \\instruction gp, 4(sp)\n \\instruction tp, 8(sp)\n"
        " .irp n,0,1,2,3,4,5,6,7,8,9,10,11\n \\instruction s\\n, 12+4*\\n(sp)\n .endr\n.endm\n"
        ".macro all_but_a0 instruction\n"
        " .irp n,1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
        " \\instruction x\\n, 4*\\n(a0)\n .endr\n.endm\n"
        "resume_user:\n addi sp, sp, -64\n callee_saved sw\n la t0, user_trapped\n csrw mtvec, t0\n"
        " la t0, kernel_sp\n sw sp, 0(t0)\n li t0, 3 << 11\n csrc mstatus, t0\n csrw mscratch, a0\n"
        " lw t0, 128(a0)\n csrw mepc, t0\n all_but_a0 lw\n lw a0, 40(a0)\n mret\n"
        ".balign 4\nuser_trapped:\n csrrw a0, mscratch, a0\n all_but_a0 sw\n csrr t0, mscratch\n sw t0, 40(a0)\n"
        " csrr t0, mepc\n sw t0, 128(a0)\n la t0, kernel_sp\n lw sp, 0(t0)\n callee_saved lw\n"
        " addi sp, sp, 64\n ret\n"
        ".bss\nkernel_sp: .word 0\n.text\n");

static u32 dice(void)
{
    lfsr = lfsr >> 1 ^ (-(lfsr & 1) & 0xd0000001u);
    return lfsr;
}

static void copy(void *to, const void *from)
{
    u32 *t = to;
    const u32 *f = from;
    for (int k = 0; k < PAGE / 4; k++)
        t[k] = f[k];
}

static void page_in(int page)
{
    int frame = dice() % FRAMES;
    int old = holds[frame];
    if (old >= 0) {
        u32 pte = table[old];
        table[old] = 0;
        SFENCE();
        if (pte & D) {
            copy(backing[old], frames[frame]);
            written_back++;
        }
    }
    copy(frames[frame], backing[page]);
    holds[frame] = page;
    table[page] = (u32)frames[frame] >> 12 << 10 | V | R | W | U | (page < CODE ? X : 0);
    FENCE_I();
}

/* Code page k: s0 += k-th constant; s1 counts down; data page (s0 >> 7) % 16 is read and written; code page
   (s0 >> 3) % 16 is next, entered at a place that depends on s0. Every eighth step changes the page's constant. */
extern u32 stencil[], stencil_end[];
__asm__(".text\n.balign 4\nstencil:\n"
        " .rept 8\n addi s2, s2, 3\n .endr\n"        /* 0..7: entered anywhere */
        " addi s0, s0, 0x111\n"                       /* 8: the constant, patched */
        " slli t0, s0, 13\n xor s0, s0, t0\n srli t0, s0, 17\n xor s0, s0, t0\n slli t0, s0, 5\n xor s0, s0, t0\n"
        " srli t0, s0, 7\n andi t0, t0, 15\n slli t0, t0, 12\n li t1, 0x00410000\n add t1, t1, t0\n"
        " andi t0, s0, 0x7fc\n add t1, t1, t0\n lw t2, 0(t1)\n add s0, s0, t2\n sw s0, 0(t1)\n sh s2, 1022(t1)\n"
        " addi s1, s1, -1\n beqz s1, 9f\n"
        " andi t0, s1, 7\n bnez t0, 1f\n"
        " lw t0, 0(s3)\n li t2, 0x00100000\n add t0, t0, t2\n sw t0, 0(s3)\n fence.i\n"  /* another page's constant */
        "1: srli t0, s0, 3\n andi t0, t0, 15\n slli t0, t0, 12\n li s3, 0x00400000\n add s3, s3, t0\n"
        " addi s3, s3, 32\n"                          /* the next page's constant instruction */
        " andi t0, s0, 28\n sub t0, s3, t0\n jr t0\n"
        "9: mv a0, s0\n mv a1, s2\n ecall\n"
        "stencil_end:\n");

static void model(u32 *sum, u32 *count)
{
    static u32 data[16 * 1024];
    static u32 constants[16];
    u32 s0 = 1, s1 = STEPS, s2 = 0, entry = 0, page = 0, next = 0;
    for (int k = 0; k < 16; k++)
        constants[k] = 0x111 + k;
    for (;;) {
        s2 += 3 * entry;
        s0 += (u32)((int)(constants[page] << 20) >> 20);
        s0 ^= s0 << 13;
        s0 ^= s0 >> 17;
        s0 ^= s0 << 5;
        u32 at = (s0 >> 7 & 15) * 1024 + (s0 & 0x7fc) / 4;
        s0 += data[at];
        data[at] = s0;
        ((unsigned short *)data)[2 * at + 511] = s2;
        if (--s1 == 0)
            break;
        if ((s1 & 7) == 0)
            constants[next] = (constants[next] + 1) & 0xfff;
        next = s0 >> 3 & 15;
        page = next;
        entry = (s0 & 28) / 4;
    }
    *sum = s0;
    *count = s2;
}

int main(void)
{
    for (u32 k = 0; k < CODE; k++) {
        u32 *to = (u32 *)backing[k];
        for (u32 n = 0; stencil + n < stencil_end; n++)
            to[n] = stencil[n];
        to[8] += k << 20;
    }
    root[BASE >> 22] = (u32)table >> 12 << 10 | V;
    CSR_WRITE(satp, 0x80000000 | (u32)root >> 12);
    SFENCE();
    user.pc = BASE + 32;
    user.x[8] = 1;
    user.x[9] = STEPS;
    user.x[19] = BASE + 32;
    for (;;) {
        resume_user(&user);
        u32 cause = CSR_READ(mcause), va = CSR_READ(mtval);
        if (cause == 8)
            break;
        if ((cause != 12 && cause != 13 && cause != 15) || va - BASE >= PAGES * PAGE || table[(va - BASE) / PAGE]) {
            note("cause", cause);
            note("value", va);
            note("pc", user.pc);
            return 1;
        }
        faults++;
        page_in((va - BASE) / PAGE);
    }
    u32 sum, count;
    model(&sum, &count);
    note("faults", faults);
    note("written back", written_back);
    note("sum", user.x[10]);
    note("count", user.x[11]);
    return user.x[10] != sum || user.x[11] != count ? 2 : 0;
}
