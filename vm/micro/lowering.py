"""One instruction of cisc mode -> the micro-ops it is made of. Written once, for both executors.

The order of a sequence is what makes faults precise: loads of operands, the operation on temporaries, stores, then the
changes of registers that specifiers have stepped, then what ends the instruction. Until the last access that can fault
nothing but temporaries changes. A specifier that steps a register leaves a pending change (`low_delta`), which later
specifiers take into account: -(sp) as destination is a store at sp - 4 and an addition behind it.

Lowering reads the instruction's bytes from the state field `code`, and keeps its notes in the fields low_*:
    low_kind    each operand: its kind (templates.KINDS)
    low_value   register with its value; for access a with its address
    low_base, low_offset    where it is in memory; low_base NOWHERE for the others
    low_number  what a direct operand holds
    low_delta   pending change of each register that a specifier can name
"""

from __future__ import annotations

from vm.isa.specifiers import LITERAL_END, MASK_REGISTERS, REGISTERS
from vm.micro.context import routine
from vm.micro.layout import WORD_BYTES
from vm.micro.templates import (
    ADDRESS,
    FIRST_DIRECT,
    KINDS,
    MODE_NUMBERS,
    OPERAND,
    OPERANDS,
    SP,
    SP_NUMBER,
    STEPS,
    SUM,
    TEMPORARY,
    VALUE,
    Action,
    Immediate,
)
from vm.state import SINK

NOWHERE = 255
_A, _W, _M = ord("a"), ord("w"), ord("m")
_MODES = {name: number for name, number in MODE_NUMBERS.items() if name != "index"}


def _code(m, at):
    """Byte of the instruction."""
    return m.get("code", at)


def _raw(m, at):
    """Four bytes of the instruction as a word."""
    return _code(m, at) | _code(m, at + 1) << 8 | _code(m, at + 2) << 16 | _code(m, at + 3) << 24


def _access(m, k):
    return m.constant("access", m.get("low_kind", k))


@routine(32, 32, returns=32)
def _extension(m, at, size):
    """Bytes of the instruction from there on, as a number with its sign."""
    raw = _raw(m, at)
    return m.select(size == 1, raw.sext(8), m.select(size == 2, raw.sext(16), raw))


@routine(32, 32)
def _read_register(m, k, number):
    """Operand k is a register that is read, with its pending change, cut to the operand's width."""
    register, delta = m.constant("register", number), m.get("low_delta", number)
    if delta != 0:
        m.emit("addi", k + VALUE, register, 0, delta)
        register = k + VALUE
    narrow = m.constant("narrow_op", m.get("low_kind", k))
    if narrow != 0:
        m.emit_number(narrow, k + VALUE, register, 0, 0)
        register = k + VALUE
    m.put("low_value", k, register)


@routine(32, 32)
def _register_operand(m, k, number):
    """Operand k is a register."""
    access = _access(m, k)
    whole = m.constant("insert_op", m.get("low_kind", k)) == 0
    if access == _W:
        m.put("low_value", k, m.select(whole, m.constant("register", number), k + VALUE))
    elif (access == _M) & whole & (m.get("low_delta", number) == 0):
        m.put("low_value", k, m.constant("register", number))
        for j in range(OPERANDS - 1):  # read before: what they have read must not change with it
            _protect(m, m.word(j), m.constant("register", number), m.bit(k > j))
    else:
        _read_register(m, k, number)


@routine(32, 32, 32)
def _protect(m, k, register, wanted):
    """Operand k keeps its value although the register it is in is about to change."""
    if (wanted != 0) & (m.get("low_value", k) == register):
        m.emit("addi", k + VALUE, register, 0, 0)
        m.put("low_value", k, k + VALUE)


