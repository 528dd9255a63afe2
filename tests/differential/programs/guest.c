#include "guest.h"

void put(const char *text)
{
    while (*text)
        BYTE(UART) = *text++;
}

void put_hex(u32 value, int digits)
{
    while (digits-- > 0)
        BYTE(UART) = "0123456789abcdef"[value >> (4 * digits) & 15];
}

void put_words(const char *label, const u32 *words, int count)
{
    put(label);
    for (int k = 0; k < count; k++) {
        put(" ");
        put_hex(words[k], 8);
    }
    put("\n");
}

void note(const char *label, u32 value)
{
    put_words(label, &value, 1);
}

void note_trap(const char *label, const void *base)
{
    u32 words[] = {trap.cause, trap.epc - (u32)base, trap.value, trap.status};
    put_words(label, words, ARRAY_SIZE(words));
}
