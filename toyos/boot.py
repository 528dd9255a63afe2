"""Programs and their arguments -> a machine that has booted the kernel and runs them.

from toyos import boot
result = boot(files=["hello.s"], args=["world"])
print(result.status, result.output)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from vm.arch import WORD

if TYPE_CHECKING:
    from toyos.build import System
    from vm import Machine, Stop
    from vm.meter import Meter

RAM = 64 << 20  # bytes
SHELL = "sh"
RUN_FOLDER = "run"  # where the user's own program lies in the guest; the first folder of PATH
ARGUMENTS_FILE = "etc/init.args"  # init starts what is in it
PIPE = "-p"  # init's option: the console is no terminal
END_OF_INPUT = b"\x04"  # Ctrl-D: the guest's reader sees the end of the file
ENDS_MAX = 100  # how many readers are told that the input has ended, before a sleeping guest counts as stuck
# What the kernel counts: name in the statistics -> the word in its table (toyos/include/kstat.inc).
KERNEL_COUNTERS = {
    "context_switches": "KS_SWITCHES",
    "pages_copied": "KS_COW_COPIES",
    "forks": "KS_FORKS",
    "system_calls": "KS_SYSTEM_CALLS",
    "page_faults": "KS_PAGE_FAULTS",
    "pages_free": "KS_FREE",
    "pages_free_at_boot": "KS_FREE_BOOT",
}


class Result(NamedTuple):
    """What became of a run. reason: "halt", "limit" (max_instructions were used up) or "idle" (the guest sleeps and
    nothing can wake it). status: the exit status of the program, 128 + n if signal n ended it; None unless it halted.
    output: all that the guest printed. stats: what machine and kernel counted."""

    reason: str
    status: int | None
    output: bytes
    stats: dict[str, Any]


class Computer:
    """A machine with the kernel loaded and its first programs in the root file system, ready to run.

    arguments: the words of the command that init starts (None: a shell). files: guest path -> content, beside the
    system's own; those under bin/ and run/ are programs. terminal: whether a person sits at the console: then input is
    shown as it is typed. console: takes what the guest prints. parts: what build.system made, by default its default;
    the machine is of its mode; observed: as for vm.Machine. Raises MachineError, LoadError and what build raises.
    """

    def __init__(
        self,
        arguments: Sequence[str] | None = None,
        files: Mapping[str, bytes] | None = None,
        *,
        ram: int = RAM,
        terminal: bool = False,
        console: Callable[[bytes], object] | None = None,
        executor: str = "native",
        parts: System | None = None,
        meter: Meter | None = None,
        observed: bool = False,
    ) -> None:
        from toyos import build
        from vm import Machine

        self.parts = parts or build.system()
        choice = self.parts.choice
        self.machine: Machine = Machine(
            choice.mode, ram, executor, console, meter=meter, nwin=choice.windows, observed=observed
        )
        root = root_files(self.parts, arguments, files or {}, terminal)
        self.machine.load(self.parts.kernel, "the kernel", initrd=root)

    def run(self, run: Callable[[int | None], Stop] | None = None, max_instructions: int | None = None) -> Stop:
        """Runs to the end -> why it stopped. A guest that sleeps for input that will not come is told so.

        run: what runs the machine for so many instructions and passes its input on; machine.run by itself.
        """
        machine = self.machine
        start, ends = machine.instructions, 0
        while True:
            left = None if max_instructions is None else max(max_instructions - (machine.instructions - start), 0)
            stop = (run or machine.run)(left)
            if stop.reason != "idle" or ends == ENDS_MAX:
                return stop
            machine.receive(END_OF_INPUT)
            ends += 1

    def counter(self, name: str) -> int:
        """Name of a word of the kernel's statistics, such as "KS_FREE" -> its value now."""
        address = self.parts.symbols["kstat"] + self.parts.symbols[name]
        return int.from_bytes(self.machine.read(address, WORD), "little")

    def stats(self) -> dict[str, Any]:
        """-> what machine and kernel have counted since boot."""
        return self.machine.stats() | {name: self.counter(word) for name, word in KERNEL_COUNTERS.items()}


