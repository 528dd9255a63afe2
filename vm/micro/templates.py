"""Rows of cisc mode -> constant tables that lowering reads: what operands an opcode has, and its micro-ops.

Built once, when generated code is built or the reference executor starts. A step of a template is (action, micro-op,
rd, rs1, rs2, what the immediate is, immediate). A register in it is a number below OPERAND, or OPERAND + k for the
value of operand k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum, auto
from functools import cache
from typing import TYPE_CHECKING

from vm.isa import cisc
from vm.isa.registers import NUMBERS
from vm.isa.specifiers import MASK_REGISTERS, MODES, REGISTER_NAMES, REGISTERS, SIZES, mode_of
from vm.micro.layout import WORD_BYTES
from vm.state import SINK

if TYPE_CHECKING:
    from vm.micro.target import Target

OPERANDS = 3  # that an instruction can have
STEPS = 24  # that a template can have
# Registers behind the SINK: values and addresses of operands, index sums, a template's own.
VALUE, ADDRESS, SUM, TEMPORARY = SINK + 1, SINK + 1 + OPERANDS, SINK + 1 + 2 * OPERANDS, SINK + 1 + 3 * OPERANDS
OPERAND = 64
SP = NUMBERS["sp"]
SP_NUMBER = REGISTER_NAMES.index("sp")


class Action(IntEnum):
    """What a step asks of lowering."""

    MICRO = 0
    MOVE = auto()  # rd = rs1
    PUSH = auto()  # rs1
    POP = auto()  # into rd
    PROBE_PUSH = auto()  # so many bytes as the registers of the mask take, and imm more, can be pushed
    PUSH_REGISTERS = auto()
    PROBE_POP = auto()
    POP_REGISTERS = auto()


class Immediate(IntEnum):
    """What a step's immediate is."""

    CONSTANT = 0
    NEXT = auto()  # bytes from this instruction to the next
    TARGET = auto()  # from this instruction to where its displacement, operand `imm`, leads
    NUMBER = auto()  # the direct operand `imm`


# Kinds of operands: those with a specifier by access and width, then the direct ones by width; 0 for none.
KINDS = ("", *(access + width for access in "ruwma" for width in SIZES), *cisc.DIRECT)
FIRST_DIRECT = len(KINDS) - len(cisc.DIRECT)
MODE_NUMBERS = {mode.name: number for number, mode in enumerate(MODES, 1)}  # 0: reserved
BRANCHES = frozenset("beq bne blt bge bltu bgeu".split())
RELATIVE = BRANCHES | {"jal"}  # micro-ops whose immediate is a distance from pc to which they may jump
# Micro-ops after which nothing of the instruction is left to do: they go last, behind stores and stepped registers.
LAST = RELATIVE.union("jump_to rei return_saved chmk ebreak move_block compare_block fill_block write_csr".split())
_SAVED = [*REGISTERS[:MASK_REGISTERS]]  # svpctx and ldpctx: one word each in the PCB, then usp, pc, psw
_USP_PLACE, _PC_PLACE, _PSW_PLACE = (WORD_BYTES * (len(_SAVED) + k) for k in range(3))

Step = tuple[int, int, int, int, int, int, int]


def _save_context() -> str:
    """Context switch, half one: from the registers and the kernel's stack into the PCB."""
    steps = [f"privileged none; read_pcbb T0; probe T0 0; probe T0 {_PSW_PLACE}; load T1 sp 0; load T2 sp 4"]
    steps += [f"store {register} T0 {WORD_BYTES * place}" for place, register in enumerate(_SAVED)]
    steps += [f"read_usp T3; store T3 T0 {_USP_PLACE}; store T1 T0 {_PC_PLACE}; store T2 T0 {_PSW_PLACE}; drop 8"]
    return "; ".join(steps)


def _load_context() -> str:
    """Half two: from the PCB to the registers and onto the kernel's stack."""
    steps = [f"privileged none; read_pcbb T0; probe_read T0 0; probe_read T0 {_PSW_PLACE}; probe sp -4; probe sp -8"]
    steps += [f"load T1 T0 {_PC_PLACE}; load T2 T0 {_PSW_PLACE}; load T3 T0 {_USP_PLACE}; write_usp none T3"]
    steps += [f"load {register} T0 {WORD_BYTES * place}" for place, register in enumerate(_SAVED)]
    return "; ".join([*steps, "store T2 sp -4; store T1 sp -8; drop -8"])


