"""Cost models: every model is whole, cycles are what its file says, and a wrong file is told where it is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from benchmarks.context_switch.costs import FOLDER, PENALTIES, CostError, CostModel, load, names
from vm.machine import MODES
from vm.meter import CLASSES, COUNTERS, Meter


def test_every_mode_has_a_model_and_the_neutral_one() -> None:
    models = [load(name) for name in names()]
    for mode in MODES:
        assert [model for model in models if mode in model.modes and model.name != "neutral"]
    assert load("neutral").modes == tuple(MODES)


@pytest.mark.parametrize("name", names())
def test_a_model_is_whole(name: str) -> None:
    model = load(name)
    assert model.name == name
    Meter(**model.shapes())
    notes = model.notes()
    assert all("ASSUMED" in note for note in notes[notes.index(next(n for n in notes if "ASSUMED" in n)) :])
    told = {word for note in notes for word in note.partition(": ")[0].split(", ")}
    assert told >= {*model.penalties, *(f"class {each}" for each in model.classes), "clock"}


def test_penalties_are_counters_and_classes_are_the_meters() -> None:
    assert {counter for counter, _ in PENALTIES.values()} <= set(COUNTERS.names or ())
    assert all(set(load(name).classes) <= set(CLASSES) for name in names())


def test_cycles_are_linear() -> None:
    model = load("r3000")
    assert model.cycles({"classes alu": 10, "classes load": 2, "loads": 2, "load_use": 1}) == 10 + 2 + 1
    assert model.cycles({"classes mul": 1, "classes div": 1}) == 12 + 35
    assert model.cycles({"classes dump": 1, "stores": 31}) == 1 + 31, "a dump issues once and stores each word"
    assert model.cycles({"exceptions 8": 2, "returns": 2}) == 2 * (4 + 1)
    assert model.cycles({"fetched_bytes": 100, "levels user": 5, "masked": 7}) == 0, "these are no cycles"
    assert model.microseconds(50) == 2.0
    with pytest.raises(ValueError, match="model r3000 has no cycles for class 'queue'"):
        model.cycles({"classes queue": 1})


# Published times of whole instructions, which the models put together from parts: name -> (model, counters, cycles).
PUBLISHED = {
    "LEON2 ld": ("leon", {"classes load": 1, "loads": 1}, 1),
    "LEON2 st": ("leon", {"classes store": 1, "stores": 1}, 2),
    "LEON2 atomic": ("leon", {"classes amo": 1, "loads": 1, "stores": 1}, 3),
    "LEON2 jmp": ("leon", {"classes jump": 1}, 2),
    "LEON2 Ticc": ("leon", {"classes system": 1, "exceptions 8": 1}, 4),
    "R3000 lw": ("r3000", {"classes load": 1, "loads": 1}, 1),
    "i486 INT to more privilege": ("i486", {"classes trap": 1, "exceptions 8": 1, "stores": 2, "loads": 1}, 71),
    "i486 IRET to less privilege": ("i486", {"classes trap": 1, "returns": 1, "loads": 2}, 36),
    "i486 Jcc taken after CMP": ("i486", {"classes branch": 1, "taken": 1}, 1 + 3),
    "CVAX load": ("cvax", {"classes move": 1, "loads": 1}, 3),
}


@pytest.mark.parametrize("instruction", PUBLISHED)
def test_published_instructions(instruction: str) -> None:
    name, counts, cycles = PUBLISHED[instruction]
    assert load(name).cycles(counts) == cycles


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The R3000's file with a change -> its path."""
    text = (FOLDER / "r3000.toml").read_text()
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new, 1))
    return file


DIV = 'div = { cycles = 35, source = "gcc" }'
WRONG = {
    "missing class": (DIV, "", "mine.toml: classes: div missing; expected: alu"),
    "unknown class": (DIV, DIV + '\nteleport = { cycles = 1, source = "gcc" }', "classes: unknown key 'teleport'"),
    "negative": (DIV, 'div = { cycles = -35, source = "gcc" }', "classes.div: cycles: expected 0 or more, not -35"),
    "text": (DIV, 'div = { cycles = "many", source = "gcc" }', "classes.div: cycles: expected a number, not 'many'"),
    "truth": (DIV, 'div = { cycles = true, source = "gcc" }', "classes.div: cycles: expected a number, not True"),
    "no number at all": (DIV, "div = { cycles = nan, source = 'gcc' }", "classes.div: cycles: expected a number"),
    "infinite": (DIV, "div = { cycles = inf, source = 'gcc' }", "classes.div: cycles: expected a number, not inf"),
    "bare": (DIV, "div = 35", "classes.div: expected { cycles = number, source = "),
    "no ground": (DIV, "div = { cycles = 35 }", "classes.div: expected either a source or an assumption"),
    "both grounds": (
        DIV, 'div = { cycles = 35, source = "gcc", assumption = "x" }', "expected either a source or an assumption",
    ),
    "unknown source": (DIV, 'div = { cycles = 35, source = "knuth" }', "source 'knuth' is not in the table of sources"),
    "empty assumption": (DIV, 'div = { cycles = 35, assumption = " " }', "classes.div.assumption: expected a text"),
    "missing penalty": ("tlb_miss =", "tlb_mess =", "penalties: tlb_miss missing"),
    "no clock": ("mhz = 25", "mhz = 0", "model.clock: expected more than 0 MHz"),
    "unknown mode": ('["risc"]', '["mill"]', "model.modes: expected a list of modes out of risc"),
    "no table": ("[sources]", "[sauces]", "the file: sources missing"),
    "three bytes": ("size = 65536", "size = 3", "mine.toml: memory: cache size in bytes of 3: expected 4 to"),
    "half a cache": ("ways = 1, line = 16, ", "line = 16, ", "memory.icache: ways missing; expected: size"),
    "not TOML": ("[model]", "[model", "mine.toml: is not TOML: "),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_file_is_told(fault: str, tmp_path: Path) -> None:
    old, new, expected = WRONG[fault]
    with pytest.raises(CostError) as raised:
        load(changed(tmp_path, old, new))
    assert expected in str(raised.value)


def test_a_source_where_there_are_none(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text((FOLDER / "neutral.toml").read_text().replace("assumption =", "source =", 1))
    with pytest.raises(CostError, match="is not in the table of sources, which is empty$"):
        load(file)


def test_names_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="there is no cost model 'z80'; expected one of: cvax, i486, leon, neutral"):
        load("z80")
    with pytest.raises(CostError, match="gone.toml: cannot be read"):
        load(tmp_path / "gone.toml")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    model: CostModel = load(changed(tmp_path, DIV, 'div = { cycles = 70, assumption = "twice as slow" }'))
    assert model.cycles({"classes div": 2}) == 140
    assert any("twice as slow" in note and "ASSUMED" in note for note in model.notes())
    assert tomllib.loads((FOLDER / "r3000.toml").read_text())["classes"]["div"]["cycles"] == 35
