"""What gcc -S makes of C is a source like others: it calls the library by C's own convention."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kernel.guest import LIMIT, ended
from toyos import boot

GCC = shutil.which("riscv64-unknown-elf-gcc")
C = r"""
int printf(const char *, ...), sprintf(char *, const char *, ...), snprintf(char *, unsigned, const char *, ...);
int execlp(const char *, ...), execle(const char *, ...), fork(void), wait(int *), getpid(void), atexit(void (*)(void));
void *malloc(unsigned), perror(const char *), exit(int);
int strcmp(const char *, const char *);
struct node { struct node *next; int value; };
static int sum(const struct node *list) { return list ? list->value + sum(list->next) : 0; }
static void bye(void) { printf("bye\n"); }
int main(int argc, char **argv, char **envp)
{
    struct node *list = 0;
    char line[64];
    int status, length;
    for (int i = 1; i <= 100; i++) {
        struct node *new = malloc(sizeof *new);
        new->next = list;
        new->value = i;
        list = new;
    }
    length = sprintf(line, "%s has %d arguments", argv[0], argc - 1);
    printf("%d: %s; %c%c %x %u %5d|%-5d|%05d %s\n", length, line, 'o', 'k', 255, 7u, 8, 9, 10, "tenth");
    printf("%d of %ld", snprintf(line, 5, "%s", "cut, off"), 7L);
    printf(": %s\n", line);
    atexit(bye);
    if (fork() == 0) {
        char *own[] = { "A=b", 0 };
        execle("/bin/env", "env", (char *)0, own);
        exit(1);
    }
    wait(&status);
    if (fork() == 0) {
        execlp("echo", "echo", "1", "2", "3", "4", "5", "6", "7", "8", "9", (char *)0);
        exit(1);
    }
    wait(&status);
    return sum(list) == 5050 && status == 0 && strcmp(argv[1], "x") == 0 ? 3 : 4;
}
"""
OUTPUT = """\
23: program has 2 arguments; ok ff 7     8|9    |00010 tenth
8 of 7: cut,
A=b
1 2 3 4 5 6 7 8 9
bye
"""


@pytest.mark.skipif(GCC is None, reason="riscv64-unknown-elf-gcc is not installed")
@pytest.mark.parametrize("optimise", ["-O0", "-O2", "-Os"])
def test_c_program(optimise: str, tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text(C)
    command = [str(GCC), "-march=rv32ima", "-mabi=ilp32", "-fno-builtin", optimise, "-S", "program.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    result = ended(boot(files=[tmp_path / "program.s"], args=["x", "y"], max_instructions=LIMIT))
    assert (result.output.decode(), result.status) == (OUTPUT, 3)