_COMPOSED = {"save_context": _save_context(), "load_context": _load_context()}


def _register(word: str, row: cisc.Row) -> int:
    """Word of a template -> register of a step."""
    if word == "none":
        return SINK
    if word[0] == "T" and word[1:].isdigit():
        return TEMPORARY + int(word[1:])
    for k, operand in enumerate(row.operands):
        if operand.name == word:
            return OPERAND + k
    return int(word) if word.isdigit() else NUMBERS[word]


def _immediate(word: str, row: cisc.Row) -> tuple[int, int]:
    """Word of a template -> what the immediate is, and its value."""
    if word == "next":
        return Immediate.NEXT, 0
    for k, operand in enumerate(row.operands):
        if operand.name == word:
            return (Immediate.TARGET if operand.width.startswith("d") else Immediate.NUMBER), k
    return Immediate.CONSTANT, int(word)


def _step(text: str, row: cisc.Row, numbers: Mapping[str, int]) -> Step:
    """One step of a row's template, such as "add dst src1 src2" -> its encoding."""
    name, *words = text.split()

    def reg(k: int) -> int:
        return _register(words[k], row)

    def made(action: int, op: str = "", rd: int = SINK, rs1: int = 0, rs2: int = 0, imm: str = "0") -> Step:
        return (action, numbers[op] if op else 0, rd, rs1, rs2, *_immediate(imm, row))

    match name:
        case "move":
            return made(Action.MOVE, "", reg(0), reg(1))
        case "push":
            return made(Action.PUSH, "", rs1=reg(0))
        case "push_number":
            return made(Action.PUSH, "lui", TEMPORARY, TEMPORARY, imm=words[0])
        case "pop":
            return made(Action.POP, "", reg(0))
        case "drop":
            return made(Action.MICRO, "addi", SP, SP, imm=words[0])
        case "probe_push":
            return made(Action.PROBE_PUSH, "", rd=_direct(words[0], row), imm=words[1])
        case "probe_pop" | "push_registers" | "pop_registers":
            return made(Action[name.upper()], "", rd=_direct(words[0], row))
        case "load":
            return made(Action.MICRO, "lw", reg(0), reg(1), imm=words[2])
        case "store":
            return made(Action.MICRO, "sw", SINK, reg(1), reg(0), words[2])
        case "probe":
            return made(Action.MICRO, "probe_write", SINK, reg(0), imm=words[1])
        case "probe_read":
            return made(Action.MICRO, "probe_read", SINK, reg(0), imm=words[1])
        case "jal" | "chmk" | "check_csr":
            return made(Action.MICRO, name, imm=words[0])
        case _ if name in BRANCHES:
            return made(Action.MICRO, name, SINK, reg(0), reg(1), words[2])
        case "jump_to":
            return made(Action.MICRO, name, SINK, reg(0))
        case "auipc":
            return made(Action.MICRO, name, reg(0), imm=words[1])
        case "write_csr":
            return made(Action.MICRO, "csrrw", SINK, reg(0), imm=words[1])
        case "addi" | "xori" | "csrrw" | "csrrs" | "csrrc":
            return made(Action.MICRO, name, reg(0), reg(1), imm=words[2])
        case _:
            rd, rs1, rs2 = [reg(k) for k in range(len(words))] + [SINK, 0, 0][len(words) :]
            return made(Action.MICRO, name, rd, rs1, rs2)


def _direct(word: str, row: cisc.Row) -> int:
    """Name of a direct operand -> its number."""
    return next(k for k, operand in enumerate(row.operands) if operand.name == word)


def steps_of(row: cisc.Row, numbers: Mapping[str, int]) -> list[Step]:
    """Row -> its template. ValueError: it has more steps than there is room for."""
    texts = "; ".join(_COMPOSED.get(text, text) for text in row.micro.split("; "))
    steps = [_step(text, row, numbers) for text in texts.split("; ")]
    if len(steps) > STEPS:
        raise ValueError(f"{row.name}: a template of {len(steps)} steps, there is room for {STEPS}")
    return steps


@cache
def numbers(target: Target) -> Mapping[str, int]:
    """Target -> the numbers of its micro-ops in records and tables; 0 is none."""
    return {name: number for number, name in enumerate(target.micro_ops, 1)}


