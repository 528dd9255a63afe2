"""as prints what the transcripts in assembler/ say: listings, errors, warnings."""

from pathlib import Path

import pytest

from tests.golden.transcripts import replay

TRANSCRIPTS = sorted(Path(__file__).with_name("assembler").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    assert replay(path) == path.read_text()
