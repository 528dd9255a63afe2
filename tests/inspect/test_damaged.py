"""Whatever is in memory, every question has an answer or an InspectError: never a loop, never another error."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.inspect.guests import Guest
from toyos.inspect import InspectError
from vm.arch import PAGE_SIZE, PRIV_U, RAM_BASE

PAIR = """
proc main
        call    fork
        beqz    a0, 1f
        mv      a0, zero
        call    wait
1:      call    yield
look:   mv      a0, zero
endp
"""
ROUNDS, CHANGES, REACH = 12, 30, 600  # of noise; bytes from a place on that are likely to be hit
KERNEL_MEMORY = 2 << 20  # bytes: all that the kernel has before the first frame of a process, and some of those


def stopped(folder: Path, mode: str, variant: str | None = None) -> Guest:
    """-> a guest with a parent that waits and a child that runs."""
    guest = Guest(folder, PAIR, mode, variant)
    guest.to("look")
    return guest


def put(guest: Guest, address: int, value: int) -> None:
    guest.machine.write(address, value.to_bytes(4, "little"))


def everything(guest: Guest) -> int:
    """Asks all there is to ask -> how many questions were answered by a sentence."""
    inspector = guest.inspector
    questions: list[Callable[[], object]] = [
        inspector.current, inspector.processes, inspector.queues, inspector.frames, inspector.backtrace,
        inspector.windows,
    ]  # fmt: skip
    for process in inspector.processes():
        for of_one in (inspector.page_table, inspector.memory_map, inspector.open_files, inspector.backtrace):
            questions.append(partial(of_one, process))
        questions.append(partial(getattr, process, "fields"))
        questions.append(partial(getattr, process, "program"))
    refused = 0
    for question in questions:
        try:
            question()
        except InspectError as fault:
            assert str(fault).strip()
            refused += 1
    return refused


def test_a_queue_that_comes_back_to_itself(mode: str, tmp_path: Path) -> None:
    guest = stopped(tmp_path, mode)
    symbols = guest.parts.symbols
    first = int.from_bytes(guest.machine.read(symbols["free_pcbs"], 4), "little")
    second = int.from_bytes(guest.machine.read(first + symbols["P_NEXT"], 4), "little")
    put(guest, second + symbols["P_NEXT"], first)
    (queue,) = (queue for queue in guest.inspector.queue_list() if queue.name == "free")
    assert [process.pcb for process in queue.processes] == [first, second]
    assert queue.trouble == f"after free PCB {second:#010x} it comes back to free PCB {first:#010x}"


def test_links_of_a_queue_that_lead_elsewhere(mode: str, tmp_path: Path) -> None:
    guest = stopped(tmp_path, mode)
    symbols, child = guest.parts.symbols, guest.current
    parent = guest.inspector.process(child.ppid)
    assert parent is not None and parent.state == "Sleep"

    def trouble() -> str:
        name = f"sleep: children of pid {child.ppid}"
        (queue,) = (queue for queue in guest.inspector.queue_list() if queue.name == name)
        return queue.trouble

    assert trouble() == ""
    put(guest, parent.pcb + symbols["P_NEXT"], 0x1234_5678)
    assert trouble() == f"after pid {parent.pid} (guest) it leads to 0x12345678, which is no PCB"
    put(guest, parent.pcb + symbols["P_NEXT"], 0)
    put(guest, parent.pcb + symbols["P_PREV"], child.pcb)
    assert trouble() == f"pid {parent.pid} (guest) says that pid {child.pid} (guest) is before it"
    put(guest, parent.pcb + symbols["P_PREV"], 0)
    put(guest, parent.queue + 4, child.pcb)
    assert trouble() == f"its tail is pid {child.pid} (guest) and its last one pid {parent.pid} (guest)"


def test_a_free_list_of_frames_that_is_damaged(mode: str, tmp_path: Path) -> None:
    guest = stopped(tmp_path, mode)
    root = guest.current.space_root
    put(guest, guest.inspector.symbols.address("free_frames"), root)
    put(guest, root, root)
    trouble = guest.inspector.frames().trouble
    assert f"the free list comes back to {root:#010x}" in trouble
    assert any("is on the free list, and a page table of pid" in sentence for sentence in trouble)
    put(guest, root, 3)
    assert "the free list leads to 0x00000003, which is no frame" in guest.inspector.frames().trouble


def test_words_that_make_no_sense_are_told_as_they_are(mode: str, tmp_path: Path) -> None:
    guest = stopped(tmp_path, mode)
    symbols, pcb = guest.parts.symbols, guest.current.pcb
    for name, value in (
        ("P_STATE", 99), ("P_PARENT", RAM_BASE + 1), ("P_FILES", 16), ("P_CWD", 16), ("P_SPACE", 0x7FFF_F000),
    ):  # fmt: skip
        put(guest, pcb + symbols[name], value)
    process = guest.current
    assert process.state == "unknown state 99" and process.ppid == 0
    texts = {field.name: field.text for field in process.fields}
    assert texts["P_PARENT"] == "0x80000001, which is no PCB"
    assert texts["P_CWD"] == "0x00000010, which is no inode with a name"
    assert guest.inspector.open_files(process)[0].trouble == "descriptor 0 leads to 0x00000010, which is no open file"
    with pytest.raises(InspectError, match="a root page table would be at 0x7ffff000, where there is no RAM"):
        guest.inspector.page_table(process)
    put(guest, symbols["current"], 5)
    assert guest.inspector.current() is None and everything(guest) > 0


def test_a_page_table_that_leads_to_itself(mode: str, tmp_path: Path) -> None:
    guest = stopped(tmp_path, mode)
    root = guest.current.space_root
    for entry in range(root, root + PAGE_SIZE // 2, 4):
        put(guest, entry, root >> 2 | 1)
    put(guest, root, root >> 2 | 0xF)
    table = guest.inspector.page_table(root)
    assert table.trouble[-1].endswith("there are more entries than RAM has frames: they are left out")
    assert table.pages[0].size == 4 << 20 and len(table.trouble) < 2 * guest.machine.ram_size // PAGE_SIZE + 2
    everything(guest)


def test_random_words_in_the_kernels_data_and_in_registers(system: tuple[str, str], tmp_path: Path) -> None:
    guest = stopped(tmp_path, *system)
    noise = random.Random(system[1])
    kernel, state = guest.inspector.symbols.kernel, guest.machine.core.state
    start, end = kernel.object.data_address, kernel.end - 4
    sound = guest.machine.read(RAM_BASE, KERNEL_MEMORY)
    names = "pcb_pool current free_pcbs open_files root_inode reserved free_frames kernel_root frame_table".split()
    for number in range(ROUNDS):
        for _ in range(CHANGES):
            near = kernel.places[noise.choice(names)] + noise.randrange(0, REACH, 4)
            at = near if noise.random() < 0.7 else noise.randrange(start, end, 4)
            value = noise.choice([0, 1, noise.getrandbits(32), noise.randrange(start, end), at, near & -PAGE_SIZE])
            put(guest, at, value)
        for register in range(1, 32):
            guest.machine.x[register] = noise.choice([0, noise.getrandbits(32), noise.randrange(start, end)])
        state["priv"] = PRIV_U if number % 2 else PRIV_U + 1
        guest.machine.pc = kernel.start + noise.randrange(0, len(kernel.object.text), 4)
        everything(guest)
        guest.machine.write(RAM_BASE, sound)
    assert guest.current.name == "guest"
