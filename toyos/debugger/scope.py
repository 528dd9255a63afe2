"""Names and operators of expressions -> values, as the machine of a session has them now; and back, for `set`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from toyos.build import KERNEL_ADDRESS
from toyos.debugger.replies import Refused
from toyos.debugger.values import CODE, INT, UNSIGNED, VOID, Place, Type, Value
from toyos.debugger.values import WORD as ALL_BITS
from toyos.errors import suggestion
from toyos.kernel_points import PointError
from toyos.symbols import Table
from vm.arch import PRIV_NAMES
from vm.isa import csrs, registers
from vm.isa.specifiers import REGISTER_NAMES
from vm.machine import MachineError
from vm.translation import Untranslated, current_root, read_virtual, write_virtual

if TYPE_CHECKING:
    from toyos.debugger.session import Session

POINTER = VOID.pointer
PSEUDO = ("pc", "priv", "pid", "position")
SHOWN_AS_POINTER = ("sp", "ra", "fp", "isp", "ira")


# ---- registers -------------------------------------------------------------------------------------------------------
def register_names(mode: str) -> tuple[str, ...]:
    """Mode -> the registers that programs of the mode have, in the order in which they are shown."""
    return REGISTER_NAMES if mode == "cisc" else registers.names(mode)


def _register_number(mode: str, name: str) -> int | None:
    if mode == "cisc" and name not in REGISTER_NAMES:
        return None
    return registers.numbers(mode).get(name)


def is_register(mode: str, name: str) -> bool:
    """-> whether something is called that behind a $ in this mode."""
    return name in PSEUDO or name in csrs.numbers(mode) or _register_number(mode, name) is not None


def register(session: Session, name: str) -> Value:
    """Name behind a $ -> its value: a register, a CSR, $pc, $priv, $pid, $position, $1 (a value shown before), or a
    variable of the debugger's own."""
    machine = session.machine
    if name == "pc":
        return Value(machine.pc, CODE, Place("register", name="pc"))
    number = _register_number(machine.mode, name)
    if number is not None:
        kind = POINTER if name in SHOWN_AS_POINTER else INT
        return Value(kind.cut(int(machine.x[number])), kind, Place("register", number, name))
    if name == "priv":
        return Value(session.privilege, text=PRIV_NAMES[session.privilege])
    if name == "pid":
        return Value(session.kernel.current_pid or 0)
    if name == "position":
        return Value(session.position)
    if name in csrs.numbers(machine.mode):
        try:
            return Value(machine.csr(name), UNSIGNED, Place("csr", name=name))
        except MachineError as error:
            raise Refused(str(error)) from None
    if name == "" or name.isdecimal():
        return session.history(int(name) if name else None)
    if name in session.variables:
        return session.variables[name]
    known = [*PSEUDO, *register_names(machine.mode), *csrs.numbers(machine.mode), *session.variables]
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean ${near[0]}?" if near else f"; expected ${', $'.join(known[4:8])} ... or a CSR"
    raise Refused(f"there is no register ${name}{hint}")


# ---- symbols and PCBs ------------------------------------------------------------------------------------------------
def symbol(session: Session, name: str) -> Value:
    """Symbol of the current program or the kernel -> its value. Raises Refused."""
    for table in session.tables():
        if name in table.places:
            return _at_symbol(session, table, name)
        if name in table.values:
            return Value(INT.cut(table.values[name]))
    if is_register(session.machine.mode, name):
        raise Refused(f"there is no symbol {name!r}; the register is ${name}")
    names = [each for table in session.tables() for each in table.places]
    where = " or ".join(table.title for table in session.tables())
    raise Refused(f"there is no symbol {name!r} in {where}{suggestion(name, names)}")


def _at_symbol(session: Session, table: Table, name: str) -> Value:
    """A program and its symbol -> the address of code, or the word of data that lies there now."""
    address = table.places[name]
    if is_code(table, address):
        return Value(address, CODE, symbol=name)
    program = program_name(session, table)
    if program and program != session.program_name:
        runs = f"the current process runs {session.program_name}" if session.program_name else "no process runs"
        fault = f"{name} is data of {program}, and {runs}: `process PID` goes to one that has it"
        return Value(0, INT, Place("memory", address), symbol=name, fault=fault)
    return at(session, address, INT)._replace(symbol=name)


def program_name(session: Session, table: Table) -> str:
    """A program -> what its processes are called in their PCBs; "" for the kernel."""
    if table.start >= KERNEL_ADDRESS:
        return ""
    return table.title.rpartition("/")[2][: session.kernel.symbols["NAME_SIZE"] - 1]


def is_code(table: Table, address: int) -> bool:
    """A program and an address in it -> whether instructions lie there, and not data."""
    return any(start <= address < end for start, end in table.code)


def pcb(session: Session, pid: int | None) -> Value:
    """Pid (None: of the current process) -> its PCB."""
    if pid is None:
        address = session.kernel.word(session.kernel.symbols["current"])
        if not address:
            raise Refused("the kernel has no process yet")
        return Value(address, POINTER, pcb=True)
    found = session.kernel.pcb_of(pid)
    if found is None:
        known = ", ".join(str(process.pid) for process in session.inspector.processes())
        there = f"there are: {known}" if known else "there is none yet"
        raise Refused(f"there is no process {pid} now; {there}; `catch state {pid}` stops when it is made")
    return Value(found, POINTER, pcb=True)


