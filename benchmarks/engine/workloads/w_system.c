/* (5) an operating system's life: a bare S-mode kernel with Sv32 address spaces, timer interrupts and system calls from
   U-mode. Each process maps, remaps and clears pages, and yields; the kernel switches address spaces and fences. What is
   printed does not depend on when the timer interrupts. */
#include "bench.h"
#define PROCESSES 8
#define HEAP_PAGES 24
#define USER_TEXT 0x10000u
#define USER_HEAP 0x400000u
#define TICKS 10000u /* of 100 ns between two timer interrupts */
#define PAGE 4096u
enum { V = 1, R = 2, WR = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
enum { USER_CALL = 8, TIMER = 0x80000005u };
struct process { u32 frame[32]; u32 root, *leaves, done, result; };
static struct process procs[PROCESSES];
static u32 tables[PROCESSES][3][1024] __attribute__((aligned(4096)));
static u8 pages[PROCESSES * (HEAP_PAGES + 1)][PAGE] __attribute__((aligned(4096)));
static u32 free_page, spare[PROCESSES], current, ticks;
extern const u8 user_start[], user_end[];
void run(u32 *frame);
void leave(void);
static u32 pte(const void *p, u32 flags) { return ((u32)p >> 12) << 10 | flags | V; }
static void clear(u32 *p) { for (u32 i = 0; i < PAGE / 4; i += 4) p[i] = p[i + 1] = p[i + 2] = p[i + 3] = 0; }
static void fence(u32 va) { __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory"); }
static void timer(void) {
  u32 low, high, again;
  do __asm__ volatile("rdtimeh %0\n rdtime %1\n rdtimeh %2" : "=r"(high), "=r"(low), "=r"(again)); while (high != again);
  u32 next = low + TICKS;
  __asm__ volatile("csrw 0x15d, %0\n csrw 0x14d, %1" ::"r"(high + (next < low)), "r"(next));
}
static void enter(u32 number) {
  current = number;
  __asm__ volatile("csrw satp, %0\n sfence.vma" ::"r"(1u << 31 | procs[number].root >> 12) : "memory");
}
static u32 *next_process(void) {
  for (u32 k = 1; k <= PROCESSES; k++) {
    u32 n = (current + k) % PROCESSES;
    if (!procs[n].done) { if (n != current) enter(n); return procs[n].frame; }
  }
  leave();
  return 0;
}
u32 *trapped(u32 *frame, u32 cause, u32 value) {
  struct process *p = &procs[current];
  u32 *leaf = &p->leaves[frame[10] % HEAP_PAGES], va = USER_HEAP + PAGE * (frame[10] % HEAP_PAGES);
  if (cause == TIMER) { ticks++; timer(); return next_process(); }
  if (cause != USER_CALL) { plat_putc('!'); plat_exit(1); }
  frame[0] += 4;
  switch (frame[17]) {
  case 1: { u32 old = *leaf; *leaf = 0; fence(va); *leaf = old; fence(va); frame[10] = va; break; }
  case 2: frame[10] = current; break;
  case 3: { u32 old = *leaf; clear((u32 *)(spare[current] << 12)); *leaf = pte((void *)(spare[current] << 12), R | WR | U | A | D);
            spare[current] = old >> 10; fence(va); frame[10] = 0; break; }
  case 4: return next_process();
  case 5: p->done = 1; p->result = frame[10]; return next_process();
  }
  (void)value;
  return frame;
}
u32 bench_run(u32 reps) {
  u32 sum = 0;
  for (u32 n = 0; n < PROCESSES; n++) {
    struct process *p = &procs[n];
    u32 *root = tables[n][0], *low = tables[n][1], *heap = tables[n][2];
    p->root = (u32)root; p->leaves = heap;
    root[0] = pte(low, 0); root[USER_HEAP >> 22] = pte(heap, 0);
    for (u32 k = 0x80000000u >> 22; k < 0x84000000u >> 22; k++) root[k] = pte((void *)(k << 22), R | WR | X | G | A | D);
    root[0x10000000u >> 22] = pte((void *)0x10000000u, R | WR | G | A | D);
    low[0x100] = pte((void *)0x100000u, R | WR | G | A | D);
    low[USER_TEXT >> 12] = pte(user_start, R | X | U | A);
    for (u32 k = 0; k < HEAP_PAGES; k++) heap[k] = pte(pages[free_page++], R | WR | U | A | D);
    spare[n] = (u32)pages[free_page++] >> 12;
    p->frame[0] = USER_TEXT + ((u32)user_start & (PAGE - 1)); p->frame[10] = n; p->frame[11] = reps;
  }
  __asm__ volatile("csrs sie, %0" ::"r"(1u << 5));
  timer();
  enter(0);
  run(procs[0].frame);
  for (u32 n = 0; n < PROCESSES; n++) sum = sum * 31 + procs[n].result;
  return ticks ? sum : 0;
}
