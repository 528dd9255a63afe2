"""Micro-ops that only cisc mode's sequences use: parts of registers, probes, block instructions, the trap's way back.

The others are those of the RISC modes (ops.py). A sequence is put together in lowering.py.
"""

from vm.arch import (
    CAUSE_ECALL_U,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPP_SHIFT,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_TSR,
    PRIV_S,
    PRIV_U,
)
from vm.isa.registers import NUMBERS
from vm.isa.specifiers import MASK_REGISTERS
from vm.micro import access
from vm.micro.context import Trap, op, routine, slow_op
from vm.micro.csr import csr_writable
from vm.micro.layout import WORD_BYTES
from vm.micro.lowering import bytes_of
from vm.micro.ops import illegal_instruction
from vm.micro.paging import READ, WRITE
from vm.micro.stack_traps import RESERVED_PRIV, leave_stack
from vm.micro.templates import SP
from vm.micro.traps import return_m, return_s

A0, A1, A2, A3 = (NUMBERS[name] for name in ("a0", "a1", "a2", "a3"))


# ---- parts of registers --------------------------------------------------------------------------------------------
@op
def sext8(i): i.rd = i.rs1.sext(8)
@op
def sext16(i): i.rd = i.rs1.sext(16)
@op
def zext8(i): i.rd = i.rs1 & 0xFF
@op
def zext16(i): i.rd = i.rs1 & 0xFFFF
@op
def insert8(i): i.rd = i.rs1 & ~0xFF | i.rs2 & 0xFF
@op
def insert16(i): i.rd = i.rs1 & ~0xFFFF | i.rs2 & 0xFFFF


# ---- what sequences are held together by ----------------------------------------------------------------------------
@op
def done(i): i.go_on()  # to the next instruction
@op
def jal(i): i.jump()  # without a link: the return address is on the stack
@op
def jump_to(i): i.jump_to(i.rs1 + i.imm)
@op
def probe_read(i): i.probe(i.rs1 + i.imm, READ)  # the word there can be read: it is RAM
@op
def probe_write(i): i.probe(i.rs1 + i.imm, WRITE)


@slow_op
def privileged(i):
    """What follows is for the kernel."""
    if i.s.priv == PRIV_U:
        raise illegal_instruction(i)


@slow_op
def check_csr(i):
    """The CSR can be written: what follows stores before it writes."""
    if csr_writable(i, i.imm) == 0:
        raise illegal_instruction(i)


@op
def read_usp(i): i.rd = i.s.usp
@op
def write_usp(i): i.s.usp = i.rs1
@op
def read_pcbb(i): i.rd = i.s.pcbb


# ---- traps ----------------------------------------------------------------------------------------------------------
@slow_op
def chmk(i): raise Trap(i.s.priv + CAUSE_ECALL_U, i.imm)


@slow_op
def rei(i):
    """Return from exception or interrupt: pops pc and psw. To user mode, the stack is the user's again.

    Of the psw only what sret or mret would look at counts: nobody gets more privilege than they have.
    """
    priv, status = i.s.priv, i.s.mstatus
    if (priv == PRIV_U) | ((priv == PRIV_S) & ((status & MSTATUS_TSR) != 0)):
        raise illegal_instruction(i)
    sp = i.get("x", SP)
    pc, psw = access.stack_load(i, sp), access.stack_load(i, sp + WORD_BYTES)
    if priv == PRIV_S:
        mine = MSTATUS_SPP | MSTATUS_SPIE
        i.s.mstatus, i.s.sepc = status & ~mine | psw & mine, pc
        return_s(i)
    else:
        mine = MSTATUS_MPP | MSTATUS_MPIE
        low = (psw >> MSTATUS_MPP_SHIFT) & 3
        psw = i.select(low == RESERVED_PRIV, psw & ~MSTATUS_MPP, psw)
        i.s.mstatus, i.s.mepc = status & ~mine | psw & mine, pc
        return_m(i)
    leave_stack(i, priv, sp + 2 * WORD_BYTES)
    i.resume()


# ---- block instructions: one word or byte a round; between two rounds they can be interrupted -----------------------
def _fits_word(i, joined):
    """Addresses, or-ed -> condition: the next round can take a whole word."""
    return ((joined & (WORD_BYTES - 1)) == 0) & (i.get("x", A2) >= WORD_BYTES)


def _round(i, pointers, size) -> None:
    """So many bytes are dealt with: the registers say what is left, and the instruction goes on if there is any."""
    for pointer in pointers:
        i.put("x", pointer, i.get("x", pointer) + size)
    left = i.get("x", A2) - size
    i.put("x", A2, left)
    if left != 0:
        i.again()


@op
def move_block(i):
    to, source = i.get("x", A0), i.get("x", A1)
    if i.get("x", A2) == 0:
        return
    size = WORD_BYTES if _fits_word(i, to | source) else 1
    i.store(to, i.load(source, size), size)
    _round(i, (A0, A1), size)


@op
def fill_block(i):
    to, byte = i.get("x", A0), i.get("x", A1) & 0xFF
    if i.get("x", A2) == 0:
        return
    size = WORD_BYTES if _fits_word(i, to) else 1
    i.store(to, byte * 0x0101_0101, size)
    _round(i, (A0,), size)


@op
def compare_block(i):
    first, second = i.get("x", A0), i.get("x", A1)
    if i.get("x", A2) == 0:
        i.put("x", A3, 0)
        return
    if _fits_word(i, first | second):
        if i.load(first, WORD_BYTES) == i.load(second, WORD_BYTES):
            _equal(i, WORD_BYTES)
            return
    one, other = i.load(first, 1), i.load(second, 1)
    if one == other:
        _equal(i, 1)
    else:
        i.put("x", A3, one - other)


def _equal(i, size) -> None:
    """A round of compare_block that has found no difference."""
    i.put("x", A3, 0)
    _round(i, (A0, A1), size)


# ---- the stack of calls ---------------------------------------------------------------------------------------------
@routine(32, 32, 32, returns=32)
def _restore(m, number, mask, va):
    """The register, if it is in the mask, from the stack; the word there is known to be readable -> the next one's
    address."""
    if (mask >> number) & 1 == 0:
        return va
    m.put("x", m.constant("register", number), access.known_word(m, va))
    return va + WORD_BYTES


@slow_op
def return_saved(i):
    sp = i.get("x", SP)
    mask = access.stack_load(i, sp)
    behind = sp + WORD_BYTES + bytes_of(i, mask)
    pc = access.stack_load(i, behind)
    va = sp + WORD_BYTES
    for k in range(MASK_REGISTERS):
        va = _restore(i, i.word(k), mask, va)
    i.put("x", SP, behind + WORD_BYTES)
    i.jump_to(pc)
