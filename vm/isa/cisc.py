"""The instructions of cisc mode: one row an instruction.

row(mnemonic, opcode, operands, micro-ops, cost class, meaning)

An instruction is its opcode, one byte, and its operands in the order written. An operand is NAME.ACCESSWIDTH, written
as a specifier (vm/isa/specifiers.py), access r u w m a, width b h l; or, without a specifier, directly as bytes:

    target.d8 target.d32    displacement of a branch, from the end of the instruction
    mask.i8                 set of registers: bit n is register n of a specifier (a0 a1 a2 a3 t0 t1 s0 s1)
    csr.i16  code.i16       number of a CSR; number of a system call

What is read is extended to 32 bits, with its sign (r, m) or with zeros (u); what is written is cut to its width, and a
byte or half written to a register leaves the register's other bits as they are. There are no condition codes: branches
compare. Arithmetic has the results of RISC-V's (a division by zero too), so that one program means the same everywhere.

All of an instruction is fetched and decoded before anything is done with its operands: bytes that are none, and pages
of code that are not there, trap first. Then operands are fetched from left to right, the operation is done, and results
are stored from left to right. A result in a register comes after what specifiers do to that register, and has the last
word. A literal or an immediate is that number, whatever the operand's width.

A fault leaves everything as it was before the instruction. What pushes or pops several words looks at both ends of them
first, and a queue's words are all looked at before the first one is stored. These, and the PCB, must be in RAM; other
operands may be devices, whose accesses are made once, but are not taken back by a fault that comes later.

The block instructions go on in rounds: of a word where the addresses are multiples of four and so much is left, or else
of a byte. Between two rounds registers say what is left to do, and interrupts are taken. A round takes as long as an
instruction.

The micro-ops say what the instruction does once its operands are fetched; lowering (vm/micro/lowering.py) puts the
loads in front of them, and the stores and the changes of stepped registers behind. In them an operand's name stands
for its value or, with access a, for its address; T0, T1 ... are temporaries, `next` is the address behind the
instruction, and `push X`, `pop X` store and load at sp and step it. Nothing but temporaries changes before the last
access that can fault.
"""

from __future__ import annotations

from dataclasses import dataclass

from vm.isa.specifiers import SIZES

COSTS = (
    "move", "alu", "mul", "div", "branch", "jump", "call", "stack", "block", "queue", "context", "trap", "csr",
    "system",
)  # fmt: skip
DIRECT = {"d8": 1, "d32": 4, "i8": 1, "i16": 2}  # operands without a specifier: bytes


@dataclass(frozen=True, slots=True)
class Operand:
    """access and width as in the heading; access "" and one of DIRECT as width for one that has no specifier."""

    name: str
    access: str
    width: str

    @property
    def size(self) -> int:
        """Bytes of the operand in memory, or, without a specifier, in the instruction."""
        return DIRECT[self.width] if not self.access else SIZES[self.width]


@dataclass(frozen=True, slots=True)
class Row:
    """An instruction of cisc mode."""

    name: str
    opcode: int
    operands: tuple[Operand, ...]
    micro: str
    cost: str
    doc: str

    @property
    def syntax(self) -> str:
        """-> the operands' names as they are written in assembly, such as "src1, src2, dst"."""
        return ", ".join(operand.name for operand in self.operands)


def row(name: str, opcode: int, operands: str, micro: str, cost: str, doc: str) -> Row:
    """A table line -> Row. ValueError: a width, an access or a cost class that does not exist."""
    found = []
    for word in operands.split(", ") if operands else ():
        operand, _, kind = word.partition(".")
        access, width = ("", kind) if kind in DIRECT else (kind[0], kind[1:])
        if access and (access not in "ruwma" or width not in SIZES):
            raise ValueError(f"{name}: operand {word} has no access and width")
        found.append(Operand(operand, access, width))
    if cost not in COSTS:
        raise ValueError(f"{name}: no cost class {cost}")
    return Row(name, opcode, tuple(found), micro, cost, doc)


_WIDTHS = (("b", "byte"), ("h", "half"), ("l", "long"))
_ARITHMETIC = (
    ("add", 0x10, "alu", "+"), ("sub", 0x16, "alu", "-"), ("mul", 0x1C, "mul", "*"), ("div", 0x22, "div", "/"),
    ("rem", 0x28, "div", "%"), ("and", 0x2E, "alu", "&"), ("or", 0x34, "alu", "|"), ("xor", 0x3A, "alu", "^"),
)  # fmt: skip
_LONG_ONLY = (
    ("sll", 0x40, "alu", "src1 << (src2 & 31)"), ("srl", 0x42, "alu", "src1 >> (src2 & 31), zeros enter"),
    ("sra", 0x44, "alu", "src1 >> (src2 & 31), the sign enters"),
    ("divu", 0x46, "div", "src1 / src2, unsigned"), ("remu", 0x48, "div", "src1 % src2, unsigned"),
    ("mulh", 0x4A, "mul", "high word of src1 * src2"), ("mulhu", 0x4C, "mul", "the same, unsigned"),
    ("mulhsu", 0x4E, "mul", "the same, src1 signed, src2 not"),
    ("slt", 0x50, "alu", "1 if src1 < src2, signed, else 0"),
    ("sltu", 0x52, "alu", "1 if src1 < src2, unsigned, else 0"),
)  # fmt: skip
_CONDITIONS = (
    ("beq", 0x80, "a == b"), ("bne", 0x86, "a != b"), ("blt", 0x8C, "a < b, signed"), ("bge", 0x92, "a >= b, signed"),
    ("bltu", 0x98, "a < b, unsigned"), ("bgeu", 0x9E, "a >= b, unsigned"),
)  # fmt: skip
_REACH = (("s", "d8"), ("l", "d32"))  # a displacement is short or long; the assembler chooses where none is written


