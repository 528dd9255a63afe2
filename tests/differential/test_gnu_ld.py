"""The same sources assembled and linked by us and by GNU as and ld at the same addresses give the same bytes.

One known difference: of a call to an undefined weak symbol, which nobody takes, GNU ld 2.40 makes "auipc ra, 0;
jalr 0(zero)" where ours computes the way to address 0."""

from pathlib import Path

import pytest

from assembler import assemble, link
from tests.gnu import MARCH, needs_as, needs_gcc, run
from vm.aout import Object

pytestmark = needs_as

TEXT = 0x8000_0000
FAR = """
        .globl _start, far, near_data
_start: la   a0, far_data
        lw   a1, near_data
        sw   a1, far_data+4, t0
        lui  a2, %hi(far_data+8)
        lw   a2, %lo(far_data+8)(a2)
        lui  a3, %hi(near_data-4)
        sh   a3, %lo(near_data-4)(a3)
1:      auipc a4, %pcrel_hi(far_data)
        lw   a5, %pcrel_lo(1b)(a4)
        sw   a5, %pcrel_lo(1b)(a4)
        call far
        tail far
        j    far
        jal  t0, far
        .data
        .balign 4
        .globl far_data
near_data: .word _start, far, far_data - 3
        .space 0x1000
        .balign 4
far_data: .word near_data + 0x12345, far - 8
        .byte 7
        .balign 4
"""
OTHER = """
        .globl far
far:    beq  a0, a1, far
        la   t0, far_data
        la   t1, _start
        j    _start
        .space 0x2000
        .balign 4
        call _start
        ret
        .data
        .word far_data, far + 4
        .bss
        .balign 16
        .space 24
"""
C_MAIN = """
extern int table[], total; extern const char *names[];
int add(int, int); unsigned long long mul64(unsigned a, unsigned b);
static int counter = 5; int zeroed[100]; int uninitialised;
struct point { char c; short s; int i; } points[3] = { {1, 2, 3}, {4, 5, 6} };
int (*operation)(int, int) = add;
static int local(int x) { return x > 3 ? local(x - 1) + counter++ : x; }
int _start(int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        switch (argv[i][0]) {
        case 'a': total += table[i]; break;
        case 'b': total = add(total, points[i % 3].s); break;
        case 'c': zeroed[i & 31] = operation(i, local(i)); break;
        case 'd': uninitialised ^= (int)mul64(total, i) / 7; break;
        case 'e': total = names[i][1]; break;
        default: __atomic_fetch_add(&total, 3, __ATOMIC_SEQ_CST);
        }
    }
    return total + zeroed[99];
}
"""
C_OTHER = """
int table[] = { 1, -2, 3, 0x7fffffff }, total;
const char *names[] = { "one", "two", "three \\"quoted\\"\\n" };
const short halves[] = { 1, 2, 3 };
int add(int a, int b) { return a + b + halves[a & 1]; }
unsigned long long mul64(unsigned a, unsigned b) { return (unsigned long long)a * b; }
extern int hook __attribute__((weak));
void maybe(void) { if (&hook) total++; }
"""


def compiled(folder: Path, *options: str) -> dict[str, str]:
    """Options for gcc -> name -> assembly text of the two C files. Strings that ld would merge stay apart."""
    sources = {}
    for name, text in (("main", C_MAIN), ("other", C_OTHER)):
        (folder / f"{name}.c").write_text(text)
        always = [f"-march={MARCH}", "-mabi=ilp32", "-ffreestanding", "-fno-merge-constants", "-fno-pic", "-S"]
        run("gcc", *always, *options, folder / f"{name}.c", "-o", folder / f"{name}.s")
        sources[name] = (folder / f"{name}.s").read_text()
    return sources


def linked_by_gnu(sources: dict[str, str], folder: Path) -> tuple[bytes, bytes]:
    """Sources -> (text, data) as GNU ld puts them, each object's read-only data after its code as our format has it."""
    places = ""
    objects = [folder / f"{name}.o" for name in sources]
    for (name, text), made in zip(sources.items(), objects, strict=True):
        (folder / f"{name}.s").write_text(text)
        run("as", f"-march={MARCH}", "-mabi=ilp32", folder / f"{name}.s", "-o", made)
        places += f"*{name}.o(.text .text.*) *{name}.o(.rodata .rodata.* .srodata .srodata.*)\n"
    script = f"""ENTRY(_start) SECTIONS {{ . = {TEXT:#x}; .text : {{ {places} . = ALIGN(4); }}
        . = ALIGN(4096); .data : {{ *(.data .data.* .sdata .sdata.*) . = ALIGN(4); }}
        .bss : {{ *(.bss .bss.* .sbss .sbss.*) *(COMMON) }} _end = .; }}"""
    (folder / "script.ld").write_text(script)
    linked = folder / "gnu.elf"
    run("ld", "-m", "elf32lriscv", "--no-relax", "-T", folder / "script.ld", "-o", linked, *objects)
    for section in ("text", "data"):
        run("objcopy", "-O", "binary", f"--only-section=.{section}", linked, folder / section)
    return (folder / "text").read_bytes(), (folder / "data").read_bytes()


def linked_by_us(sources: dict[str, str]) -> Object:
    return link([assemble(text, filename=f"{name}.s") for name, text in sources.items()], text=TEXT)


def compare(sources: dict[str, str], folder: Path) -> None:
    text, data = linked_by_gnu(sources, folder)
    ours = linked_by_us(sources)
    assert ours.text.hex(" ", 4) == text.hex(" ", 4)
    assert ours.data.hex(" ", 4) == data.hex(" ", 4)


def test_every_kind_of_reference(tmp_path: Path) -> None:
    compare({"far": FAR, "other": OTHER}, tmp_path)


@needs_gcc
@pytest.mark.parametrize("model", ["medlow", "medany"])
@pytest.mark.parametrize("optimise", ["-O0", "-O1", "-O2", "-Os"])
def test_what_gcc_makes_of_c(tmp_path: Path, model: str, optimise: str) -> None:
    # medlow reaches 0x8000_0000 too, on 32-bit machines.
    compare(compiled(tmp_path, optimise, f"-mcmodel={model}"), tmp_path)