@routine(32, 32, 32, 32)
def _memory_operand(m, k, base, offset, index):
    """Operand k is in memory, at a base register and a distance; `index`: number of an index register, or NOWHERE."""
    kind = m.get("low_kind", k)
    if index != NOWHERE:
        m.emit("add", k + ADDRESS, k + SUM, base, 0)
        base = k + ADDRESS
    m.put("low_base", k, base)
    m.put("low_offset", k, offset)
    access = m.constant("access", kind)
    if access == _A:
        if offset != 0:
            m.emit("addi", k + VALUE, base, 0, offset)
            base = k + VALUE
        m.put("low_value", k, base)
        m.put("low_base", k, NOWHERE)
    elif access == _W:
        m.put("low_value", k, k + VALUE)
    else:
        m.emit_number(m.constant("load_op", kind), k + VALUE, base, 0, offset)
        m.put("low_value", k, k + VALUE)


@routine(32, 32)
def _index(m, k, number):
    """The index register of operand k, times the operand's size, into SUM."""
    register, delta = m.constant("register", number), m.get("low_delta", number)
    if delta != 0:
        m.emit("addi", k + SUM, register, 0, delta)
        register = k + SUM
    size = m.constant("size", m.get("low_kind", k))
    m.emit("slli", k + SUM, register, 0, size >> 1)  # 1, 2, 4 -> 0, 1, 2


@routine(32, 32, returns=32)
def _specifier(m, k, at):
    """Operand k, whose specifier begins at this byte -> where the next one begins; 0 if it is reserved."""
    kind = m.get("low_kind", k)
    first = _code(m, at)
    indexed = m.constant("mode", first) == MODE_NUMBERS["index"]
    at = m.select(indexed, at + 1, at)
    byte = _code(m, at)
    mode = m.constant("mode", byte)
    allowed = m.constant("allowed", mode * len(KINDS) + kind)
    nested = m.bit(indexed) & (m.constant("in_memory", mode) ^ 1)
    if (allowed == 0) | (nested != 0):
        return m.word(0)
    number, size = byte & 15, m.constant("size", kind)
    behind = at + 1 + m.constant("extra", mode)
    value = _extension(m, at + 1, m.constant("extra", mode))
    index = m.select(indexed, first & 15, m.word(NOWHERE))
    if indexed:
        _index(m, k, index)
    base, delta = m.constant("register", number), m.get("low_delta", number)
    found = m.switch(mode, list(_MODES.values()))
    name = next((name for name, number in _MODES.items() if number == found), "")
    match name:
        case "literal":
            m.emit("lui", k + VALUE, 0, 0, byte & (LITERAL_END - 1))
            m.put("low_value", k, k + VALUE)
        case "immediate8" | "immediate16" | "immediate32":
            m.emit("lui", k + VALUE, 0, 0, value)
            m.put("low_value", k, k + VALUE)
        case "register":
            _register_operand(m, k, number)
        case "deferred":
            _memory_operand(m, k, base, delta, index)
        case "decrement":
            m.put("low_delta", number, delta - size)
            _memory_operand(m, k, base, delta - size, index)
        case "increment":
            m.put("low_delta", number, delta + size)
            _memory_operand(m, k, base, delta, index)
        case "absolute":
            _memory_operand(m, k, m.word(0), value, index)
        case "displacement8" | "displacement32":
            _memory_operand(m, k, base, value + delta, index)
        case "relative8" | "relative32":
            m.emit("auipc", k + ADDRESS, 0, 0, value + behind)
            _memory_operand(m, k, k + ADDRESS, m.word(0), index)
        case _:
            return m.word(0)
    return behind


@routine(32, 32, returns=32)
def _operand(m, k, at):
    """Operand k, if there is one -> where the next one begins; 0 stands for an illegal instruction, here and before."""
    kind = m.get("low_kind", k)
    if (kind == 0) | (at == 0):
        return at
    if kind >= FIRST_DIRECT:
        size = m.constant("size", kind)
        m.put("low_number", k, _extension(m, at, size) & m.constant("number_mask", kind))
        return at + size
    return _specifier(m, k, at)


