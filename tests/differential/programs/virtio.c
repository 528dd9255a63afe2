/* A driver of the virtio block device, for both interfaces: what the registers say, every kind of request, every way to
   divide one into buffers, interrupts, and what follows a broken ring. The disk needs 64 sectors at least. */
#include "guest.h"

enum {
    SLOT = 0x10001000, SLOT_SIZE = 0x1000, SLOTS = 8,
    MAGIC = 0x00, VERSION = 0x04, DEVICE_ID = 0x08, VENDOR = 0x0c, FEATURES = 0x10, FEATURES_SEL = 0x14,
    ACCEPT = 0x20, ACCEPT_SEL = 0x24, PAGE = 0x28, QUEUE_SEL = 0x30, QUEUE_MAX = 0x34, QUEUE_NUM = 0x38, ALIGN = 0x3c,
    PFN = 0x40, READY = 0x44, NOTIFY = 0x50, PENDING = 0x60, ACK = 0x64, STATUS = 0x70, DESC = 0x80, AVAIL = 0x90,
    USED = 0xa0, GENERATION = 0xfc, CONFIG = 0x100,
    SIZE = 8, NEXT = 1, WRITES = 2, INDIRECT = 4, NO_INTERRUPT = 1,
    IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11,
    OFFERED = 1 << 2 | 1 << 6 | 1 << 9 | 1 << 28, /* seg_max, blk_size, flush, indirect */
    CHOSEN = 1 << 6 | 1 << 9 | 1 << 28,
    ACKNOWLEDGED = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8,
    EXTERNAL = 1 << 11,
    SOON = 1000000, /* ticks: 0.1 s */
};

typedef unsigned short u16;
struct descriptor { u32 address, high, length; u16 flags, next; };
struct { u16 flags, index, ring[SIZE], event; } *available;
struct { u16 flags, index; struct { u32 head, length; } ring[SIZE]; } *used;
static struct descriptor *table;
static u8 area[3 * 4096] __attribute__((aligned(4096)));
static struct { u32 type, reserved, low, high; } header;
static u8 data[8192] __attribute__((aligned(16)));
static struct descriptor indirect[SIZE] __attribute__((aligned(16)));
static volatile u8 status;
static u32 slot, modern;
static u16 given;

#define REG(offset)  WORD(slot + (offset))
#define HALF(address) (*(volatile u16 *)(address))

static void chosen(u32 offset, void *address)
{
    REG(offset) = (u32)address;
    REG(offset + 4) = 0;
}

static void set_up(u32 features)
{
    given = 0;
    for (u32 k = 0; k < sizeof area; k++)
        area[k] = 0;
    table = (void *)area;
    available = (void *)(area + sizeof(struct descriptor) * SIZE);
    used = (void *)(area + 4096);
    if (!modern)
        REG(PAGE) = 4096; /* before the reset, as Linux does it */
    REG(STATUS) = 0;
    REG(STATUS) = ACKNOWLEDGED;
    REG(STATUS) = ACKNOWLEDGED | DRIVER;
    REG(ACCEPT_SEL) = 0;
    REG(ACCEPT) = features;
    if (modern) {
        REG(ACCEPT_SEL) = 1;
        REG(ACCEPT) = 1;
        REG(STATUS) = ACKNOWLEDGED | DRIVER | FEATURES_OK;
    }
    note("status", REG(STATUS));
    REG(QUEUE_SEL) = 0;
    REG(QUEUE_NUM) = SIZE;
    if (modern) {
        used = (void *)(area + 8192);
        chosen(DESC, table);
        chosen(AVAIL, available);
        chosen(USED, used);
        note("ready", REG(READY));
        REG(READY) = 1;
        note("ready", REG(READY));
    } else {
        note("frame", REG(PFN));
        REG(ALIGN) = 0; /* changes nothing: the used ring stays on the next page */
        REG(PFN) = (u32)area / 4096;
        note("frame same", REG(PFN) == (u32)area / 4096);
    }
    REG(STATUS) = REG(STATUS) | DRIVER_OK;
    note("status", REG(STATUS));
}

