"""ld, ar, nm, objdump, size and strip print what the transcripts in binaries/ say."""

from pathlib import Path

import pytest

from tests.golden.transcripts import replay

TRANSCRIPTS = sorted(Path(__file__).with_name("binaries").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    assert replay(path) == path.read_text()