def root_files(parts: System, arguments: Sequence[str] | None, files: Mapping[str, bytes], terminal: bool) -> bytes:
    """-> the archive that is the guest's root file system: programs, the kernel's symbols, and what init starts."""
    from toyos import build, cpio

    root = {**parts.programs, build.SYMBOL_MAP: parts.symbol_map, **files}
    if arguments is not None or not terminal:
        words = ([] if terminal else [PIPE]) + list(arguments if arguments is not None else [SHELL])
        root[ARGUMENTS_FILE] = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)
    folders = (*build.PROGRAM_FOLDERS, RUN_FOLDER)
    return cpio.archive(root, frozenset(path for path in root if path.partition("/")[0] in folders))


def own_program(files: Sequence[Path], parts: System) -> tuple[str, dict[str, bytes]]:
    """The user's files, made into one program -> the name to start it by, and the guest file that it is."""
    from toyos import build

    path = _guest_path(files)
    # Without line numbers, whose files' names would make the guest's memory depend on where the sources lie.
    return path.rpartition("/")[2], {path: build.program(files, parts.choice.mode, parts, strip="debug")}


def observed_program(files: Sequence[Path], parts: System) -> tuple[str, dict[str, bytes], dict[str, bytes]]:
    """The same -> also the guest file with its line numbers, for the host's symbols (toyos/symbols.py)."""
    from assembler.output import strip
    from toyos import build
    from vm import aout

    path = _guest_path(files)
    content = build.program(files, parts.choice.mode, parts)
    stripped = content
    if content != files[0].read_bytes():  # an executable stays as it is
        program = aout.read(content, path)
        strip(program, "debug")
        stripped = aout.write(program)
    return path.rpartition("/")[2], {path: stripped}, {path: content}


def _guest_path(files: Sequence[Path]) -> str:
    """The user's files -> where in the guest the program lies that they make."""
    return f"{RUN_FOLDER}/{files[0].stem or files[0].name}"


def boot(
    files: Sequence[str | Path] = (),
    args: Sequence[str] = (),
    *,
    command: str | None = None,
    mode: str = "risc",
    variant: str | None = None,
    nwin: int | None = None,
    ram: int = RAM,
    stdin: bytes = b"",
    stdout: BinaryIO | None = None,
    max_instructions: int | None = None,
    executor: str = "native",
    parameters: Mapping[str, int] | None = None,
) -> Result:
    """Sources, objects, archives or one executable, and arguments -> boots, runs the program to its end -> Result.

    Without files, runs `command` in the guest's shell, or else the lines of stdin. stdin: what the guest reads; then
    its input ends. stdout: gets the output as it comes, too. mode: of the machine; variant: how its kernel saves
    registers (None: the mode's default); nwin: register windows of a window machine. ram: bytes. executor: "native", or
    "reference" (plain Python). parameters: of the kernel, such as {"NPROC": 256}. Raises BuildError, AssemblyError,
    LinkError, AoutError, ArchiveError, LoadError, MachineError, OSError.
    """
    from toyos import build

    parts = build.system(mode, parameters, variant, nwin)
    own: dict[str, bytes] = {}
    words = [SHELL] if command is None else [SHELL, "-c", command]
    if files:
        name, own = own_program([Path(file) for file in files], parts)
        words = [name]
    output = bytearray()

    def console(data: bytes) -> None:
        output.extend(data)
        if stdout is not None:
            stdout.write(data)

    computer = Computer([*words, *args], own, ram=ram, console=console, executor=executor, parts=parts)
    computer.machine.receive(stdin)
    stop = computer.run(max_instructions=max_instructions)
    return Result(stop.reason, stop.status, bytes(output), computer.stats())
