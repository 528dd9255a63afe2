"""The micro-ops of the RISC modes, written once. A row of vm/isa names the micro-op that executes it.

Sources: Volume I, chapters 2 (RV32I), M, A, Zicsr, Zifencei; Volume II, sections 3.3 and 4.2.
"""

from vm.arch import (
    CAUSE_BREAKPOINT,
    CAUSE_ECALL_U,
    CAUSE_ILLEGAL_INSTRUCTION,
    MSTATUS_TSR,
    MSTATUS_TW,
    PRIV_M,
    PRIV_S,
    PRIV_U,
)
from vm.micro import access
from vm.micro.context import Trap, op, slow_op
from vm.micro.csr import EVENT, ILLEGAL, csr_read, csr_write
from vm.micro.paging import fence_is_refused, flush_tlbs
from vm.micro.traps import pending, return_m, return_s, sleep
from vm.state import EXIT_IDLE


# ---- arithmetic and logic ----------------------------------------------------------------------------------
@op
def add(i): i.rd = i.rs1 + i.rs2
@op
def sub(i): i.rd = i.rs1 - i.rs2
@op
def sll(i): i.rd = i.rs1 << (i.rs2 & 31)
@op
def slt(i): i.rd = i.bit(i.rs1.slt(i.rs2))
@op
def sltu(i): i.rd = i.bit(i.rs1 < i.rs2)
@op
def xor(i): i.rd = i.rs1 ^ i.rs2
@op
def srl(i): i.rd = i.rs1 >> (i.rs2 & 31)
@op
def sra(i): i.rd = i.rs1.sar(i.rs2 & 31)
@op
def or_(i): i.rd = i.rs1 | i.rs2
@op
def and_(i): i.rd = i.rs1 & i.rs2
@op
def addi(i): i.rd = i.rs1 + i.imm
@op
def slti(i): i.rd = i.bit(i.rs1.slt(i.imm))
@op
def sltiu(i): i.rd = i.bit(i.rs1 < i.imm)
@op
def xori(i): i.rd = i.rs1 ^ i.imm
@op
def ori(i): i.rd = i.rs1 | i.imm
@op
def andi(i): i.rd = i.rs1 & i.imm
@op
def slli(i): i.rd = i.rs1 << (i.imm & 31)
@op
def srli(i): i.rd = i.rs1 >> (i.imm & 31)
@op
def srai(i): i.rd = i.rs1.sar(i.imm & 31)
@op
def lui(i): i.rd = i.imm
@op
def auipc(i): i.rd = i.pc + i.imm


# ---- jumps and branches --------------------------------------------------------------------------------------
@op
def jal(i): i.jump(link=True)
@op
def jalr(i): i.jump_to((i.rs1 + i.imm) & ~1, link=True)
@op
def beq(i): i.branch(i.rs1 == i.rs2)
@op
def bne(i): i.branch(i.rs1 != i.rs2)
@op
def blt(i): i.branch(i.rs1.slt(i.rs2))
@op
def bge(i): i.branch(i.rs1.sge(i.rs2))
@op
def bltu(i): i.branch(i.rs1 < i.rs2)
@op
def bgeu(i): i.branch(i.rs1 >= i.rs2)


# ---- loads and stores ------------------------------------------------------------------------------------------
@op
def lb(i): i.rd = i.load(i.rs1 + i.imm, 1).sext(8)
@op
def lh(i): i.rd = i.load(i.rs1 + i.imm, 2).sext(16)
@op
def lw(i): i.rd = i.load(i.rs1 + i.imm, 4)
@op
def lbu(i): i.rd = i.load(i.rs1 + i.imm, 1)
@op
def lhu(i): i.rd = i.load(i.rs1 + i.imm, 2)
@op
def sb(i): i.store(i.rs1 + i.imm, i.rs2, 1)
@op
def sh(i): i.store(i.rs1 + i.imm, i.rs2, 2)
@op
def sw(i): i.store(i.rs1 + i.imm, i.rs2, 4)


# ---- multiplication and division: dividing by zero and the one overflow have defined results --------------------
@op
def mul(i): i.rd = i.rs1 * i.rs2
@op
def mulh(i): i.rd = i.rs1.mulh(i.rs2)
@op
def mulhsu(i): i.rd = i.rs1.mulhsu(i.rs2)
@op
def mulhu(i): i.rd = i.rs1.mulhu(i.rs2)


def _overflows(a, b):
    return (a == 0x8000_0000) & (b == 0xFFFF_FFFF)


@op
def div(i):
    a, b = i.rs1, i.rs2
    safe = i.select((b == 0) | _overflows(a, b), i.word(1), b)  # x / 1 is also the overflow's result
    i.rd = i.select(b == 0, i.word(0xFFFF_FFFF), a.sdiv(safe))


@op
def divu(i):
    a, b = i.rs1, i.rs2
    i.rd = i.select(b == 0, i.word(0xFFFF_FFFF), a.udiv(i.select(b == 0, i.word(1), b)))


@op
def rem(i):
    a, b = i.rs1, i.rs2
    safe = i.select((b == 0) | _overflows(a, b), i.word(1), b)
    i.rd = i.select(b == 0, a, a.srem(safe))


@op
def remu(i):
    a, b = i.rs1, i.rs2
    i.rd = i.select(b == 0, a, a.urem(i.select(b == 0, i.word(1), b)))


