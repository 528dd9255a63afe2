"""Random programs in the common assembly do the same in all modes: same registers, same memory at the end."""

import random
from collections.abc import Iterator

import pytest

from assembler import assemble, link
from tests.assembler.common_samples import templates
from tests.test_common_assembly import ALLOWED, INDIRECT
from vm import aout
from vm.arch import FINISHER_BASE, FINISHER_PASS, RAM_BASE
from vm.isa.codec import MODES
from vm.machine import Machine

REGISTERS = "a0 a1 a2 a3 t0 t1 s0 s1".split()
RAM = 1 << 20
WORDS = 64  # of data, which sp points to
STATEMENTS = 250
FUNCTIONS = 4
END = 400_000  # instructions; no program takes so many
OTHERS = {"call", "ret", "j", "la"}
MEMORY = {"lw", "lh", "lb", "lhu", "lbu", "sw", "sh", "sb"}
EDGES = (0, 1, -1, 2, 31, 63, 64, 127, 128, -63, -64, -128, -129, 255, 256, 2047, -2048)


class Program:
    """The text of a program, made up with a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.labels = 0

    def register(self, source: bool = False) -> str:
        return self.chance.choice([*REGISTERS, "zero"] if source else REGISTERS)

    def constant(self) -> int:
        return self.chance.choice(EDGES) if self.chance.random() < 0.5 else self.chance.randrange(-2048, 2048)

    def plain(self) -> Iterator[str]:
        """-> an instruction that neither jumps nor takes an address."""
        name, template = self.chance.choice(PLAIN)
        text = template.replace("rd", self.register())
        for operand in ("rs1", "rs2"):
            text = text.replace(operand, self.register(source=True))
        yield f"{name} {text.replace('shamt', str(self.chance.randrange(32))).replace('imm', str(self.constant()))}"

    def constants(self) -> Iterator[str]:
        yield f"li {self.register()}, {self.chance.choice([self.constant(), self.chance.getrandbits(32)])}"

    def memory(self) -> Iterator[str]:
        """-> a load or store, by sp or by name."""
        name = self.chance.choice(sorted(MEMORY))
        register = self.register(source=name[0] == "s")
        place = self.chance.randrange(4 * WORDS - 4)
        if self.chance.random() < 0.6:
            yield f"{name} {register}, {place}(sp)"
        elif name[0] == "l":
            yield f"{name} {register}, data + {place}"
        else:
            yield f"{name} {register.replace('t1', 'a0')}, data + {place}, t1"
            yield "li t1, 9"  # the RISC modes have an address there now

    def addresses(self) -> Iterator[str]:
        base, place = self.register(), self.chance.randrange(0, 4 * WORDS - 4)
        yield f"la {base}, data + {place}"
        yield f"lw {base}, ({base})"

    def forwards(self) -> Iterator[str]:
        """-> a branch over some instructions."""
        self.labels += 1
        label = f"over{self.labels}"
        name, template = self.chance.choice(BRANCHES)
        text = template.replace("target", label)
        for operand in ("rs1", "rs2"):
            text = text.replace(operand, self.register(source=True))
        yield f"{name} {text}"
        for _ in range(self.chance.choice([0, 1, 2, 40])):
            yield from self.plain()
        yield f"{label}:"

    def loop(self) -> Iterator[str]:
        self.labels += 1
        yield f"li s1, {self.chance.randrange(1, 9)}"
        yield f"loop{self.labels}:"
        for _ in range(self.chance.choice([1, 3, 30])):
            for line in self.plain():
                yield line.replace("s1", "s0")
        yield "addi s1, s1, -1"
        yield f"bgtz s1, loop{self.labels}"

    def calls(self) -> Iterator[str]:
        number = self.chance.randrange(FUNCTIONS)
        if self.chance.random() < 0.5:
            yield f"call f{number}"
        else:
            yield f"la t0, f{number}"
            yield "jalr t0"

    def text(self) -> str:
        kinds = [self.plain] * 8 + [self.constants, self.memory, self.memory, self.addresses, self.forwards, self.calls,
                                    self.loop]  # fmt: skip
        lines = [".globl _start", "_start: la sp, data"]
        lines += [f"li {register}, {self.chance.getrandbits(32)}" for register in REGISTERS]
        for _ in range(STATEMENTS):
            lines += self.chance.choice(kinds)()
        lines += [f"sw {register}, {4 * (WORDS + number)}(sp)" for number, register in enumerate(REGISTERS)]
        lines += [f"li t0, {FINISHER_BASE}", f"li t1, {FINISHER_PASS}", "sw t1, 0(t0)", "j ."]
        for number in range(FUNCTIONS):
            # The address in t0 differs between modes, so it must not be computed with.
            lines += [f"f{number}:", "li t0, 5", *(line for _ in range(5) for line in self.plain()), "ret"]
        lines += [".data", ".balign 16", ".zero 64", "data:"]  # calls of cisc mode push below sp
        lines += [f".word {self.chance.getrandbits(32)}" for _ in range(WORDS)]
        lines.append(f".zero {4 * len(REGISTERS)}")
        return "\n".join(lines) + "\n"


def _templates() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """-> (mnemonic, operand template) of the common assembly that is not about memory or jumps; and of its branches."""
    found = [(name, template) for name in sorted(ALLOWED - INDIRECT - OTHERS - MEMORY) for template in templates(name)]
    branches = [each for each in found if "target" in each[1]]
    return [each for each in found if each not in branches and each[1]], branches


PLAIN, BRANCHES = _templates()


def outcome(text: str, mode: str) -> bytes:
    """Program -> its data at the end, and its registers behind them."""
    program = link([assemble(text, mode=mode, filename="common.s")], text=RAM_BASE, entry="_start")
    machine = Machine(mode, ram=RAM)
    machine.load(aout.write(program))
    stop = machine.run(END)
    assert (stop.reason, stop.status) == ("halt", 0), f"{mode}: {stop}"
    data = next(symbol.value for symbol in program.symbols if symbol.name == "data")
    return machine.read(data, 4 * (WORDS + len(REGISTERS)))


@pytest.mark.parametrize("seed", range(25))
def test_the_same_program_does_the_same_in_every_mode(seed: int) -> None:
    text = Program(seed).text()
    expected = outcome(text, "risc")
    for mode in MODES:
        assert outcome(text, mode).hex(" ", 4) == expected.hex(" ", 4), mode


def test_all_of_the_common_assembly_takes_part() -> None:
    used = {line.split()[0] for seed in range(25) for line in Program(seed).text().splitlines() if line.strip()}
    assert ALLOWED | {"jalr"} <= used | {"nop", "jr"}
