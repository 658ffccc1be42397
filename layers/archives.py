"""Files that may be hostile: archives are unpacked within limits, XML with entities is refused."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 8 << 30
"""Unpacked size that is refused above."""
MAX_RATIO = 200.0
"""Unpacked over packed size that is refused above; map data packs to a tenth, bombs to a millionth."""
MAX_MEMBERS = 1000
SMALL_BYTES = 10 << 20
"""Below this size the ratio does not matter."""
_SCAN_BYTES = 1 << 20


@contextmanager
def unpacked(path: Path, wanted: tuple[str, ...]) -> Iterator[Path]:
    """Unpack an archive into a folder of its own and give the one wanted file in it.

    Raises
    ------
    InputError
        The archive is damaged or encrypted, holds names that lead out of it, would become too large,
        or holds none or several of the wanted files.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if problem := _problem(members, path.stat().st_size):
                raise _refused(path, problem)
            inner = _wanted(members, wanted, path)
            _unpack(archive, members, Path(folder))
            yield Path(folder) / PurePosixPath(_name(inner)).name
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise _refused(path, f"is a damaged archive: {error}") from error


def refuse_entities(path: Path) -> None:
    """Refuse XML that defines entities: nothing that map data needs, and a way to fill the memory."""
    with path.open("rb") as handle:
        head = handle.read(_SCAN_BYTES).upper()
    if b"<!ENTITY" in head or b"<!DOCTYPE" in head:
        raise _refused(path, "defines a document type or entities; that is not read")


def _refused(path: Path, rule: str) -> InputError:
    return InputError([Fault(path.name, None, None, None, rule, file=path.name)])


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; names without the UTF-8 flag are GBK where they can be."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _problem(members: list[zipfile.ZipInfo], packed: int) -> str | None:
    if len(members) > MAX_MEMBERS:
        return f"holds {len(members)} files; more than {MAX_MEMBERS} are not unpacked"
    for member in members:
        name = PurePosixPath(_name(member).replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            return f"holds the name {str(name)[:60]!r}, which leads out of the archive"
        if member.flag_bits & 0x1:
            return "is encrypted"
    size = sum(member.file_size for member in members)
    if size > MAX_BYTES:
        return f"would unpack to {size / 2**30:.1f} GB; more than {MAX_BYTES >> 30} GB are not unpacked"
    if size > SMALL_BYTES and size > MAX_RATIO * packed:
        return f"would unpack to {size / packed:.0f} times its size; that is no map data"
    return None


def _wanted(members: list[zipfile.ZipInfo], wanted: tuple[str, ...], path: Path) -> zipfile.ZipInfo:
    for suffix in wanted:
        found = [member for member in members if _name(member).lower().endswith(suffix)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(sorted(_name(member) for member in found))
            raise _refused(path, f"holds several {suffix} files; unpack it and name one: {names}")
    raise _refused(path, f"holds no file of a known kind ({', '.join(wanted)})")


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path) -> None:
    """Unpack all files side by side; zipfile reads no more of one than it declares."""
    for member in members:
        with archive.open(member) as packed, (folder / PurePosixPath(_name(member)).name).open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
