r"""`toyos machine`: image -> runs on the bare board -> the exit status that the guest gives."""

import sys
from functools import partial

import typer

from toyos.cli.disks import Disks, DiskSnapshot, Virtio, VirtioKind, opened
from toyos.cli.ending import run_to_its_end
from toyos.cli.isa import DEFAULT_ISA, Isa, warn
from toyos.cli.loading import NO_BIOS, Append, Bios, Boot, Dtb, DumpDtb, Initrd, Kernel, Signature, signed
from toyos.cli.options import (
    DEFAULT_RAM,
    Gdb,
    Limit,
    Ram,
    Stats,
    StatsStyle,
    TraceTraps,
    gdb_door,
    ram_size,
    stats_words,
)
from toyos.cli.qemu_words import qemu_words
from toyos.cli.real_time import RealTime, check, follow
from toyos.cli.saving import Restore, Save, Saver, check_restore, check_save, restored
from toyos.cli.serial import STDIO, Serial, console_of
from toyos.cli.system import DEFAULT_MODE, Mode, Windows, choice_of
from toyos.errors import CommandError
from vm.loader import LoadError

ERRORS = (LoadError,)


def arguments(words: list[str]) -> list[str]:
    """Command line -> the same in typer's words."""
    return stats_words(qemu_words(words), styled=True)


def main(
    context: typer.Context,
    kernel: Kernel = None,
    bios: Bios = NO_BIOS,
    initrd: Initrd = None,
    append: Append = "",
    dtb: Dtb = None,
    dumpdtb: DumpDtb = None,
    ram: Ram = DEFAULT_RAM,
    disk: Disks = None,
    disk_snapshot: DiskSnapshot = False,
    virtio: Virtio = VirtioKind.legacy,
    mode: Mode = DEFAULT_MODE,
    isa: Isa = DEFAULT_ISA,
    nwin: Windows = None,
    serial: Serial = STDIO,
    real_time: RealTime = False,
    stats: Stats = None,
    signature: Signature = None,
    max_instructions: Limit = None,
    trace_traps: TraceTraps = False,
    gdb: Gdb = None,
    save: Save = None,
    restore: Restore = None,
) -> None:
    r"""Run an ELF, a.out or raw image on the bare board, alone or behind firmware such as OpenSBI.

    An ELF or a.out starts at its entry, a raw image loads and starts at the beginning of RAM, 0x80000000; behind
    firmware at the next boundary of 4 MiB. The serial port is on standard input and output; on a terminal, Ctrl-A x
    leaves. --serial pty makes a pseudo-terminal for screen, minicom or a script, and says on standard error where it
    is. The exit status is the one that the guest stores in the test finisher or in `tohost` (255 for larger ones), 124
    when --max-instructions was reached, 125 when the guest sleeps and nothing can wake it.

    Disks are virtio block devices at 0x10001000 and above, one behind the other. Nobody else may use their files
    meanwhile; what the guest has flushed is on the host's disk.

    --save writes the whole machine to a file when the run ends and the guest has not: by --max-instructions, a signal,
    Ctrl-A x, or when it sleeps for good; Ctrl-A s saves and goes on. --restore goes on with it, to the bit. The file
    says what machine it is and what runs on it; disks stay where they are, or --disk says where they are now.

    \b
    Example:
      toyos machine --kernel sieve.elf --ram 16M --stats
      toyos machine --kernel sieve.elf --max-instructions 1000000 --save half.way
      toyos machine --restore half.way
      toyos machine --bios fw_dynamic.bin --kernel Image --initrd root.cpio --append "console=ttyS0"
    """
    speaker, rewound = "toyos machine", None if gdb is None else "--gdb"
    check(real_time, gdb is not None)
    if save is not None:
        check_save(save, gdb is not None)
    if restore is not None:
        check_restore(context, restore)
        console = console_of(serial, speaker, [restore, *(disk or ())])
        machine = restored(restore, console, disk, disk_snapshot, rewound)
        door = gdb_door(gdb, machine.mode)
    else:
        size, boot = ram_size(ram), Boot(kernel, bios, initrd, dtb, append, dumpdtb)
        windows = choice_of(mode, nwin=nwin).windows
        from vm import Machine, MachineError

        door = gdb_door(gdb, mode)
        console = console_of(serial, speaker, boot.files + (disk or []))
        try:
            machine = Machine(
                mode=mode, ram=size, console=console.sink, nwin=windows, observed=door is not None,
                disks=opened(disk, disk_snapshot, rewound), virtio=virtio, isa=isa, real_time=real_time,
            )  # fmt: skip
        except MachineError as fault:
            raise CommandError(str(fault)) from fault
        warn(boot.into(machine), isa)
    if machine.real_time:
        check(True, gdb is not None)  # the file that it is from may have said so
        follow(machine)
    if trace_traps:
        machine.trace_traps = lambda record: print(record, file=sys.stderr)
    attached = None if door is None else door.bare_runner(machine, console, speaker, max_instructions)
    run = attached or (lambda: console.run(machine, max_instructions))
    if save is not None:
        run = partial(Saver(machine, save, console, None if stats is StatsStyle.json else speaker).run, run)
    asleep = "the guest sleeps, and nothing can wake it any more"
    with signed(machine, signature):
        run_to_its_end(run, machine, machine.stats, stats, max_instructions, asleep)
