"""Xwin, the register windows of window mode: what they do is in docs/machine.md, section "Register windows".

Modelled on SAVE and RESTORE of The SPARC Architecture Manual, Version 8, sections 4.1 and 5.1; encoded in the opcode
custom-0 of the RISC-V ISA Manual, Volume I, table of the base opcode map."""

from vm.isa.row import Row, row

ROWS: tuple[Row, ...] = (
    row("wsave", "window", "............ 00000 000 00000 0001011", "imm", "window", "Xwin",
        "new window: its in = the caller's out, its local and out = 0; sp = isp + imm; trap 24 if wim forbids it"),
    row("wrest", "none", "000000000000 00000 001 00000 0001011", "", "window", "Xwin",
        "back to the caller's window: its out = the callee's in; trap 25 if wim forbids it"),
    row("wret", "none", "000000000000 00000 010 00000 0001011", "", "window", "Xwin",
        "pc = ira & ~1, and wrest in one"),
)  # fmt: skip
