"""Text encodings of files from Chinese offices: UTF-8 or GBK (GB18030), found by trying, never by luck."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from faults import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path

CANDIDATES = ("utf-8", "gb18030")
"""Strict decoding tells these apart: Chinese text in GB18030 is hardly ever valid UTF-8."""
FIRST_OF_THREE = 0xE0
"""First byte of a character of three bytes in UTF-8, as Chinese ones are."""
SURE_CHARACTERS = 3
"""Lines with fewer such bytes may be valid as UTF-8 by chance."""


def decode(raw: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """Return text and the encoding it was in; a byte-order mark decides, then what is told.

    Raises
    ------
    InputError
        The bytes are no text in the encoding told, or in any known one.

    Examples
    --------
    >>> decode("厂房".encode("gbk"), "a.csv", None)
    ('厂房', 'gb18030')
    """
    for mark, codec, called in _MARKS:
        if raw.startswith(mark):
            return _marked(raw, name, mark, codec), called
    for candidate in CANDIDATES if encoding is None else (encoding,):
        try:
            return raw.decode(candidate), candidate
        except LookupError:
            rule = "is no known encoding; common are utf-8 and gbk"
            raise InputError([Fault(name, None, "encoding", candidate, rule, file=name)]) from None
        except UnicodeDecodeError:
            if encoding is None and candidate == CANDIDATES[0]:
                _refuse_mixed(raw, name)
    tried = ", ".join(CANDIDATES) if encoding is None else encoding
    raise InputError([Fault(name, None, None, None, f"is no text in {tried}", file=name)])


def encoding_of(path: Path, encoding: str | None) -> str:
    """Return the encoding in which `decode` reads a file, looking at a piece of it at a time.

    Raises
    ------
    ValueError
        It begins with a mark of UTF-16, mixes encodings, or is no text in what is told or known.
    """
    with path.open("rb") as handle:
        mark = handle.read(len(codecs.BOM_UTF8))
    if mark == codecs.BOM_UTF8 or (encoding is None and _is_all(path, CANDIDATES[0])):
        if not _is_all(path, "utf-8-sig"):
            raise ValueError("no text in utf-8")
        return "utf-8-sig"
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("text in utf-16")
    used = CANDIDATES[1] if encoding is None else encoding
    if encoding is None:
        with path.open("rb") as handle:
            for line in handle:
                _refuse_mixed(line, path.name)
    if not _is_all(path, used):
        raise ValueError(f"no text in {used}")
    return used


def _is_all(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as handle:
            while handle.read(_PIECE):
                pass
    except (LookupError, UnicodeDecodeError):
        return False
    return True


_PIECE = 1 << 24
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)
"""Byte-order mark, how to decode what follows, and what the encoding is called."""


def _marked(raw: bytes, name: str, mark: bytes, codec: str) -> str:
    try:
        return raw[len(mark) :].decode(codec)
    except UnicodeDecodeError as error:
        place = len(mark) + error.start + 1
        rule = f"begins as {codec}, but byte {place} is no such text; it is damaged or cut off"
        raise InputError([Fault(name, None, None, None, rule, file=name)]) from error


def _refuse_mixed(raw: bytes, name: str) -> None:
    """Refuse text of which some lines are UTF-8: read as GB18030 they would be other characters, unsaid."""
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if (
            not line.isascii()
            and sum(byte >= FIRST_OF_THREE for byte in line) >= SURE_CHARACTERS
            and _is_utf8(line)
        ):
            rule = f"mixes encodings: line {number} is utf-8, others are gb18030; save it in one of them"
            raise InputError([Fault(name, None, None, None, rule, file=name)])


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def find_encoding(lines: bytes) -> str | None:
    """Return the encoding of lines of text, or None where they are neither UTF-8 nor GB18030."""
    return next((candidate for candidate in CANDIDATES if fits(lines, candidate)), None)


def fits(lines: bytes, encoding: str) -> bool:
    """Say whether every line is text in an encoding; a line may end in half a character.

    Fields of fixed width are cut by their number of bytes, also in the middle of a character.

    Examples
    --------
    >>> fits("厂房".encode("gbk")[:3], "gb18030"), fits("厂房".encode("gbk"), "utf-8")
    (True, False)
    """
    try:
        for line in lines.split(b"\n"):
            codecs.getincrementaldecoder(encoding)().decode(line, final=False)
    except (LookupError, UnicodeDecodeError):
        return False
    return True
