"""docs/isa.md is what the rows say today."""

from pathlib import Path

from vm.isa import codec
from vm.isa.reference import reference

DOCUMENT = Path(__file__).parents[2] / "docs" / "isa.md"


def test_the_document_is_fresh() -> None:
    assert DOCUMENT.read_text() == reference(), "run: python -m vm.isa.reference > docs/isa.md"


def test_every_row_is_in_the_document() -> None:
    text = DOCUMENT.read_text()
    for row in codec.rows("window"):  # which has all that risc has
        assert f"| `{f'{row.name} {row.syntax}'.strip()}` |" in text
