"""House rules that can be checked by reading the source: who imports whom, what start-up costs, how long files get."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from toyos.cli.main import COMMANDS
from toyos.variants import MODES
from vm import aout, machine
from vm.arch import CSR_OF_MODE
from vm.isa import codec

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("vm", "assembler", "toyos", "benchmarks")
LONGEST_FILE = 400

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports(module: str) -> frozenset[str]:
    """Module -> full names of all that it imports anywhere, also inside functions; `from a import b` counts as a.b."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                anchor = ".".join(parts[: len(parts) - node.level + 1])
                base = f"{anchor}.{base}" if base else anchor
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return frozenset(found)


def within(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(room + ".") for room in rooms)


def project_imports(module: str) -> set[str]:
    return {name for name in imports(module) if within(name, *ROOMS, "tests")}


def those(*rooms: str) -> Iterator[str]:
    """-> the modules in these rooms; there must be some, or the rule would check nothing."""
    found = [module for module in MODULES if within(module, *rooms)]
    assert found, f"no module in {rooms}: has it been renamed?"
    yield from found


def test_the_import_reader_sees_every_form() -> None:
    assert "vm.arch.RAM_BASE" in imports("vm.loader")
    assert "elftools.elf.elffile.ELFFile" in imports("vm.loader"), "imports inside functions count"
    assert "typer" in imports("toyos.cli.main")


@pytest.mark.parametrize("module", ["vm.arch", "vm.aout", "vm.isa.fields", "vm.isa.sets"])
def test_tables_of_numbers_import_nothing_of_the_project(module: str) -> None:
    assert project_imports(module) == set()


def test_vm_knows_neither_assembler_nor_toyos() -> None:
    for module in those("vm"):
        assert {name for name in project_imports(module) if not within(name, "vm")} == set(), module


def test_assembler_knows_of_the_machine_only_its_numbers_formats_and_rows() -> None:
    for module in those("assembler"):
        allowed = ("assembler", "vm.arch", "vm.aout", "vm.isa")
        assert {name for name in project_imports(module) if not within(name, *allowed)} == set(), module


def test_engine_reaches_devices_files_and_users_only_through_exits() -> None:
    for module in those("vm.micro", "vm.state"):
        allowed = ("vm.arch", "vm.cache", "vm.isa", "vm.marks", "vm.meter", "vm.micro", "vm.state")
        assert {name for name in project_imports(module) if not within(name, *allowed)} == set(), module


def test_what_looks_into_guests_runs_nothing() -> None:
    for module in those("toyos.inspect", "toyos.symbols"):
        moving = ("vm.observe", "vm.timetravel", "vm.stepping", "toyos.boot", "toyos.debugger", "toyos.checks")
        assert {name for name in project_imports(module) if within(name, *moving)} == set(), module


def test_a_session_needs_no_screen() -> None:
    for module in those("toyos.debugger"):
        if not within(module, "toyos.debugger.app"):
            assert {name for name in project_imports(module) if within(name, "toyos.debugger.app")} == set(), module


def test_nobody_needs_the_debugger_but_its_command() -> None:
    for module in those("toyos"):
        if not within(module, "toyos.debugger", "toyos.cli.debug"):
            assert {name for name in project_imports(module) if within(name, "toyos.debugger")} == set(), module


def test_devices_know_neither_engine_nor_files() -> None:
    for module in those("vm.devices"):
        allowed = ("vm.devices", "vm.arch", "vm.isa.sets")
        assert {name for name in project_imports(module) if not within(name, *allowed)} == set(), module
        assert {name for name in imports(module) if within(name, "os", "pathlib", "io", "sys", "numpy")} == set(), (
            module
        )


def test_engine_never_asks_for_the_instruction_set() -> None:
    for module in those("vm.micro"):
        for node in ast.walk(tree_of(MODULES[module])):
            if isinstance(node, ast.If | ast.IfExp | ast.While):
                condition = ast.unparse(node.test).lower()
                assert "cisc" not in condition, f"{module}:{node.lineno}: if {condition}"
                names = {each.value for each in ast.walk(node.test) if isinstance(each, ast.Constant)}
                assert names.isdisjoint(MODES), f"{module}:{node.lineno}: if {condition}"


def test_rows_of_the_two_instruction_sets_stay_apart() -> None:
    cisc = ("vm.isa.cisc", "vm.isa.specifiers", "vm.isa.cisc_codec", "vm.isa.cisc_text")
    risc = ("vm.isa.rv32i", "vm.isa.rv32m", "vm.isa.rv32a", "vm.isa.system", "vm.isa.windows", "vm.isa.dump")
    for module in those(*risc, *cisc):
        others = cisc if within(module, *risc) else risc
        assert {name for name in project_imports(module) if within(name, *others)} == set(), module


def test_nobody_imports_a_command() -> None:
    for module in MODULES:
        if not within(module, "toyos.cli"):
            assert {name for name in project_imports(module) if within(name, "toyos.cli")} == set(), module


def test_benchmarks_are_known_to_their_command_alone() -> None:
    for module in those("toyos"):
        found = {name for name in project_imports(module) if within(name, "benchmarks")}
        assert found == set() or module == "toyos.cli.bench", f"{module} imports {found}"


def test_every_room_has_the_same_modes() -> None:
    assert set(machine.MODES) == set(codec.MODES) == set(aout.MACHINE_IDS) == set(MODES)
    assert set(CSR_OF_MODE) <= set(MODES)


def test_no_room_needs_the_tests() -> None:
    for module in MODULES:
        assert {name for name in project_imports(module) if within(name, "tests")} == set(), module


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("lark", ("assembler.parse",)),
        ("llvmlite", ("vm.micro",)),
        ("elftools", ("vm.loader", "toyos.elf_code")),
        ("textual", ("toyos.debugger.app",)),
        ("textual_serve", ("toyos.debugger.app.web",)),
        ("aiohttp", ("toyos.debugger.app.web",)),
        ("matplotlib", ("benchmarks.plot", "toyos.trace.gantt")),
        ("unicorn", ("tests",)),
    ],
)
def test_each_heavy_library_has_few_homes(library: str, homes: tuple[str, ...]) -> None:
    for module in MODULES:
        if not within(module, *homes):
            assert not any(within(name, library) for name in imports(module)), f"{module} imports {library}"


HEAVY = ("numpy", "llvmlite", "lark", "rich", "elftools", "textual", "textual_serve", "aiohttp", "matplotlib")


def loaded_by(statement: str) -> set[str]:
    """A statement run in a fresh interpreter -> which of the heavy libraries it has loaded."""
    program = f"import sys\n{statement}\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.strip() else set()


def test_help_loads_no_heavy_library() -> None:
    assert loaded_by("from toyos.cli.main import main; main(['--help'])") == set()
    assert loaded_by("import numpy") >= {"numpy"}, "the probe itself works"


def test_importing_commands_loads_no_heavy_library() -> None:
    """All of them into one interpreter: what none of them has loaded, each has not."""
    modules = [f"toyos.cli.{module}" for module, _ in COMMANDS.values()]
    assert loaded_by(f"import {', '.join(modules)}; print()") == set()


def test_files_stay_readable() -> None:
    sources = [*MODULES.values(), *(ROOT / "tests").rglob("*.py")]
    rooms = ("toyos", "programs", "benchmarks", "tests")
    sources += [path for room in rooms for ending in ("s", "inc") for path in (ROOT / room).rglob(f"*.{ending}")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in sources}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
