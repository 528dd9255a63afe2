"""The linker's rules: which definition wins, which member joins, where things go, what is said when they cannot."""

from functools import partial

import pytest

from assembler import assemble
from assembler.archiver import Archive, archive
from assembler.linker import Linker, LinkError
from assembler.linker import link as link_inputs
from vm import aout
from vm.aout import Object, Symbol

link = partial(link_inputs, text=0x10000)


def obj(name: str, source: str) -> Object:
    return assemble(source, filename=name)


def lib(**members: str) -> Archive:
    return archive({f"{name}.o": obj(f"{name}.s", source) for name, source in members.items()}, "lib.a")


def addresses(output: Object) -> dict[str, int]:
    return {symbol.name: symbol.value for symbol in output.symbols}


def words(content: bytes) -> list[int]:
    return [int.from_bytes(content[i : i + 4], "little") for i in range(0, len(content), 4)]


def problems(*inputs: Object | Archive, **options: object) -> list[str]:
    with pytest.raises(LinkError) as caught:
        link(inputs, **options)
    return caught.value.problems


START = ".globl _start\n_start: ret\n"


def test_sections_follow_each_other_in_order_of_inputs() -> None:
    a = obj("a.s", START + ".data\nx: .word 1, 2\n.bss\n.space 5")
    b = obj("b.s", ".globl b\nb: nop\n.data\n.balign 16\n.globl y\ny: .word 3\n.bss\n.globl z\nz: .space 3")
    output = link([a, b])
    where = addresses(output)
    assert (where["_start"], where["b"]) == (0x10000, 0x10004)
    assert (where["y"], where["_edata"]) == (0x11010, 0x11014)
    assert where["z"] == 0x11014 + 8  # a's five bytes, rounded up to b's alignment
    assert where["_end"] == 0x11014 + 12
    assert words(output.data) == [1, 2, 0, 0, 3]
    assert output.entry == 0x10000


@pytest.mark.parametrize(("magic", "data"), [(aout.OMAGIC, 0x10008), (aout.NMAGIC, 0x11000), (aout.ZMAGIC, 0x11000)])
def test_magic_decides_where_data_goes(magic: int, data: int) -> None:
    source = START + ".word here\n.data\nhere: .word 7\n.bss\n.globl b\nb: .space 4"
    output = link([obj("a.s", source)], magic=magic)
    assert output.data_address == data
    assert words(output.text)[1] == data
    again = aout.read(aout.write(output))
    assert again == output
    size = 4096 if magic == aout.ZMAGIC else 4
    assert len(output.data) == size and addresses(output)["b"] == data + size


def test_alignment_larger_than_a_page_is_kept() -> None:
    a = obj("a.s", START + ".bss\n.globl one\none: .space 1")
    b = obj("b.s", ".bss\n.balign 16384\n.globl two\ntwo: .space 4\n.data\n.balign 8192\n.globl three\nthree: .word 1")
    where = addresses(link([a, b]))
    assert where["two"] % 16384 == 0 and where["three"] % 8192 == 0
    assert where["one"] < where["two"] < where["_end"]


def test_equal_inputs_give_equal_bytes_and_inputs_stay_as_they_were() -> None:
    inputs = [obj("a.s", START + "call f\n.comm c, 8, 8"), lib(f=".globl f\nf: la a0, c\nret\n.comm c, 4")]
    first = aout.write(link(inputs))
    assert aout.write(link(inputs)) == first


class TestArchives:
    def test_members_join_only_when_wanted(self) -> None:
        linker = Linker()
        linker.run(
            [obj("a.s", START + "call f"), lib(g=".globl g\ng: ret", f=".globl f\nf: call g", h=".globl h\nh: ret")]
        )
        assert [member.name for member, _, _ in linker.pulled] == ["lib.a(f.o)", "lib.a(g.o)"]
        assert [(user.name, name) for _, user, name in linker.pulled if user] == [("a.s", "f"), ("lib.a(f.o)", "g")]

    def test_an_archive_serves_only_what_is_wanted_when_its_turn_comes(self) -> None:
        early = problems(lib(f=".globl f\nf: ret"), obj("a.s", START + "call f"))
        assert early == ["undefined symbol 'f', used by a.s: text+0x4 (a.s:3)"]

    def test_a_group_is_searched_until_nothing_more_is_found(self) -> None:
        one, two = lib(f=".globl f\nf: call g"), lib(g=".globl g\ng: call h")
        three = lib(h=".globl h\nh: ret")
        start = obj("a.s", START + "call f")
        assert problems(start, three, two, one)
        assert "h" in addresses(link([start, [three, two, one]]))

    def test_a_weak_reference_pulls_nothing(self) -> None:
        output = link([obj("a.s", START + ".weak f\n.word f"), lib(f=".globl f\nf: ret")])
        assert words(output.text)[1] == 0

    def test_undefined_option_and_entry_pull(self) -> None:
        parts = lib(f=".globl f\nf: ret", begin=".globl begin\nbegin: ret")
        linker = Linker(undefined=["f"], entry="begin")
        linker.run([obj("a.s", "nop"), parts])
        assert [name for _, _, name in linker.pulled] == ["f", "begin"]

    def test_a_damaged_member_is_named(self) -> None:
        parts = lib(f=".globl f\nf: ret")
        parts.definitions()
        parts.members[0].content = parts.members[0].content[:40]
        with pytest.raises(aout.AoutError, match=r"lib\.a\(f\.o\): truncated"):
            link([obj("a.s", START + "call f"), parts])