def _arithmetic() -> list[Row]:
    rows = []
    for name, base, cost, sign in _ARITHMETIC:
        for k, (w, _) in enumerate(_WIDTHS):
            rows.append(row(f"{name}{w}2", base + 2 * k, f"src.r{w}, dst.m{w}", f"{name} dst dst src", cost,
                            f"dst = dst {sign} src"))
            rows.append(row(f"{name}{w}3", base + 2 * k + 1, f"src1.r{w}, src2.r{w}, dst.w{w}",
                            f"{name} dst src1 src2", cost, f"dst = src1 {sign} src2"))
    for name, opcode, cost, doc in _LONG_ONLY:
        two = doc.replace("src2", "src").replace("src1", "dst")
        rows.append(row(f"{name}l2", opcode, "src.rl, dst.ml", f"{name} dst dst src", cost, f"dst = {two}"))
        rows.append(row(f"{name}l3", opcode + 1, "src1.rl, src2.rl, dst.wl", f"{name} dst src1 src2", cost,
                        f"dst = {doc}"))
    return rows  # fmt: skip


def _moves() -> list[Row]:
    rows = []
    for k, (w, word) in enumerate(_WIDTHS):
        rows += [
            row(f"mov{w}", 0x54 + k, f"src.r{w}, dst.w{w}", "move dst src", "move", "dst = src"),
            row(f"mneg{w}", 0x57 + k, f"src.r{w}, dst.w{w}", "sub dst zero src", "alu", "dst = -src"),
            row(f"mcom{w}", 0x5A + k, f"src.r{w}, dst.w{w}", "xori dst src -1", "alu", "dst = ~src"),
            row(f"clr{w}", 0x5D + k, f"dst.w{w}", "move dst zero", "move", "dst = 0"),
            row(f"inc{w}", 0x60 + k, f"dst.m{w}", "addi dst dst 1", "alu", "dst = dst + 1"),
            row(f"dec{w}", 0x63 + k, f"dst.m{w}", "addi dst dst -1", "alu", "dst = dst - 1"),
            row(f"mova{w}", 0x66 + k, f"src.a{w}, dst.wl", "move dst src", "move", f"dst = address of the {word} src"),
        ]
    rows += [
        row("cvtbl", 0x69, "src.rb, dst.wl", "move dst src", "move", "dst = src, sign extended"),
        row("cvtbh", 0x6A, "src.rb, dst.wh", "move dst src", "move", "dst = src, sign extended"),
        row("cvthl", 0x6B, "src.rh, dst.wl", "move dst src", "move", "dst = src, sign extended"),
        row("movzbl", 0x6C, "src.ub, dst.wl", "move dst src", "move", "dst = src, zero extended"),
        row("movzbh", 0x6D, "src.ub, dst.wh", "move dst src", "move", "dst = src, zero extended"),
        row("movzhl", 0x6E, "src.uh, dst.wl", "move dst src", "move", "dst = src, zero extended"),
        row("pushl", 0x70, "src.rl", "push src", "stack", "sp = sp - 4; long at sp = src"),
        row("popl", 0x71, "dst.wl", "pop T0; move dst T0", "stack", "dst = long at sp; sp = sp + 4"),
        row("pushal", 0x72, "src.al", "push src", "stack", "sp = sp - 4; long at sp = address of src"),
        row("pushr", 0x73, "mask.i8", "probe_push mask 0; push_registers mask", "stack",
            "pushes the registers of the mask, those with the highest numbers first"),
        row("popr", 0x74, "mask.i8", "probe_pop mask; pop_registers mask", "stack",
            "pops the registers of the mask, those with the lowest numbers first"),
    ]
    return rows  # fmt: skip


