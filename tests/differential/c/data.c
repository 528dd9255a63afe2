/* Every kind of object and section: initialised, zero, read-only, common, static, weak, aligned, strings, bit fields. */
#include <stddef.h>

int zero;
int initialised = 42;
static int hidden = -7;
static char buffer[300];
const char text[] = "tabs\tquotes\"backslash\\newline\n\001\177\377 end";
const char *const names[] = {"one", "two", "three", text + 3, &text[5]};
const double real = 3.25;
const float single = -0.5f;
unsigned long long wide = 0x0123456789abcdefULL;
short halves[5] = {1, -2, 3, -4, 5};
unsigned char bytes[] = {0, 127, 128, 255};
__attribute__((weak)) int optional = 5;
__attribute__((weak)) int replaceable(void) { return 1; }
__attribute__((aligned(64))) int aligned = 1;
__attribute__((section(".text.hot"))) int hot(int x) { return x + 1; }

struct point { char tag; short x; int y; unsigned a : 3, b : 7; long long z; };
struct point origin = {'p', -1, 100000, 5, 99, -1};
struct point *where = &origin;
int *inside = &origin.y;
size_t offsets[] = {offsetof(struct point, x), offsetof(struct point, z), sizeof(struct point)};

int read_all(int index) {
    static int calls;
    buffer[index] = text[index];
    calls++;
    return zero + initialised + hidden + (int)wide + halves[index] + bytes[index] + optional + replaceable() + aligned
        + where->b + *inside + names[index][0] + hot(calls);
}

void write_all(int value) {
    zero = value;
    hidden = value;
    wide = value;
    halves[2] = value;
    bytes[1] = value;
    origin.a = value;
    origin.z += value;
}