class TestDefinitions:
    def value(self, *definitions: str) -> int:
        """What `x` is to a program that is linked from these objects: the word at it."""
        parts = [obj(f"{number}.s", source) for number, source in enumerate(definitions)]
        output = link([obj("a.s", START + ".data\n.word x"), *parts])
        at = words(output.data)[0]
        return words(output.data)[(at - output.data_address) // 4] if at < addresses(output)["_edata"] else at

    STRONG, WEAK, COMMON = ".data\n.globl x\nx: .word 100", ".data\n.weak x\nx: .word 200", ".comm x, 4"

    def test_strong_beats_weak(self) -> None:
        assert self.value(self.STRONG, self.WEAK) == self.value(self.WEAK, self.STRONG) == 100

    def test_the_first_weak_one_wins(self) -> None:
        assert self.value(self.WEAK, ".data\n.weak x\nx: .word 300") == 200

    def test_strong_beats_common_and_common_beats_weak(self) -> None:
        assert self.value(self.COMMON, self.STRONG) == self.value(self.STRONG, self.COMMON) == 100
        assert self.value(self.COMMON, self.WEAK) == self.value(self.WEAK, self.COMMON) >= 0x11000

    def test_the_largest_common_wins(self) -> None:
        parts = [obj("a.s", START + ".comm x, 4"), obj("b.s", ".comm x, 100, 64"), obj("c.s", ".comm x, 40")]
        where = addresses(link(parts))
        assert where["x"] % 64 == 0 and where["_end"] - where["x"] == 100

    def test_the_linker_defines_what_programs_ask_for(self) -> None:
        names = ["_etext", "etext", "_edata", "edata", "__bss_start", "_end", "end", "__global_pointer$"]
        source = START + f".data\n.word {', '.join(names)}\n.bss\n.space 8"
        output = link([obj("a.s", source)])
        data = output.data_address
        edge = data + len(output.data)
        assert words(output.data) == [0x10004, 0x10004, edge, edge, edge, edge + 8, edge + 8, data + 0x800]

    def test_a_program_may_define_these_itself(self) -> None:
        output = link([obj("a.s", START + ".globl _end\n_end: .word end")])
        assert addresses(output)["_end"] == 0x10004

    def test_defsym(self) -> None:
        output = link([obj("a.s", START + ".word NPROC")], defsyms={"NPROC": 64})
        assert words(output.text)[1] == 64

    def test_local_symbols_do_not_meet(self) -> None:
        a = obj("a.s", START + "x: .word x")
        b = obj("b.s", "x: .word x")
        assert words(link([a, b]).text)[1:] == [0x10004, 0x10008]


class TestProblems:
    def test_all_undefined_symbols_with_their_users(self) -> None:
        found = problems(obj("a.s", START + "call prnt\ncall zip"), obj("b.s", "lw a0, zip\n.globl print\nprint: ret"))
        assert found == [
            "undefined symbol 'prnt', used by a.s: text+0x4 (a.s:3); did you mean 'print'?",
            "undefined symbol 'zip', used by a.s: text+0xc (a.s:4), b.s: text+0x0 (b.s:1)",
        ]

    def test_all_duplicates_with_their_places(self) -> None:
        again = ".globl f, g\nf: nop\ng: nop"
        found = problems(obj("a.s", START + again), obj("b.s", again), obj("c.s", ".globl f\nf: nop"))
        assert found == [
            "b.s: text+0x0 (b.s:2): symbol 'f' is defined again; first defined in a.s: text+0x4 (a.s:4)",
            "c.s: text+0x0 (c.s:2): symbol 'f' is defined again",
            "b.s: text+0x4 (b.s:3): symbol 'g' is defined again; first defined in a.s: text+0x8 (a.s:5)",
        ]

    def test_a_branch_out_of_reach(self) -> None:
        found = problems(obj("a.s", START + "far_call: jal far"), obj("b.s", ".space 0x100000\n.globl far\nfar: ret"))
        assert found == [
            "a.s: text+0x4 (a.s:3): JAL relocation against 'far': a jump cannot go 1048580 bytes, "
            "expected -1048576 to 1048574"
        ]

    def test_modes_do_not_mix(self) -> None:
        other = Object(mode="cisc", text=bytes(4), name="c.o")
        assert problems(obj("a.s", START), other) == ["c.o is cisc code, but a.s is risc code"]

    def test_an_executable_is_no_input(self) -> None:
        program = link([obj("a.s", START)])
        program.name = "a.out"
        assert problems(program) == ["a.out: already linked; expected an object file or an archive"]

    def test_nothing_to_link(self) -> None:
        assert problems(lib(f="f: ret")) == ["nothing to link: no object among the inputs"]

    @pytest.mark.parametrize("text", [0x10010, -4096, 1 << 32])
    def test_text_address(self, text: int) -> None:
        (sentence,) = problems(obj("a.s", START), text=text)
        assert "is not a 32-bit multiple of 4096" in sentence

    def test_a_program_beyond_the_address_space(self) -> None:
        (sentence,) = problems(obj("a.s", START + ".bss\n.space 0xf0000000"), text=0x8000_0000)
        assert "beyond the 32-bit address space" in sentence

    def test_entry_outside_the_first_page(self) -> None:
        (sentence,) = problems(obj("a.s", ".space 4096\n" + START))
        assert "entry _start is 0x11000, outside the first page of text, which begins at 0x10000" in sentence

    def test_entry_by_name_must_exist(self) -> None:
        assert problems(obj("a.s", START), entry="main") == ["undefined symbol 'main', used by the command line"]

    def test_without_start_the_program_begins_at_text_with_a_warning(self) -> None:
        linker = Linker()
        assert linker.run([obj("a.s", "ret")]).entry == 0x10000
        assert linker.warnings == ["cannot find entry symbol _start; the program starts at 0x10000"]

    def test_long_lists_are_cut(self) -> None:
        found = problems(obj("a.s", START + "\n".join(f".word u{i}" for i in range(50))))
        assert len(found) == 21 and found[-1] == "... and 30 more problems"


class TestRelocatable:
    PARTS = (
        START + "la a0, x\ncall f\n.data\nx: .word y+4, f\n",
        ".globl f, y\nf: ret\n.data\ny: .word f\n.comm c, 8, 8",
    )

    def test_linking_in_two_steps_gives_the_same_program(self) -> None:
        parts = [obj(f"{i}.s", source) for i, source in enumerate(self.PARTS)]
        whole = link([link(parts, relocatable=True)])
        assert whole == link(parts)

    def test_undefined_and_common_symbols_stay_so(self) -> None:
        output = link([obj("a.s", START + "call nobody\n.comm c, 8, 8")], relocatable=True)
        assert output.relocatable and output.magic == aout.OMAGIC
        assert Symbol("nobody") in output.symbols
        assert Symbol("c", "common", 8, align=8) in output.symbols
        assert aout.read(aout.write(output)) == output

    def test_a_name_wanted_by_one_object_stays_wanted(self) -> None:
        weak, strong = obj("a.s", START + ".weak f\n.word f"), obj("b.s", "call f")
        output = link([weak, strong], relocatable=True)
        assert Symbol("f") in output.symbols
        assert "undefined symbol 'f'" in problems(output)[0]
        assert Symbol("f", binding="weak") in link([weak], relocatable=True).symbols

    def test_alignment_is_kept(self) -> None:
        output = link([obj("a.s", "nop"), obj("b.s", ".data\n.balign 64\n.word 1")], relocatable=True)
        assert output.data_align == 64


def test_code_after_data_is_marked_as_code_again() -> None:
    a = obj("a.s", START + ".rodata\n.word 1")
    b = obj("b.s", ".globl b\nb: ret")
    output = link([a, b])
    marks = [(s.name, s.value) for s in output.symbols if s.name in ("$x", "$d")]
    assert sorted(marks, key=lambda mark: mark[1])[-2:] == [("$d", 0x10004), ("$x", 0x10008)]


def test_lines_move_with_their_text() -> None:
    output = link([obj("a.s", START), obj("b.s", "nop\nnop")])
    assert [tuple(line) for line in output.lines] == [(0x10000, "a.s", 2), (0x10004, "b.s", 1), (0x10008, "b.s", 2)]
