"""One session, packet by packet: registers, memory, threads, monitor; and nonsense."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gdb.rig import ELF, ENDLESS, TRAP, Crowd, Debugged, debugged, little, machine_of
from vm.arch import RAM_BASE
from vm.gdb_packets import LONGEST
from vm.gdb_target import FIRST_CSR, PC, PRIV, Registers
from vm.machine import Machine


# ---- registers -------------------------------------------------------------------------------------------------------
def test_registers_are_read_and_written() -> None:
    gdb, symbols = debugged()
    general = gdb.ask("g").decode()
    assert len(general) == 33 * 8 and general.endswith(little(symbols["_start"]))
    assert gdb.ask(f"Pa={little(0x1234_5678)}") == b"OK"
    assert gdb.machine.x[10] == 0x1234_5678 and gdb.ask("pa").decode() == little(0x1234_5678)
    assert gdb.ask(f"P0={little(5)}") == b"OK" and gdb.ask("p0") == b"00000000", "x0 stays 0"
    assert gdb.ask("G" + "01000000" * 32 + little(RAM_BASE + 8)) == b"OK"
    assert (gdb.machine.x[31], gdb.machine.x[0], gdb.machine.pc) == (1, 0, RAM_BASE + 8)


def test_csrs_behave_as_if_an_instruction_wrote_them() -> None:
    gdb, _ = debugged()
    number = f"{FIRST_CSR + 0x305:x}"  # mtvec, whose bit 1 cannot be set
    assert gdb.ask(f"P{number}={little(0x8000_0007)}") == b"OK"
    assert gdb.ask(f"p{number}").decode() == little(0x8000_0005) and gdb.machine.csr("mtvec") == 0x8000_0005
    instret = f"{FIRST_CSR + 0xC02:x}"
    assert gdb.ask(f"P{instret}={little(9)}") == b"OK" and gdb.ask(f"p{instret}") == b"00000000", "read-only"
    assert gdb.ask(f"p{PRIV:x}").decode() == little(3)
    assert gdb.ask(f"P{PRIV:x}={little(2)}") == b"OK" and gdb.ask(f"p{PRIV:x}").decode() == little(3), "no such level"
    assert gdb.ask(f"P{PRIV:x}={little(1)}") == b"OK" and gdb.ask(f"p{PRIV:x}").decode() == little(1)


@pytest.mark.parametrize("mode", ["risc", "window"])
def test_the_target_description_names_every_register_once(mode: str) -> None:
    machine = Machine(mode, 1 << 20, "reference")
    registers = Registers(machine)
    tree = ElementTree.fromstring(registers.xml)
    assert tree.findtext("architecture") == "riscv:rv32"
    named = [(each.get("name"), each.get("regnum")) for each in tree.iter("reg")]
    assert len({name for name, _ in named}) == len({number for _, number in named}) == len(named)
    features = {each.get("name") for each in tree.iter("feature")}
    assert {"org.gnu.gdb.riscv.cpu", "org.gnu.gdb.riscv.csr", "org.gnu.gdb.riscv.virtual"} <= features
    assert ("satp", str(FIRST_CSR + 0x180)) in named and ("priv", str(PRIV)) in named
    assert (("w7_ira" in dict(named)), ("cwp" in dict(named))) == ((True, True) if mode == "window" else (False, False))
    counters = {name + half for name in ("mcycle", "minstret") for half in ("", "h")}  # what the next instruction reads
    for register in registers:
        if register.name in counters:
            continue
        before = register.read(machine)
        register.write(machine, before)
        assert register.read(machine) == before, register.name


def test_windows_are_where_the_hart_would_find_them() -> None:
    machine = Machine("window", 1 << 20, "reference", nwin=4)
    registers = {register.name: register for register in Registers(machine)}
    for number in range(1, 32):
        machine.x[number] = 100 + number
    assert registers["w0_s0"].read(machine) == registers["s0"].read(machine) == 108
    assert registers["w1_isp"].read(machine) == 102, "the current window's sp is the next one's isp"
    registers["w2_l2"].write(machine, 77)
    registers["w1_ira"].write(machine, 55)
    assert machine.x[1] == 55
    registers["cwp"].write(machine, 1)
    assert registers["isp"].read(machine) == 102 and registers["ira"].read(machine) == 55
    assert registers["w0_s0"].read(machine) == 108, "now from the file"
    registers["cwp"].write(machine, 2)
    assert registers["l2"].read(machine) == 77


# ---- memory ----------------------------------------------------------------------------------------------------------
def test_memory_is_read_and_written() -> None:
    gdb, symbols = debugged()
    at = symbols["counter"]
    assert gdb.ask(f"m{at:x},8").decode() == little(0) + little(7)
    assert gdb.ask(f"M{at:x},4:0a0b0c0d") == b"OK" and gdb.ask(f"m{at:x},4") == b"0a0b0c0d"
    assert gdb.ask(b"X%x,3:\x01#}" % at) == b"OK" and gdb.ask(f"m{at:x},4") == b"01237d0d"
    assert gdb.ask(f"X{at:x},0:") == b"OK", "gdb asks so whether there are X packets"
    assert gdb.timeline.log, "what gdb writes is an input of the run"


def test_where_there_is_no_memory() -> None:
    gdb, _ = debugged()
    last = RAM_BASE + gdb.machine.ram_size
    assert gdb.ask("m0,4") == gdb.ask("m10000000,1") == gdb.ask(f"m{last:x},4") == b"E14", "devices are not touched"
    assert len(gdb.ask(f"m{last - 2:x},4")) == 4, "the part that there is"
    assert gdb.ask(f"M{last - 2:x},4:01020304") == b"E14" and gdb.ask(f"m{last - 2:x},2") == b"0000", "all or nothing"
    assert len(gdb.ask(f"m{RAM_BASE:x},ffffffff")) == LONGEST


# ---- threads and what else gdb asks ----------------------------------------------------------------------------------
def test_processes_are_threads_that_stand_still() -> None:
    machine, _ = machine_of()
    gdb = Debugged(machine, Crowd())
    assert gdb.ask("qfThreadInfo") == b"m1,3ea" and gdb.ask("qsThreadInfo") == b"l"
    assert gdb.ask("T3ea") == b"OK" and gdb.ask("T5") == b"E03" and gdb.ask("qC") == b"QC1"
    assert bytes.fromhex(gdb.ask("qThreadExtraInfo,3ea").decode()) == b"Sleep & wait"
    assert gdb.ask("Hg3ea") == b"OK" and gdb.ask("Hg7") == b"E03"
    general = gdb.ask("g").decode()
    assert general.startswith("00000000" + "xx" * 4 + little(0x7FFF_0000)) and general.endswith(little(0x1000))
    assert gdb.ask(f"P2={little(1)}") == b"E1e", "what is saved is only looked at"
    assert gdb.ask("vCont;s:3ea").startswith(TRAP) and gdb.timeline.now == 1, "it is the hart that steps"
    assert gdb.ask(f"p{PC:x}").decode() == little(machine.pc), "and that gdb sees then"
    tree = ElementTree.fromstring(gdb.ask("qXfer:threads:read::0,1000")[1:].decode())
    assert [(each.get("id"), each.text) for each in tree] == [("1", "user, pid 1 <init>"), ("3ea", "Sleep & wait")]


def test_a_process_has_its_own_memory() -> None:
    machine, symbols = machine_of()
    table, leaf = RAM_BASE + 0x1_0000, RAM_BASE + 0x1_1000
    machine.write(table, ((leaf >> 12 << 10) | 1).to_bytes(4, "little"))
    page = symbols["counter"] & -4096
    machine.write(leaf + 4, ((page >> 12 << 10) | 0b11).to_bytes(4, "little"))  # virtual page 1, V and R
    gdb = Debugged(machine, Crowd(table))
    at = 0x1000 + symbols["quiet"] - page
    assert gdb.ask(f"m{at:x},4") == b"E14"
    assert gdb.ask("Hg3ea") == b"OK" and gdb.ask(f"m{at:x},4").decode() == little(7)


def test_objects_come_in_portions() -> None:
    machine, _ = machine_of()
    gdb = Debugged(machine, Crowd())
    whole, portion = b"", b"m"
    while portion[:1] == b"m":
        portion = gdb.ask(f"qXfer:osdata:read:processes:{len(whole):x},20")
        assert len(portion) <= 0x21
        whole += portion[1:]
    rows = [{column.get("name"): column.text for column in item} for item in ElementTree.fromstring(whole.decode())]
    assert rows == [{"pid": "1", "name": "<init>"}, {"pid": "2", "name": "s?h"}]
    assert b"processes" in gdb.ask("qXfer:osdata:read::0,1000")
    assert gdb.ask("qXfer:exec-file:read::0,100") == b"l/crowd"
    assert gdb.ask("qXfer:features:read:other.xml:0,10") == gdb.ask("qXfer:osdata:read:x:0,10") == b"E00"
    assert gdb.ask("qXfer:nothing:read::0,10") == gdb.ask("qXfer:osdata:write::0:") == b""
    assert gdb.ask("qXfer:osdata:read::0") == b"E01"


def test_files_are_read_and_not_written() -> None:
    machine, _ = machine_of()
    gdb = Debugged(machine, Crowd())
    name = b"/crowd".hex()
    assert gdb.ask("vFile:setfs:0") == b"F0"
    assert gdb.ask(f"vFile:open:{name},0,0") == b"F1"
    assert gdb.ask("vFile:pread:1,4,0") == b"F4;\x7fELF" and gdb.ask("vFile:pread:1,100,8").endswith(b"#$}*")
    assert gdb.ask("vFile:pread:1,10,999") == b"F0;"
    stat = gdb.ask("vFile:fstat:1")
    assert stat.startswith(b"F40;") and int.from_bytes(stat[4 + 28 : 4 + 36], "big") == len(ELF)
    assert gdb.ask("vFile:close:1") == b"F0" and gdb.ask("vFile:close:1") == gdb.ask("vFile:fstat:1") == b"F-1,9"
    assert gdb.ask(f"vFile:open:{name},1,0") == b"F-1,1e" and gdb.ask("vFile:open:2f78,0,0") == b"F-1,2"
    assert gdb.ask("vFile:open:zz") == b"F-1,16" and gdb.ask("vFile:unlink:2f78") == b""


def test_monitor() -> None:
    machine, symbols = machine_of()
    gdb = Debugged(machine, Crowd())
    assert "monitor echo WORDS" in gdb.monitor("help") and gdb.monitor("").startswith("monitor help")
    assert gdb.monitor("echo a  b") == "a b\n"
    assert "no monitor 'fly'" in gdb.monitor("fly") and "which of these" in gdb.monitor("check")
    gdb.ask("s"), gdb.ask("s")
    assert gdb.monitor("pos").startswith("at instruction 2;") and gdb.monitor("checkpoint").startswith("checkpoint 1:")
    assert "pc 0x80000000" in gdb.monitor("goto start") and gdb.timeline.now == 0
    assert gdb.monitor("restart 1").startswith("at instruction 2,") and gdb.timeline.now == 2
    assert gdb.monitor("goto end") and gdb.timeline.now == 2
    for wrong in ("goto", "goto x", "goto 3", "goto -1", "restart", "restart 2", "end x"):
        assert gdb.monitor(wrong).startswith(
            f"monitor {wrong.split()[0]}: expected"
        ) or "not in the run" in gdb.monitor(wrong)
    assert gdb.monitor("trap") == "no trap so far\n"
    assert gdb.monitor("checkpoints") == "checkpoint 1: instruction 2\n"
    assert gdb.ask("qRcmd,zz") == b"E01"


def test_small_questions() -> None:
    gdb, _ = debugged()
    assert gdb.ask("vMustReplyEmpty") == gdb.ask("") == gdb.ask("!") == gdb.ask("qOffsets") == gdb.ask("\xff") == b""
    assert gdb.ask("qAttached") == b"1" and gdb.ask("qSymbol::") == b"OK"
    assert gdb.session.acknowledges and gdb.ask("QStartNoAckMode") == b"OK" and not gdb.session.acknowledges
    assert gdb.ask("D") == b"OK" and gdb.session.detached
    assert gdb.ask("vKill;1") == b"OK" and gdb.session.killed


LETTERS = st.sampled_from("gGpPmMXZzcsCSbHTDkvqQ?!r")
PIECES = st.lists(
    st.sampled_from(
        ["Cont;", "Cont?", "File:open:", "File:pread:", "File:fstat:", "Xfer:features:read:target.xml:", "Rcmd,",
         "fThreadInfo", "ThreadExtraInfo,", "Supported:", "s", "c", "r", "0", "1", "80000000", "ffffffff", ",", ";",
         ":", "=", "4", "-1", "g", "c-1", "zz", " ", "\0", "00000000", "676f746f203", "_", "+"]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(LETTERS, PIECES) | st.tuples(st.text(max_size=20), st.just("")), max_size=12))
def test_nonsense_is_answered(packets: list[tuple[str, str]]) -> None:
    gdb, _ = debugged(ENDLESS)
    for letter, rest in packets:
        replies = gdb.session.handle((letter + rest).encode("utf-8", "surrogatepass"))
        assert replies or gdb.session.runner.moving or gdb.session.killed
        gdb.session.runner.slice()
        gdb.session.interrupt()
    assert gdb.ask("g") and gdb.ask("m80000000,4")
