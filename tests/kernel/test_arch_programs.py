"""Programs for what only some machines have: they print what they should there, and are refused elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from assembler import AssemblyError
from tests.kernel.guest import LIMIT, PROGRAMS, ended
from toyos import boot
from toyos.variants import ARCHITECTURES, VARIANTS

SOURCES = sorted((PROGRAMS / "arch").glob("*/*.s"))
COUNTS = {"depth"}  # prints what instructions a call costs: assembles everywhere, but only windows show something
MADE_FOR = [
    pytest.param(source, mode, variant, id=f"{source.stem}-{mode}-{variant}")
    for source in SOURCES
    for mode, variants in VARIANTS.items()
    if source.parent.name in ARCHITECTURES[mode]
    for variant in (variants[:1] if source.stem in COUNTS else variants)
]


@pytest.mark.parametrize(("source", "mode", "variant"), MADE_FOR)
def test_output_is_as_expected(source: Path, mode: str, variant: str) -> None:
    result = ended(boot(files=[source], mode=mode, variant=variant, max_instructions=LIMIT))
    assert result.status == 0
    assert result.output.decode() == source.with_suffix(".expect").read_text()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_other_machines_refuse_it(source: Path) -> None:
    others = [mode for mode in VARIANTS if source.parent.name not in ARCHITECTURES[mode]]
    for mode in others if source.stem not in COUNTS else ():
        with pytest.raises(AssemblyError, match=f"this source is assembled for {mode}"):
            boot(files=[source], mode=mode)


def test_every_kind_of_machine_has_such_programs() -> None:
    assert {source.parent.name for source in SOURCES} == set(VARIANTS)
    assert all(source.with_suffix(".expect").exists() for source in SOURCES)
