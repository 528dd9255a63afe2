"""Page tables, memory maps, frames and open files of guests whose memory is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspect.guests import Guest
from toyos.inspect import InspectError
from toyos.inspect.frames import FREE, FRESH, INODES, PAGE, TABLE
from toyos.inspect.regions import Region

PAGE_SIZE = 4096
STACK_TOP, STACK_MAX = 0x7FFF_F000, 8 << 20
HEAP, BSS, DATA, LOCALS = 3 * PAGE_SIZE - 100, 2 * PAGE_SIZE, 40, 2 * PAGE_SIZE
ALIGN = 16  # of what sbrk gives

# All pages of data, bss and heap are there from the start; of the stack, those that were used.
KNOWN = f"""
.equ LOCALS, {LOCALS}
proc main
        li      a0, {HEAP}
        call    sbrk
        li      t1, LOCALS
        sub     t0, sp, t1
        sw      t1, 0(t0)               # one more page of the stack, and not the one between
        call    fork
        beqz    a0, child
ready:  li      a0, 0
        call    wait
        mv      a0, zero
endp
child:  li      t1, 1
        la      t0, words
        sw      t1, 0(t0)               # its own copy of one page
written:
        call    getpid
        li      a0, 0
        call    exit
.data
words:  .zero   {DATA}
.bss
        .zero   {BSS}
"""


def region(found: list[Region], name: str) -> Region:
    (one,) = (each for each in found if each.name == name)
    return one


def test_the_memory_map_of_a_program_that_is_known(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, KNOWN, mode)
    guest.to("ready")
    process = guest.current
    program = guest.inspector.symbols.program(process.program)
    assert program is not None
    obj = program.object
    found = guest.inspector.memory_map(process)
    assert [each.name for each in found] == ["text", "data", "bss", "heap", "guard", "stack", "arguments"]
    text, data, bss, heap = (region(found, name) for name in ("text", "data", "bss", "heap"))
    assert (text.start, text.end, text.permissions) == (0x1_0000, 0x1_0000 + len(obj.text), "r-x")
    assert text.shared == text.resident and text.cow == 0, "text is shared with the child, and never copied"
    assert (data.start, data.end) == (obj.data_address, obj.data_address + len(obj.data))
    assert (bss.start, bss.end) == (data.end, data.end + obj.bss) and obj.bss >= BSS
    assert heap.start == bss.end and 0 <= heap.end - (bss.end + HEAP) < ALIGN
    for each in (data, bss, heap):
        assert each.resident == (each.end - 1) // PAGE_SIZE - each.start // PAGE_SIZE + 1
        assert each.shared == each.resident - (each.cow == 0) and each.permissions in ("r--", "r--/rw-")
    guard, stack, arguments = (region(found, name) for name in ("guard", "stack", "arguments"))
    assert (guard.end, stack.end, arguments.end) == (stack.start, arguments.start, STACK_TOP)
    assert stack.start == STACK_TOP - STACK_MAX and guard.resident == 0
    pages = [page.address for page in guest.inspector.page_table(process).pages if page.address >= stack.start]
    assert pages == [STACK_TOP - 3 * PAGE_SIZE, STACK_TOP - PAGE_SIZE] and stack.resident == 2
    argc = guest.inspector.memory.user(process.space_root).word(arguments.start)
    name_at = guest.inspector.memory.user(process.space_root).word(arguments.start + 4)
    assert argc == 1 and name_at and guest.inspector.memory.user(process.space_root).text(name_at) == "guest"
    assert process.pages == sum(1 for _ in guest.inspector.page_table(process).pages)


def test_pages_are_shared_after_fork_until_they_are_written(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, KNOWN, mode)
    guest.to("child")
    child = guest.current
    parent = guest.inspector.process(child.ppid)
    assert parent is not None
    words = guest.inspector.symbols.address("words", child)
    before = guest.inspector.page_table(child).page(words)
    assert before is not None and before.cow and before.permissions == "r--u-adc" and before.references == 2
    assert set(before.users) == {(child.pid, before.address), (parent.pid, before.address)}
    guest.to("written")
    after = guest.inspector.page_table(child).page(words)
    assert after is not None and after.permissions == "rw-u-ad-" and not after.shared
    assert after.users == ((child.pid, after.address),) and after.physical != before.physical
    old = guest.inspector.page_table(parent).page(words)
    assert old is not None and old.cow and old.references == 1 and old.physical == before.physical


def test_tables_are_a_tree_and_the_kernels_half_is_in_it_when_wanted(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, KNOWN, mode)
    guest.to("ready")
    process = guest.current
    own = guest.inspector.page_table(process)
    assert len(own.tables) == 3 and own.root == process.space_root, "one table low, one for the stack"
    assert not own.trouble
    whole = guest.inspector.page_table(process.space_root, kernel=True)
    assert whole.pages[: len(own.pages)] == own.pages
    trap = whole.page(guest.parts.symbols["trap"])
    assert trap is not None and trap.permissions[:5] == "r-x-g" and trap.physical == trap.address
    assert whole.page(guest.parts.symbols["kernel_stack_guard"]) is None
    last = whole.page(0x8000_0000 + guest.machine.ram_size - 1)
    assert last is not None and last.size == 4 << 20 and last.permissions[:5] == "rw--g"


def test_every_frame_has_an_owner_whenever_a_process_runs(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, KNOWN, mode)
    looks = 0
    while guest.machine.run(97).reason == "limit":
        if guest.inspector.in_kernel:
            continue
        frames = guest.inspector.frames()
        assert not frames.trouble
        assert frames.count(FREE) + frames.count(FRESH) == guest.computer.counter("KS_FREE")
        assert len(frames.frames) == guest.computer.counter("KS_TOTAL")
        for process in guest.inspector.processes():
            if process.space_root and process.pid:
                root = frames.at(process.space_root)
                assert root is not None and root.kind == TABLE and (process.pid, 0) in root.owners
        looks += 1
    assert looks > 5
    end = guest.inspector.frames()
    assert end.count(INODES) > 0 and end.at(0) is None


def test_frames_are_not_known_before_the_kernel_has_counted_them(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, KNOWN, mode)
    with pytest.raises(InspectError, match="has not counted its frames yet"):
        guest.inspector.frames()
    guest.to("process0_init")
    assert guest.inspector.frames().count(PAGE) == 0


def test_who_has_no_address_space_has_no_map(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, "proc main\n        call fork\n        beqz a0, 1f\n        call wait\n1:\nendp\n", mode)
    guest.to("wake_all", lambda: any(process.state == "Zombie" for process in guest.inspector.processes()))
    zombie = next(process for process in guest.inspector.processes() if process.state == "Zombie")
    for question in (guest.inspector.memory_map, guest.inspector.page_table):
        with pytest.raises(InspectError, match="has given up its address space"):
            question(zombie)
    idle = guest.inspector.process(0)
    assert idle is not None and guest.inspector.memory_map(idle) == []


FILES = """
proc main, frame=16
        la      a0, path
        li      a1, 0
        call    open
        mv      s0, a0
        mv      a0, s0
        mv      a1, sp
        li      a2, 7
        call    read
        mv      a0, s0
        li      a1, 9
        call    dup2
        la      a0, null
        li      a1, 0x401               # O_WRONLY | O_APPEND
        call    open
        la      a0, bin
        li      a1, 0x80000             # O_CLOEXEC
        call    open
        la      a0, bin
        call    chdir