# ---- templates -------------------------------------------------------------------------------------------------------
def _register(m, code):
    """Register of a step: itself, or an operand's value."""
    is_operand = code >= OPERAND
    return m.select(is_operand, m.get("low_value", m.select(is_operand, code - OPERAND, m.word(0))), code)


def _push(m, register) -> None:
    below = m.get("low_delta", SP_NUMBER) - WORD_BYTES
    m.put("low_delta", SP_NUMBER, below)
    m.emit("sw", SINK, SP, register, below)


def _pop(m, register) -> None:
    here = m.get("low_delta", SP_NUMBER)
    m.put("low_delta", SP_NUMBER, here + WORD_BYTES)
    m.emit("lw", register, SP, 0, here)


@routine(32, 32)
def _push_register(m, number, mask):
    """Pushes the register, with its pending change, if it is in the mask."""
    if (mask >> number) & 1 != 0:
        register, delta = m.constant("register", number), m.get("low_delta", number)
        if delta != 0:
            m.emit("addi", TEMPORARY + 1, register, 0, delta)
            register = m.word(TEMPORARY + 1)
        _push(m, register)


@routine(32, 32)
def _pop_register(m, number, mask):
    """Pops the register, if it is in the mask."""
    if (mask >> number) & 1 != 0:
        _pop(m, m.constant("register", number))


def bytes_of(m, mask):
    """Mask -> bytes that its registers take on the stack."""
    total = m.word(0)
    for k in range(MASK_REGISTERS):
        total = total + ((mask >> k) & 1)
    return total * WORD_BYTES


@routine(32, 32)
def _move(m, to, source):
    """rd = rs1: the value is put there at once where the last micro-op has made it."""
    k = to - OPERAND
    if m.get("low_base", k) != NOWHERE:
        m.put("low_value", k, source)  # will be stored
    elif m.get("low_value", k) == k + VALUE:
        m.put("low_value", k, source)  # will be inserted
    elif (source > SINK) & (m.last_rd() == source):
        m.set_last_rd(m.get("low_value", k))
    else:
        m.emit("addi", m.get("low_value", k), source, 0, 0)


@routine(32, 32)
def _step(m, number, length):
    """A step of the template: its micro-ops."""
    rd, rs1 = m.constant("step_rd", number), _register(m, m.constant("step_rs1", number))
    raw, what = m.constant("step_imm", number), m.constant("step_what", number)
    k = m.select(what >= Immediate.TARGET, raw, m.word(0))
    direct = m.get("low_number", k)
    imm = m.select(what == Immediate.NEXT, length, m.select(what == Immediate.TARGET, direct + length, raw))
    imm = m.select(what == Immediate.NUMBER, direct, imm)
    op = m.constant("step_op", number)
    mask = m.get("low_number", m.select(rd < OPERANDS, rd, m.word(0)))
    match m.switch(m.constant("step_action", number), list(Action)):
        case Action.MICRO:
            rs2 = _register(m, m.constant("step_rs2", number))
            m.emit_number(op, _register(m, rd), rs1, rs2, imm)
        case Action.MOVE:
            _move(m, rd, rs1)
        case Action.PUSH:
            if op != 0:
                m.emit_number(op, rd, 0, 0, imm)
            _push(m, rs1)
        case Action.POP:
            _pop(m, rd)
        case Action.PROBE_PUSH:
            _probe_push(m, bytes_of(m, mask) + imm)
        case Action.PUSH_REGISTERS:
            for k in reversed(range(MASK_REGISTERS)):
                _push_register(m, m.word(k), mask)
        case Action.PROBE_POP:
            if mask != 0:
                m.emit("probe_read", SINK, SP, 0, 0)
                m.emit("probe_read", SINK, SP, 0, bytes_of(m, mask) - WORD_BYTES)
        case Action.POP_REGISTERS:
            for k in range(MASK_REGISTERS):
                _pop_register(m, m.word(k), mask)


