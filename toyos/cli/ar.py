"""toyos ar: make, change, list and unpack archives."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assembler import archiver
from assembler.archiver import Archive, ArchiveError, Member
from assembler.files import content, save
from toyos.errors import USAGE, CommandError
from vm.aout import AoutError

ERRORS = (AoutError, ArchiveError)
OPERATIONS = "rqdtxps"
MODIFIERS = "csSvDT"  # D is always so, and T of GNU (thin archives) is refused


def arguments(words: list[str]) -> list[str]:
    """The first word may have a dash: -rcs is rcs."""
    if words and words[0].startswith("-") and words[0] not in ("-h", "--help") and not words[0].startswith("--"):
        return [words[0][1:], *words[1:]]
    return words


def main(
    keys: Annotated[str, typer.Argument(help="one operation of r q d t x p s, with modifiers c s S v D")],
    path: Annotated[Path, typer.Argument(help="the archive", metavar="ARCHIVE")],
    files: Annotated[list[str] | None, typer.Argument(help="files to add, or names of members")] = None,
) -> None:
    """Files -> an archive, and back; readable by GNU ar.

    \b
    r  add files, in place of members of the same name     t  list members
    q  add files at the end                                x  write members to files
    d  delete members                                      p  print members
    s  make the symbol index anew (also after r, q, d)
    c  do not say that the archive is new   S  no index   v  say what is done   D  no dates (always so)

    \b
    Example:
      toyos ar rcs libc.a exit.o string.o
      toyos ar t libc.a
    """
    operation = _operation(keys)
    names = files or []
    verbose = "v" in keys
    if operation in "rq" and not path.exists():
        if not names:
            raise CommandError(f"{path}: there is no such archive, and no file to make one of")
        archive = Archive(name=str(path))
    else:
        archive = archiver.read(content(path), str(path))
    if operation in "rq":
        _add(archive, names, replace=operation == "r", verbose=verbose)
        if "c" not in keys and not path.exists():
            print(f"toyos ar: creating {path}", file=sys.stderr)
    elif operation == "d":
        _delete(archive, names, verbose)
    elif operation != "s":
        for member in [archive.member(name) for name in names] if names else archive.members:
            _show(operation, member, verbose)
        return
    save(path, archiver.write(archive, index="S" not in keys))


def _operation(keys: str) -> str:
    """The letters -> the one operation among them (s is one only when it is alone)."""
    strange = [key for key in keys if key not in OPERATIONS + MODIFIERS]
    if strange:
        raise CommandError(f"no operation or modifier {strange[0]!r}; see toyos ar --help", USAGE)
    if "T" in keys:
        raise CommandError("thin archives are not supported: they do not hold their members", USAGE)
    found = [key for key in keys if key in OPERATIONS and key != "s"] or [key for key in keys if key == "s"]
    if len(set(found)) != 1:
        raise CommandError(f"expected exactly one operation of {' '.join(OPERATIONS)}, got {keys!r}", USAGE)
    return found[0]


def _add(archive: Archive, names: list[str], replace: bool, verbose: bool) -> None:
    for name in names:
        member = Member(Path(name).name, content(name))
        old = next((i for i, m in enumerate(archive.members) if m.name == member.name), None) if replace else None
        if old is None:
            archive.members.append(member)
        else:
            archive.members[old] = member
        if verbose:
            print(f"{'a' if old is None else 'r'} - {name}")


def _delete(archive: Archive, names: list[str], verbose: bool) -> None:
    for name in names:
        archive.members.remove(archive.member(name))
        if verbose:
            print(f"d - {name}")


def _show(operation: str, member: Member, verbose: bool) -> None:
    """t, x or p for one member."""
    if operation == "t":
        rights = "".join(
            letter if member.mode >> bit & 1 else "-" for bit, letter in zip(range(8, -1, -1), "rwxrwxrwx", strict=True)
        )
        long = f"{rights} 0/0 {len(member.content):6} Jan  1 00:00 1970 "
        print((long if verbose else "") + member.name)
    elif operation == "p":
        if verbose:
            print(f"\n<{member.name}>\n")
        sys.stdout.flush()
        sys.stdout.buffer.write(member.content)
    else:
        if "/" in member.name or member.name in ("", ".", ".."):
            raise ArchiveError(f"member {member.name!r} would be written outside this folder; not extracted")
        save(member.name, member.content, executable=bool(member.mode & 0o111))
        if verbose:
            print(f"x - {member.name}")