@cache
def used(target: Target) -> frozenset[str]:
    """Target -> the micro-ops that its sequences are made of."""
    names = {number: name for name, number in numbers(target).items()}
    found = set("illegal done lui add slli addi auipc jal lw sw probe_read probe_write".split())
    for table in ("load_op", "store_op", "narrow_op", "insert_op", "step_op"):
        found |= {names[number] for number in tables(target)[table][1] if number}
    return frozenset(found)


@cache
def tables(target: Target) -> Mapping[str, tuple[int, Sequence[int]]]:
    """Target -> every table by name: (bits of an element, elements)."""
    of = numbers(target)
    kinds = [[0] * 256 for _ in range(OPERANDS)]
    first, count, ends = [0] * 256, [0] * 256, [0] * 256
    steps: list[Step] = []
    for row in cisc.ROWS:
        for k, operand in enumerate(row.operands):
            kinds[k][row.opcode] = KINDS.index(operand.access + operand.width)
        found = steps_of(row, of)
        first[row.opcode], count[row.opcode] = len(steps), len(found)
        ends[row.opcode] = row.micro.split("; ")[-1].split()[0] in LAST
        steps += found
    arrays: dict[str, tuple[int, Sequence[int]]] = {
        **{f"kind{k}": (8, kinds[k]) for k in range(OPERANDS)},
        "template": (16, first), "template_steps": (8, count), "ends": (8, ends),
        **{f"step_{name}": (8, [step[k] for step in steps])
           for k, name in enumerate(("action", "op", "rd", "rs1", "rs2", "what"))},
        "step_imm": (32, [step[6] & 0xFFFF_FFFF for step in steps]),
        "mode": (8, [MODE_NUMBERS[mode.name] if (mode := mode_of(byte)) else 0 for byte in range(256)]),
        "extra": (8, [0, *(mode.extra for mode in MODES)]),
        "in_memory": (8, [0, *(mode.memory and mode.name != "index" for mode in MODES)]),
        "allowed": (8, [
            0 < number < FIRST_DIRECT and kind[0] in access
            for access in ("", *(mode.access for mode in MODES)) for number, kind in enumerate(KINDS)
        ]),
        "size": (8, [_size(kind) for kind in KINDS]),
        # Displacements have a sign, other direct operands are as wide as they are written.
        "number_mask": (32, [(1 << 8 * _size(kind)) - 1 if kind[:1] == "i" else 0xFFFF_FFFF for kind in KINDS]),
        "register": (8, [*REGISTERS, *[0] * (16 - len(REGISTERS))]),
        "load_op": (8, [_load(kind, of) for kind in KINDS]),
        "store_op": (8, [{"b": of["sb"], "h": of["sh"]}.get(kind[-1:], of["sw"]) for kind in KINDS]),
        "narrow_op": (8, [_narrow(kind, of) for kind in KINDS]),
        "insert_op": (8, [_insert(kind, of) for kind in KINDS]),
        "access": (8, [ord(kind[0]) if 0 < number < FIRST_DIRECT else 0 for number, kind in enumerate(KINDS)]),
    }  # fmt: skip
    return {name: (bits, [int(value) for value in values]) for name, (bits, values) in arrays.items()}


def _size(kind: str) -> int:
    """Kind of an operand -> its bytes."""
    return 0 if not kind else cisc.DIRECT.get(kind) or SIZES[kind[1]]


def _load(kind: str, numbers: Mapping[str, int]) -> int:
    """Kind -> micro-op that loads such an operand."""
    return numbers[{"ub": "lbu", "uh": "lhu", "rb": "lb", "rh": "lh", "mb": "lb", "mh": "lh"}.get(kind, "lw")]


def _narrow(kind: str, numbers: Mapping[str, int]) -> int:
    """Kind -> micro-op that takes such an operand out of a register, or 0 for a whole one."""
    name = {"ub": "zext8", "uh": "zext16", "rb": "sext8", "rh": "sext16", "mb": "sext8", "mh": "sext16"}.get(kind)
    return numbers[name] if name else 0


def _insert(kind: str, numbers: Mapping[str, int]) -> int:
    """Kind -> micro-op that puts such an operand into a register, or 0 for a whole one."""
    name = {"wb": "insert8", "wh": "insert16", "mb": "insert8", "mh": "insert16"}.get(kind)
    return numbers[name] if name else 0