def member(session: Session, value: Value, name: str) -> Value:
    """A PCB and the name of a field -> what the field holds. Raises Refused."""
    if not value.pcb:
        raise Refused(f".{name}: only a PCB has fields, as in pcb(1).{name}")
    process = session.inspector.at(value.number)
    field = process.field(name) if process else None
    if process is None or field is None:
        try:
            session.kernel.field_offset(name)
        except PointError as error:
            raise Refused(str(error)) from None
        raise Refused(f"a PCB has no field {name!r}")
    address = value.number + field.offset
    number = session.kernel.word(address)
    name = name.lower().removeprefix("p_")
    points = name in ("parent", "child", "sibling", "next", "prev")
    kind = POINTER if points else UNSIGNED
    return Value(kind.cut(number), kind, Place("physical", address), pcb=points and number != 0, text=field.text)


# ---- memory ----------------------------------------------------------------------------------------------------------
def read(session: Session, address: int, size: int, physical: bool = False) -> bytes:
    """Virtual (or physical) address -> bytes. Raises Refused where nothing is."""
    root = None if physical else current_root(session.machine)
    try:
        return read_virtual(session.machine, address & ALL_BITS, size, root)
    except Untranslated as error:
        raise Refused(f"cannot read memory at {error}") from None


def at(session: Session, address: int, kind: Type, physical: bool = False) -> Value:
    """Address and type -> what lies there. Memory that is not there is only a fault when its number is used."""
    place = Place("physical" if physical else "memory", address & ALL_BITS)
    try:
        content = read(session, address, kind.size, physical)
    except Refused as fault:
        return Value(0, kind, place, fault=str(fault))
    return Value(kind.cut(int.from_bytes(content, "little")), kind, place)


def sound(value: Value) -> Value:
    """A value that is used for its number -> itself. Raises Refused when it could not be read."""
    if value.fault:
        raise Refused(value.fault)
    return value


def store(session: Session, place: Place | None, kind: Type, number: int) -> None:
    """Puts a number where a value lies. Raises Refused for what cannot be set."""
    machine = session.machine
    if place is None:
        raise Refused("that is no place in which something could be put: expected $register, symbol or *address")
    if place.kind == "variable":
        session.variables[place.name] = Value(number, kind)
        return
    if place.kind == "csr":
        raise Refused(f"${place.name} cannot be set: a CSR changes by what the guest does")
    if place.kind == "register":
        if place.name == "pc":
            machine.pc = number & ALL_BITS
        elif place.address:
            machine.x[place.address] = number & ALL_BITS
        else:
            raise Refused("$zero is always 0")
    else:
        root = None if place.kind == "physical" else current_root(machine)
        try:
            write_virtual(
                machine, place.address, (number & (1 << 8 * kind.size) - 1).to_bytes(kind.size, "little"), root
            )
        except Untranslated as error:
            raise Refused(f"cannot write memory at {error}") from None
    session.poked()


# ---- operators -------------------------------------------------------------------------------------------------------
def cast(session: Session, kind: Type, value: Value) -> Value:
    """(type)value; a symbol without a type of its own gets this one, as in gdb."""
    if value.symbol and value.place is not None and kind.size != 4:
        return at(session, value.place.address, kind, value.place.kind == "physical")
    sound(value)
    return Value(kind.cut(value.number), kind, value.place if kind.size == value.type.size else None)


def unary(session: Session, sign: str, value: Value) -> Value:
    """-x +x ~x !x *x &x."""
    if sign == "&":
        if value.type.code:
            return value
        if value.place is None or value.place.kind not in ("memory", "physical"):
            raise Refused("& wants something that lies in memory, such as a symbol of data")
        return Value(value.place.address, value.type.pointer)
    sound(value)
    if sign == "*":
        return at(session, value.number, value.type.target if value.type.target not in (None, VOID) else INT)
    if sign == "!":
        return Value(int(not value.number))
    kind = value.type if value.type.target is None and not value.type.code else UNSIGNED
    number = {"-": -value.number, "+": value.number, "~": ~value.number}[sign]
    return Value(kind.cut(number), kind)


def element(session: Session, base: Value, index: Value) -> Value:
    """base[index]: of a pointer, or of the array that a symbol of data names."""
    sound(index)
    if base.symbol and base.place is not None:
        return at(session, base.place.address + index.number * base.type.size, base.type)
    target = base.type.target if base.type.target not in (None, VOID) else INT
    assert target is not None
    return at(session, sound(base).number + index.number * target.size, target)


def binary(session: Session, sign: str, left: Value, right: Value) -> Value:
    """left sign right, as C computes with 32 bits."""
    a, b = sound(left).number, sound(right).number
    if sign in ("==", "!=", "<", "<=", ">", ">="):
        if not (left.type.signed and right.type.signed):
            a, b = a & ALL_BITS, b & ALL_BITS
        return Value(int({"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]))
    kind = _common(left, right)
    step = left.type.target.size if left.type.target and sign in "+-" and right.type.target is None else 1
    if sign in "/%":
        if b == 0:
            raise Refused("division by zero")
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        number = quotient if sign == "/" else a - b * quotient
    elif sign in ("<<", ">>"):
        number = a << (b & 31) if sign == "<<" else a >> (b & 31)
    else:
        b *= step
        number = {"+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b}[sign]
    return Value(kind.cut(number), kind)


def _common(left: Value, right: Value) -> Type:
    """-> the type of the result: a pointer stays one, unsigned wins."""
    for value in (left, right):
        if value.type.target is not None:
            return value.type
        if value.type.code:
            return POINTER
    return INT if left.type.signed and right.type.signed else UNSIGNED