static void describe(struct descriptor *at, volatile void *address, u32 length, u32 flags, u32 next)
{
    at->address = (u32)address;
    at->high = 0;
    at->length = length;
    at->flags = flags;
    at->next = next;
}

static void offer(u32 head)
{
    available->ring[given % SIZE] = head;
    __sync_synchronize();
    *(volatile u16 *)&available->index = ++given;
    __sync_synchronize();
}

/* -> whether all is done by and by: QEMU works on requests behind the driver's back. */
static u32 served_within(u32 ticks)
{
    u32 begin = WORD(MTIME);
    do
        for (u32 k = 0; k < 10000; k++)
            if (*(volatile u16 *)&used->index == given)
                return 1;
    while (WORD(MTIME) - begin < ticks);
    return 0;
}

static u32 served(void)
{
    return served_within(100 * SOON);
}

static void wait(const char *label, u32 length_matters)
{
    u32 words[] = {served(), 0, 0, status};
    words[1] = used->ring[(u16)(used->index - 1) % SIZE].head;
    words[2] = length_matters ? used->ring[(u16)(used->index - 1) % SIZE].length : 0;
    put_words(label, words, ARRAY_SIZE(words));
    while (words[0] && !REG(PENDING)) /* the interrupt comes after the index */
        ;
    REG(ACK) = REG(PENDING);
}

/* The usual three buffers. */
static u32 ask(u32 head, u32 type, u32 sector, u32 length, u32 writes)
{
    header.type = type;
    header.low = sector;
    header.high = 0;
    status = 0xee;
    describe(&table[head], &header, sizeof header, NEXT, (head + 1) % SIZE);
    describe(&table[(head + 1) % SIZE], data, length, NEXT | writes, (head + 2) % SIZE);
    describe(&table[(head + 2) % SIZE], &status, 1, WRITES, 0);
    return head;
}

static void request(const char *label, u32 type, u32 sector, u32 length, u32 writes, u32 length_matters)
{
    offer(ask(given % SIZE, type, sector, length, writes));
    REG(NOTIFY) = 0;
    wait(label, length_matters);
}

static void fill(u32 seed)
{
    for (u32 k = 0; k < sizeof data; k++)
        data[k] = seed = seed * 1103515245 + 12345;
}

static void sum(const char *label, u32 length)
{
    u32 total = 0;
    for (u32 k = 0; k < length; k++)
        total = (total << 5 | total >> 27) ^ data[k];
    note(label, total);
}

static void registers(void)
{
    for (u32 k = 0; k < SLOTS; k++) {
        u32 at = SLOT + k * SLOT_SIZE;
        u32 words[] = {WORD(at), WORD(at + VERSION), WORD(at + DEVICE_ID), WORD(at + VENDOR), WORD(at + STATUS)};
        put_words("slot", words, ARRAY_SIZE(words));
    }
    REG(STATUS) = 0;
    REG(FEATURES_SEL) = 0;
    note("features", REG(FEATURES) & OFFERED);
    REG(FEATURES_SEL) = 1;
    note("features", REG(FEATURES) & 1);
    for (u32 queue = 0; queue < 3; queue++) {
        REG(QUEUE_SEL) = queue;
        note("queue most", REG(QUEUE_MAX));
    }
    static const u8 plain[] = {QUEUE_NUM, NOTIFY, PENDING, ACK, STATUS, ACCEPT, DESC, AVAIL, USED, GENERATION, 0x54};
    for (u32 k = 0; k < ARRAY_SIZE(plain); k++)
        note("reads", REG(plain[k]));
    note("half", HALF(slot + MAGIC));
    note("byte", BYTE(slot + DEVICE_ID));
    REG(MAGIC) = REG(DEVICE_ID) = 7;
    BYTE(slot + STATUS) = 1; /* not the size of a register */
    u32 words[] = {REG(MAGIC), REG(DEVICE_ID), REG(STATUS)};
    put_words("read only", words, ARRAY_SIZE(words));
    u32 config[] = {REG(CONFIG), REG(CONFIG + 4), REG(CONFIG + 12), REG(CONFIG + 20), HALF(slot + CONFIG),
                    BYTE(slot + CONFIG + 1)};
    put_words("config", config, ARRAY_SIZE(config));
}

