/* (6) freshly loaded code: pages of code are copied in, called, patched in place and called again, as loaders, exec and
   compilers at run time do; fence.i after every change. */
#include "bench.h"
#define PAGES 64
#define WORDS 1024
static u32 arena[PAGES][WORDS] __attribute__((aligned(4096)));
typedef u32 (*fn)(u32);
static u32 addi(u32 rd, u32 rs, u32 imm) { return (imm & 0xfff) << 20 | rs << 15 | rd << 7 | 0x13; }
static u32 xori(u32 rd, u32 rs, u32 imm) { return addi(rd, rs, imm) | 4 << 12; }
static u32 slli(u32 rd, u32 rs, u32 by) { return addi(rd, rs, by) | 1 << 12; }
static u32 add(u32 rd, u32 a, u32 b) { return b << 20 | a << 15 | rd << 7 | 0x33; }
#define RET 0x00008067u
static void fence_i(void) { __asm__ volatile("fence.i" ::: "memory"); }
/* a function of some 60 instructions, different for every seed */
static NOINLINE void generate(u32 *to, u32 seed) {
  for (u32 k = 0; k < 15; k++) {
    seed = seed * 1664525u + 1013904223u;
    *to++ = addi(10, 10, seed >> 20); *to++ = slli(11, 10, 1 + (seed >> 28)); *to++ = add(10, 10, 11); *to++ = xori(10, 10, seed >> 9);
  }
  *to = RET;
}
u32 bench_run(u32 reps) {
  u32 sum = 1;
  for (u32 r = 0; r < reps; r++) {
    u32 *page = arena[r % PAGES];
    for (u32 k = 0; k < WORDS; k += 64) generate(page + k, r * 77 + k); /* a page of new code, as exec brings in */
    fence_i();
    for (u32 n = 0; n < 20; n++)
      for (u32 k = 0; k < WORDS; k += 64) sum = ((fn)(page + k))(sum + n);
    for (u32 n = 0; n < 40; n++) { /* a patch of one instruction, and a call */
      page[(n & 15) * 64] = addi(10, 10, n + r); fence_i();
      sum += ((fn)(page + (n & 15) * 64))(sum);
    }
  }
  return sum;
}