@routine(32)
def _probe_push(m, size):
    """So many bytes can be pushed: the stack's words there are writable, all of them."""
    if size != 0:
        top = m.get("low_delta", SP_NUMBER)
        m.emit("probe_write", SINK, SP, 0, top - WORD_BYTES)
        m.emit("probe_write", SINK, SP, 0, top - size)


# ---- the ends --------------------------------------------------------------------------------------------------------
@routine(32)
def _store_operand(m, k):
    """A written operand that is in memory is stored."""
    access, base = _access(m, k), m.get("low_base", k)
    if ((access == _W) | (access == _M)) & (base != NOWHERE):
        store = m.constant("store_op", m.get("low_kind", k))
        m.emit_number(store, SINK, base, m.get("low_value", k), m.get("low_offset", k))


@routine(32, 32)
def _keep_result(m, k, number):
    """A written operand that is a whole register has the last word: a pending change of the register is dropped."""
    access, value = _access(m, k), m.get("low_value", k)
    whole = m.constant("insert_op", m.get("low_kind", k)) == 0
    if ((access == _W) | (access == _M)) & whole & (m.get("low_base", k) == NOWHERE):
        m.put("low_delta", number, 0)
        register = m.constant("register", number)
        if value != register:
            m.emit("addi", register, value, 0, 0)


@routine(32, 32)
def _commit(m, number, ends):
    """A pending change of a register is made; operands that the end of the instruction still needs are kept."""
    delta = m.get("low_delta", number)
    if delta != 0:
        register = m.constant("register", number)
        for k in range(OPERANDS):
            _protect(m, m.word(k), register, ends)
        m.emit("addi", register, register, 0, delta)


@routine(32, 32)
def _insert_operand(m, k, number):
    """A written operand that is part of a register is put into it."""
    insert = m.constant("insert_op", m.get("low_kind", k))
    if (insert != 0) & (m.get("low_base", k) == NOWHERE):
        register = m.constant("register", number)
        m.emit_number(insert, register, register, m.get("low_value", k), 0)


@routine(32, 32, 32)
def _step_if(m, number, wanted, length):
    """A step, unless there are fewer."""
    if wanted != 0:
        _step(m, number, length)


@routine(returns=32)
def lower(m):
    """The instruction in `code` -> its length; its micro-ops have been emitted, all but the one that goes on to the
    next instruction. An instruction that does not exist has length 1 and the one micro-op `illegal`."""
    opcode = _code(m, 0)
    for k in range(OPERANDS):
        m.put("low_kind", k, m.constant(f"kind{k}", opcode))
        m.put("low_base", k, NOWHERE)
        m.put("low_value", k, NOWHERE)
    for number in range(len(REGISTERS)):
        m.put("low_delta", number, 0)
    at = m.select(m.constant("template_steps", opcode) == 0, m.word(0), m.word(1))
    numbers = []  # of the operands that are registers: in their specifiers' bytes
    for k in range(OPERANDS):
        numbers.append(_code(m, at) & 15)
        at = _operand(m, m.word(k), at)
    if at == 0:
        m.forget_emitted()
        m.emit("illegal", SINK, 0, 0, 0)
        return m.word(1)
    count, first, ends = (m.constant(name, opcode) for name in ("template_steps", "template", "ends"))
    for k in range(STEPS):
        _step_if(m, first + k, m.bit((count - ends) > k), at)
    for k in range(OPERANDS):
        _store_operand(m, m.word(k))
    for k in range(OPERANDS):
        _keep_result(m, m.word(k), numbers[k])
    for number in range(len(REGISTERS)):
        _commit(m, m.word(number), ends)
    for k in range(OPERANDS):
        _insert_operand(m, m.word(k), numbers[k])
    _step_if(m, first + count - 1, ends, at)
    return at