static void requests(void)
{
    request("read", IN, 0, 512, WRITES, 1);
    sum("sum", 512);
    request("read 8k", IN, 3, 8192, WRITES, 1);
    sum("sum", 8192);
    fill(1);
    request("write", OUT, 5, 1024, 0, 1);
    fill(2);
    request("flush", FLUSH, 0, 0 + 512, 0, 0);
    request("read back", IN, 4, 2048, WRITES, 1);
    sum("sum", 2048);
    fill(3);
    request("id", GET_ID, 0, 20, WRITES, 0);
    put((char *)data);
    put("\n");
    u32 sectors = REG(CONFIG);
    request("last", IN, sectors - 1, 512, WRITES, 1);
    request("behind the end", IN, sectors, 512, WRITES, 0);
    request("across the end", OUT, sectors - 1, 1024, 0, 0);
    request("half a sector", IN, 0, 256, WRITES, 0);
    request("half a sector", OUT, 0, 600, 0, 0);
    header.high = 0;
    request("unknown", 99, 0, 512, WRITES, 0);
    offer(ask(2, IN, 1, 512, WRITES));
    header.high = 0x80000000;
    REG(NOTIFY) = 0;
    wait("far", 0);
}

/* One request in pieces of all sizes, directly and through an indirect table. */
static void pieces(void)
{
    for (u32 through = 0; through < 2; through++) {
        struct descriptor *at = through ? indirect : table;
        header.type = OUT;
        header.low = 20;
        header.high = 0;
        status = 0xee;
        fill(4 + through);
        describe(&at[0], &header, 3, NEXT, 1);
        describe(&at[1], (u8 *)&header + 3, 13, NEXT, 2);
        describe(&at[2], data, 1, NEXT, 3);
        describe(&at[3], data + 1, 700, NEXT, 4);
        describe(&at[4], data + 701, 1347, NEXT, 5);
        describe(&at[5], &status, 1, WRITES, 0);
        if (through)
            describe(&table[6], indirect, 6 * sizeof *indirect, INDIRECT, 0);
        offer(through ? 6 : 0);
        REG(NOTIFY) = 0;
        wait("write pieces", 1);
        fill(9);
        header.type = IN;
        status = 0xee;
        describe(&at[1], (u8 *)&header + 3, 13, NEXT, 5);
        describe(&at[5], data, 5, NEXT | WRITES, 3);
        describe(&at[3], data + 5, 1530, NEXT | WRITES, 4);
        describe(&at[4], &status, 1, WRITES, 0);
        describe(&at[4], data + 1535, 1, NEXT | WRITES, 2);
        describe(&at[2], &status, 1, WRITES, 0);
        offer(through ? 6 : 0);
        REG(NOTIFY) = 0;
        wait("read pieces", 1);
        sum("sum", 2048);
    }
}

/* Data and status of a read in one buffer: the last byte is the status. */
static void one_buffer(void)
{
    header.type = IN;
    header.low = 20;
    describe(&table[0], &header, sizeof header, NEXT, 1);
    describe(&table[1], data, 513, WRITES, 0);
    data[512] = 0xee;
    offer(0);
    REG(NOTIFY) = 0;
    wait("one buffer", 1);
    note("its status", data[512]);
}

