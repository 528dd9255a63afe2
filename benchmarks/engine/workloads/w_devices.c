/* (7) console and disk: a bare S-mode kernel that keeps a virtio disk (legacy interface, slot 0) and the UART busy. Each
   round asks for BATCH requests of 512 bytes to 64 KiB, sleeps until the interrupt has told of all of them, looks at
   what was read, and prints a line: by turns with interrupts of the empty transmitter, and polling. */
#include "bench.h"
#define REG(address) (*(volatile u32 *)(address))
#define BYTE(address) (*(volatile u8 *)(address))
enum {
  PLIC = 0x0c000000, CLAIM = PLIC + 0x201004, UART = 0x10000000, THR = UART, IER = UART + 1, IIR = UART + 2,
  LSR = UART + 5, DISK = 0x10001000, DISK_IRQ = 1, UART_IRQ = 10, EXTERNAL = 0x80000009, SEIE = 1 << 9, SIE = 2,
  THR_EMPTY = 2, FIFO = 16, PAGE = 4096, REGION = 65536, REGIONS = 64, BATCH = 4, QUEUE = 16, NEXT = 1, WRITES = 2,
  IN = 0, OUT = 1, FLUSH = 4, STEP = 8, F_FLUSH = 1 << 9, LINE = 14,
};
typedef unsigned short u16;
struct descriptor { u32 address, high, length; u16 flags, next; };
static struct {
  struct descriptor table[QUEUE];
  struct { u16 flags, index, ring[QUEUE]; } available;
  u8 gap[PAGE - QUEUE * 16 - 4 - QUEUE * 2];
  volatile struct { u16 flags, index; struct { u32 head, length; } ring[QUEUE]; } used;
} queue __attribute__((aligned(4096)));
static struct { u32 type, reserved, sector, high; } headers[BATCH + 1];
static volatile u8 status[BATCH + 1];
static u32 buffers[BATCH][REGION / 4], generation[REGIONS], words[REGIONS], state = 1;
static char line[LINE];
static volatile u32 sent = LINE;
static u32 bad;
static u32 random(void) { return state = state * 1664525 + 1013904223, state >> 8; }
static u32 content(u32 region, u32 k) { return (region << 20 ^ generation[region]) * 2654435761u + k; }
static void disable(void) { __asm__ volatile("csrc sstatus, %0" ::"r"(SIE) : "memory"); }
static void enable(void) { __asm__ volatile("csrs sstatus, %0" ::"r"(SIE) : "memory"); }
static void sleep(void) { __asm__ volatile("wfi\n csrs sstatus, %0\n csrc sstatus, %0" ::"r"(SIE) : "memory"); }
void trapped(u32 cause) {
  if (cause != EXTERNAL) { plat_putc('!'); plat_exit(1); }
  u32 irq = REG(CLAIM);
  if (irq == DISK_IRQ) REG(DISK + 0x64) = REG(DISK + 0x60);
  else if (irq == UART_IRQ && (BYTE(IIR) & 15) == THR_EMPTY) {
    u32 end = sent + FIFO < LINE ? sent + FIFO : LINE;
    for (; sent < end; sent++) BYTE(THR) = line[sent];
    if (sent == LINE) BYTE(IER) = 0;
  }
  if (irq) REG(CLAIM) = irq;
}
static void describe(u32 n, volatile void *address, u32 length, u32 flags) {
  struct descriptor *d = &queue.table[n];
  d->address = (u32)address; d->length = length; d->flags = flags; d->next = n + 1;
}
static void offer(u32 n, u32 type, u32 region, u32 size) {
  headers[n].type = type; headers[n].sector = region * (REGION / 512); status[n] = 255;
  describe(3 * n, &headers[n], 16, NEXT);
  if (size) describe(3 * n + 1, buffers[n], size, type == IN ? NEXT | WRITES : NEXT);
  else queue.table[3 * n].next = 3 * n + 2;
  describe(3 * n + 2, &status[n], 1, WRITES);
  queue.available.ring[queue.available.index % QUEUE] = 3 * n;
  __asm__ volatile("fence" ::: "memory");
  queue.available.index++;
}
static void serve(void) {
  __asm__ volatile("fence" ::: "memory");
  REG(DISK + 0x50) = 0;
  disable();
  while (queue.used.index != queue.available.index) sleep();
  enable();
}
static void set_up(void) {
  REG(PLIC + 4 * DISK_IRQ) = REG(PLIC + 4 * UART_IRQ) = 1;
  REG(PLIC + 0x2080) = 1 << DISK_IRQ | 1 << UART_IRQ;
  REG(PLIC + 0x201000) = 0;
  BYTE(IIR) = 1; /* FIFOs */
  REG(DISK + 0x70) = 0; REG(DISK + 0x70) = 3; REG(DISK + 0x20) = REG(DISK + 0x10) & F_FLUSH;
  REG(DISK + 0x28) = PAGE; REG(DISK + 0x30) = 0; REG(DISK + 0x38) = QUEUE; REG(DISK + 0x3c) = PAGE;
  REG(DISK + 0x40) = (u32)&queue / PAGE; REG(DISK + 0x70) = 7;
  __asm__ volatile("csrs sie, %0" ::"r"(SEIE));
  enable();
}
static void round(u32 number) {
  u32 first = random() % REGIONS, reads = random() % (1 << BATCH);
  for (u32 n = 0; n < BATCH; n++) {
    u32 region = (first + n) % REGIONS;
    if (!words[region] || !(reads >> n & 1)) {
      reads &= ~(1 << n);
      generation[region]++; words[region] = 128u << random() % 8;
      for (u32 k = 0; k < words[region]; k += STEP) buffers[n][k] = content(region, k);
    } else for (u32 k = 0; k < words[region]; k += STEP) buffers[n][k] = 0;
    offer(n, reads >> n & 1 ? IN : OUT, region, words[region] * 4);
  }
  if (number % 64 == 0) { serve(); offer(BATCH, FLUSH, 0, 0); }
  serve();
  for (u32 n = 0; n < BATCH; n++) {
    u32 region = (first + n) % REGIONS;
    bad += status[n];
    if (reads >> n & 1) for (u32 k = 0; k < words[region]; k += STEP) bad += buffers[n][k] != content(region, k);
  }
  for (u32 k = 0; k < 5; k++) line[k] = "line "[k];
  for (u32 k = 0; k < 8; k++) line[5 + k] = "0123456789abcdef"[number >> (28 - 4 * k) & 15];
  line[13] = '\n';
  if (number & 1) for (u32 k = 0; k < LINE; k++) { while (!(BYTE(LSR) & 0x20)); BYTE(THR) = line[k]; }
  else {
    disable(); sent = 0; BYTE(IER) = 2;
    while (sent < LINE) sleep();
    enable();
  }
}
u32 bench_run(u32 reps) {
  u32 sum = 0;
  set_up();
  for (u32 n = 0; n < reps; n++) round(n);
  for (u32 n = 0; n < REGIONS; n++) sum = sum * 31 + generation[n] + words[n];
  return bad ? 0xbad00000 + bad : sum;
}
