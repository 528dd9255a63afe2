/* Loops, switches through a jump table, recursion, function pointers, variable arguments. */
#include <stdarg.h>

extern int putchar(int letter);

static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int collatz(unsigned n) {
    int steps = 0;
    while (n != 1) {
        n = n & 1 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}

int classify(int what) {
    switch (what) {
    case 0: return fib(10);
    case 1: return collatz(27);
    case 2: return putchar('x');
    case 3: return what * 17;
    case 4: return what / 7;
    case 5: return what % 13;
    case 6: return what << 5;
    case 7: return -what;
    default: return ~what;
    }
}

int sum(int count, ...) {
    va_list list;
    int total = 0;
    va_start(list, count);
    while (count-- > 0)
        total += va_arg(list, int);
    va_end(list);
    return total;
}

typedef int (*operation)(int);
static int twice(int x) { return 2 * x; }
static int square(int x) { return x * x; }
operation table[] = {twice, square, classify};

int apply(int which, int x) { return table[which](x); }
int main(int argc, char **argv) { return sum(4, argc, apply(argc % 3, argc), argv[0][0], fib(argc)); }