look:   mv      a0, zero
endp
.section .rodata
path:   .asciz  "/etc/init.args"
null:   .asciz  "/dev/null"
bin:    .asciz  "/bin"
"""


def test_descriptors_lead_to_files_by_name(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, FILES, mode)
    guest.to("look")
    found = {each.descriptor: each for each in guest.inspector.open_files(guest.current)}
    assert sorted(found) == [0, 1, 2, 3, 4, 5, 9] and not any(each.trouble for each in found.values())
    assert found[0].inode is not None and found[0].inode.path == "/dev/console" and found[0].references == 6
    assert found[0].operations == "console_ops" and found[0].flags == "read and write"
    file = found[3]
    assert file.inode is not None
    assert (file.inode.path, file.inode.kind, file.offset) == ("/etc/init.args", "file", 7)
    assert file.inode.bytes == len(b"-p\0guest\0") and file.flags == "read" and file.references == 2
    assert found[9].file == file.file and not found[9].close_on_exec
    null, folder = found[4], found[5]
    assert null.inode is not None and (null.inode.path, null.inode.kind) == ("/dev/null", "device")
    assert null.inode.device == 1 << 8 | 3 and null.flags == "write, O_APPEND" and null.operations == "null_ops"
    assert folder.inode is not None and folder.inode.kind == "directory" and folder.close_on_exec
    cwd = guest.current.field("cwd")
    assert cwd is not None and cwd.text == "/bin"