def _branches() -> list[Row]:
    rows = []
    for name, base, doc in _CONDITIONS:
        for k, (w, _) in enumerate(_WIDTHS):
            for j, (reach, kind) in enumerate(_REACH):
                rows.append(row(f"{name}{w}.{reach}", base + 2 * k + j, f"a.r{w}, b.r{w}, target.{kind}",
                                f"{name} a b target", "branch", f"if {doc}: pc = target"))
    for j, (reach, kind) in enumerate(_REACH):
        rows += [
            row(f"sob.{reach}", 0xA4 + j, f"index.ml, target.{kind}", "addi index index -1; blt zero index target",
                "branch", "index = index - 1; if index > 0: pc = target"),
            row(f"aob.{reach}", 0xA6 + j, f"limit.rl, index.ml, target.{kind}",
                "addi index index 1; blt index limit target", "branch",
                "index = index + 1; if index < limit: pc = target"),
            row(f"br.{reach}", 0xA8 + j, f"target.{kind}", "jal target", "jump", "pc = target"),
            row(f"bsr.{reach}", 0xAA + j, f"target.{kind}", "auipc T0 next; push T0; jal target", "call",
                "pushes the address behind the instruction; pc = target"),
        ]
    rows += [
        row("jmp", 0xAC, "target.ab", "jump_to target", "jump", "pc = address of target"),
        row("jsr", 0xAD, "target.ab", "auipc T0 next; push T0; jump_to target", "call",
            "pushes the address behind the instruction; pc = address of target"),
        row("rsb", 0xAE, "", "pop T0; jump_to T0", "call", "pops pc"),
        row("calls", 0xAF, "mask.i8, target.ab",
            "auipc T0 next; probe_push mask 8; push T0; push_registers mask; push_number mask; jump_to target", "call",
            "pushes the address behind the instruction, the registers of the mask as pushr does, and the mask; "
            "pc = address of target"),
        row("rets", 0xB0, "", "return_saved", "call", "pops what calls has pushed: mask, registers, pc"),
    ]
    return rows  # fmt: skip


def _others() -> list[Row]:
    return [
        row("movc", 0xB4, "", "move_block", "block",
            "moves a2 bytes from a1 to a0, upwards; a0 and a1 end behind the last byte, a2 at 0"),
        row("cmpc", 0xB5, "", "compare_block", "block",
            "compares a2 bytes at a0 and a1 until two differ; a0 and a1 point to these and a2 counts what is left with "
            "them, or they stand behind the last byte with a2 = 0; a3 = byte at a0 - byte at a1, or 0"),
        row("filc", 0xB6, "", "fill_block", "block", "stores a2 times the low byte of a1 from a0 on, upwards"),
        row("insque", 0xB8, "entry.al, pred.al",
            "load T0 pred 0; probe entry 0; probe entry 4; probe pred 0; probe T0 4; "
            "store T0 entry 0; store pred entry 4; store entry T0 4; store entry pred 0", "queue",
            "puts entry behind pred into a circular list of (next, previous)"),
        row("remque", 0xB9, "entry.al",
            "load T0 entry 0; load T1 entry 4; probe T1 0; probe T0 4; store T0 T1 0; store T1 T0 4", "queue",
            "takes entry out of its circular list of (next, previous)"),
        row("csrr", 0xC0, "dst.wl, csr.i16", "csrrs dst zero csr", "csr", "dst = CSR"),
        row("csrw", 0xC1, "csr.i16, src.rl", "csrrw none src csr", "csr", "CSR = src"),
        row("csrs", 0xC2, "csr.i16, src.rl", "csrrs none src csr", "csr", "sets the bits of src in the CSR"),
        row("csrc", 0xC3, "csr.i16, src.rl", "csrrc none src csr", "csr", "clears the bits of src in the CSR"),
        row("csrrw", 0xC4, "dst.wl, csr.i16, src.rl",
            "check_csr csr; addi T1 src 0; csrrs T0 zero csr; move dst T0; write_csr T1 csr", "csr",
            "dst = CSR; CSR = src"),
        row("chmk", 0xC8, "code.i16", "chmk code", "trap",
            "change mode to kernel: trap with the number of a system call"),
        row("rei", 0xC9, "", "rei", "trap", "return from exception or interrupt: pops pc and psw"),
        row("svpctx", 0xCA, "", "save_context", "context",
            "stores a0-a3 t0 t1 s0 s1 and usp into the PCB at pcbb, and pops pc and psw into it"),
        row("ldpctx", 0xCB, "", "load_context", "context",
            "loads a0-a3 t0 t1 s0 s1 and usp from the PCB at pcbb, and pushes its psw and pc"),
        row("bpt", 0xCC, "", "ebreak", "trap", "breakpoint"),
        row("wfi", 0xD0, "", "wfi", "system", "waits for an interrupt"),
        row("sfence.vma", 0xD1, "", "sfence_vma", "system", "forgets all cached translations"),
        row("tbis", 0xD4, "address.ab", "sfence_vma none address", "system",
            "forgets the cached translation of the page that address is in (translation buffer invalidate single)"),
        row("fence.i", 0xD2, "", "fence_i", "system", "forgets prefetched instructions"),
        row("fence", 0xD3, "", "fence", "system", "orders accesses"),
        row("nop", 0x01, "", "fence", "alu", "nothing"),
    ]  # fmt: skip


ROWS: tuple[Row, ...] = (*_arithmetic(), *_moves(), *_branches(), *_others())
BY_OPCODE: dict[int, Row] = {row.opcode: row for row in ROWS}
if len(BY_OPCODE) != len(ROWS):
    raise ValueError("two rows of cisc mode share an opcode")