static void interrupts(void)
{
    u32 irq = 1 + (slot - SLOT) / SLOT_SIZE;
    WORD(PLIC + 4 * irq) = 1;
    WORD(PLIC + 0x2000) = 1 << irq;
    WORD(PLIC + 0x200000) = 0;
    WORD(PLIC + 0x200004) = WORD(PLIC + 0x200004); /* what was raised by former requests */
    CSR_WRITE(mie, EXTERNAL);
    offer(ask(0, IN, 0, 512, WRITES));
    REG(NOTIFY) = 0;
    while (!(CSR_READ(mip) & EXTERNAL))
        __asm__ volatile("wfi");
    note("pending", REG(PENDING));
    u32 claimed = WORD(PLIC + 0x200004);
    note("claimed minus irq", claimed - irq);
    REG(ACK) = 1;
    note("pending", REG(PENDING));
    WORD(PLIC + 0x200004) = claimed;
    note("mip", CSR_READ(mip) & EXTERNAL);
    note("interrupting", served());
    available->flags = NO_INTERRUPT;
    offer(ask(3, IN, 0, 512, WRITES));
    REG(NOTIFY) = 0;
    served();
    note("silent", REG(PENDING));
    available->flags = 0;
    offer(ask(0, IN, 0, 512, WRITES));
    offer(ask(3, IN, 1, 512, WRITES));
    REG(NOTIFY) = 5; /* no such queue */
    note("not notified", used->index == given);
    REG(NOTIFY) = 0;
    note("both", served()); /* QEMU may do the second first */
    REG(ACK) = REG(PENDING);
    CSR_WRITE(mie, 0);
}

static void broken_by(const char *label, u32 head)
{
    put(label);
    status = 0xee;
    offer(head);
    REG(NOTIFY) = 0;
    note(" served", served_within(SOON));
    note("needs reset", REG(STATUS) & 64);
    note("changed", REG(PENDING) & 2);
    given = used->index;
    *(volatile u16 *)&available->index = given;
    offer(ask(0, IN, 0, 512, WRITES));
    REG(NOTIFY) = 0;
    note("serves on", served_within(SOON / 10));
    set_up(CHOSEN);
    request("after reset", IN, 0, 512, WRITES, 1);
}

static void broken(void)
{
    ask(0, IN, 0, 512, WRITES);
    table[1].next = 1;
    broken_by("loop", 0);
    ask(0, IN, 0, 512, WRITES);
    broken_by("no such descriptor", 77);
    ask(0, IN, 0, 512, WRITES);
    table[1].next = SIZE;
    broken_by("link out of the table", 0);
    ask(0, IN, 0, 512, WRITES);
    table[1].flags = NEXT;
    table[0].flags = NEXT | WRITES;
    broken_by("read behind write", 0);
    ask(0, IN, 0, 512, WRITES);
    table[2].flags = 0;
    table[1].flags = NEXT;
    broken_by("nothing to write", 0);
    ask(0, IN, 0, 512, WRITES);
    table[0].length = 15;
    table[1].length = 0x1000;
    broken_by("short header", 0);
    describe(&table[0], indirect, 2 * sizeof *indirect + 1, INDIRECT, 0);
    broken_by("odd table", 0);
    describe(&table[0], indirect, 2 * sizeof *indirect, INDIRECT, 0);
    describe(&indirect[0], indirect, 2 * sizeof *indirect, INDIRECT, 0);
    broken_by("table in a table", 0);
    given += SIZE;
    broken_by("too many", 0);
}

int main(void)
{
    slot = SLOT;
    modern = WORD(slot + VERSION) == 2;
    registers();
    set_up(CHOSEN);
    requests();
    for (u32 k = 0; k < 3 * SIZE; k++)
        request("again", IN, k, 512, WRITES, 1);
    set_up(CHOSEN);
    pieces();
    one_buffer();
    interrupts();
    broken();
    set_up(0); /* a driver that cannot flush */
    fill(8);
    request("write through", OUT, 40, 2048, 0, 1);
    return 0;
}
