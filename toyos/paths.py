"""Name of a guest source folder -> where it lies, in a checkout and in an installed wheel alike."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def source_folder(name: str) -> Path:
    """Folder name ("kernel", "lib", "include" or "programs") -> its path.

    A wheel carries `programs` inside the package; in a checkout (also an editable install) it stands beside it.
    Raises FileNotFoundError, with a sentence, when the installation is incomplete.
    """
    for candidate in (PACKAGE / name, PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the installation lacks the folder {name!r} (looked in {PACKAGE} and {PACKAGE.parent})")