# ---- atomics -------------------------------------------------------------------------------------------------------
@slow_op
def lr_w(i): access.load_reserved(i, i.rs1)
@slow_op
def sc_w(i): access.store_conditional(i, i.rs1, i.rs2)
@slow_op
def amoswap_w(i): access.atomic(i, i.rs1, lambda old: i.rs2)
@slow_op
def amoadd_w(i): access.atomic(i, i.rs1, lambda old: old + i.rs2)
@slow_op
def amoxor_w(i): access.atomic(i, i.rs1, lambda old: old ^ i.rs2)
@slow_op
def amoand_w(i): access.atomic(i, i.rs1, lambda old: old & i.rs2)
@slow_op
def amoor_w(i): access.atomic(i, i.rs1, lambda old: old | i.rs2)
@slow_op
def amomin_w(i): access.atomic(i, i.rs1, lambda old: i.select(old.slt(i.rs2), old, i.rs2))
@slow_op
def amomax_w(i): access.atomic(i, i.rs1, lambda old: i.select(old.slt(i.rs2), i.rs2, old))
@slow_op
def amominu_w(i): access.atomic(i, i.rs1, lambda old: i.select(old < i.rs2, old, i.rs2))
@slow_op
def amomaxu_w(i): access.atomic(i, i.rs1, lambda old: i.select(old < i.rs2, i.rs2, old))


# ---- system ----------------------------------------------------------------------------------------------------------
def illegal_instruction(i) -> Trap:
    """xtval receives the instruction: its 16 bits when the low two say that it is short (section 3.1.16)."""
    encoding = i.encoding
    shown = i.select((encoding & 3) == 3, encoding, encoding & 0xFFFF)
    return Trap(i.word(CAUSE_ILLEGAL_INSTRUCTION), shown)


@slow_op
def illegal(i): raise illegal_instruction(i)
@slow_op
def ecall(i): raise Trap(i.s.priv + CAUSE_ECALL_U)
@slow_op
def ebreak(i): raise Trap(i.word(CAUSE_BREAKPOINT), i.pc)
@op
def fence(i): pass  # one hart, and every access happens at once
@op
def fence_i(i): pass  # stores drop the records they touch, so that fetches are never stale


@slow_op
def mret(i):
    if i.s.priv != PRIV_M:
        raise illegal_instruction(i)
    return_m(i)
    i.resume()


@slow_op
def sret(i):
    priv = i.s.priv
    if (priv == PRIV_U) | ((priv == PRIV_S) & ((i.s.mstatus & MSTATUS_TSR) != 0)):
        raise illegal_instruction(i)
    return_s(i)
    i.resume()


@slow_op
def wfi(i):
    """In U-mode, and in S-mode under TW, it traps at once (section 3.1.6.5 allows a time limit of zero).

    The interrupt that ends it is taken behind it (section 3.3.3): a timer is due at the next instruction, and where a
    device woke the hart (`woken`) interrupts are not looked at before it."""
    priv = i.s.priv
    if (priv == PRIV_U) | ((priv == PRIV_S) & ((i.s.mstatus & MSTATUS_TW) != 0)):
        raise illegal_instruction(i)
    if ((pending(i) & i.s.mie) == 0) & (i.s.woken == 0):
        if sleep(i) == 0:
            i.stop(EXIT_IDLE)
    i.s.woken = i.word(0)
    i.resume_next()


@slow_op
def sfence_vma(i):
    """All four forms forget everything: entries of superpages are cached in pieces that an address does not name."""
    if fence_is_refused(i):
        raise illegal_instruction(i)
    flush_tlbs(i)
    i.resume_next()


def _csr(i, operand, combine, writes, reads) -> None:
    """The six CSR instructions. csrrw to x0 does not read; csrrs and csrrc with x0 or 0 do not write."""
    number = i.imm
    old = i.wide(0)
    if reads:
        old = csr_read(i, number, i.bit(writes if combine else False))
        if old.high() != 0:
            raise illegal_instruction(i)
    if not writes:
        i.rd = old.low()
        return
    # csrrs and csrrc return what is read by software, which for mip is not what they combine with.
    value = combine(old.low(), operand) if combine else operand
    shown = csr_read(i, number, i.word(0)) if combine else old
    outcome = csr_write(i, number, value)
    if outcome == ILLEGAL:
        raise illegal_instruction(i)
    i.rd = shown.low()
    if outcome == EVENT:
        i.resume_next()


def _set_bits(old, operand):
    return old | operand


def _clear_bits(old, operand):
    return old & ~operand


@slow_op
def csrrw(i): _csr(i, i.rs1, None, True, i.rd_is_named)
@slow_op
def csrrs(i): _csr(i, i.rs1, _set_bits, i.rs1_index != 0, True)
@slow_op
def csrrc(i): _csr(i, i.rs1, _clear_bits, i.rs1_index != 0, True)
@slow_op
def csrrwi(i): _csr(i, i.rs1_index, None, True, i.rd_is_named)
@slow_op
def csrrsi(i): _csr(i, i.rs1_index, _set_bits, i.rs1_index != 0, True)
@slow_op
def csrrci(i): _csr(i, i.rs1_index, _clear_bits, i.rs1_index != 0, True)
