"""The ZIP of a pack, written in one way only: named parts in a fixed order, stored as they are, no times, no extras.

One way of writing means one way of reading: whatever a ZIP could smuggle in (paths, links, two entries of one name,
something that grows when it is unpacked, bytes between the entries) is not in this form, and is refused. And as a pack
written anew must come out the same, no byte of the frame can be changed unseen.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LARGEST = 128 * 1024 * 1024
"""Bytes of a pack that is still looked at; a set that was judged takes some 67 kB, so a thousand take half of it."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _DATE = 20, 0x21  # 2.0; 1 January 1980, the first day a ZIP knows


class BadArchive(ValueError):
    """This is not a ZIP as a pack is written. `part` names where, None for the frame around the parts."""

    def __init__(self, because: str, part: str | None = None) -> None:
        self.part = part
        super().__init__(because)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    crc: int
    size: int
    offset: int


def _local(entry: _Entry) -> bytes:
    sizes = (entry.crc, entry.size, entry.size)
    return _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DATE, *sizes, len(entry.name), 0) + entry.name


def _ending(entries: Sequence[_Entry], offset: int) -> bytes:
    central = b"".join(
        _CENTRAL.pack(
            b"PK\1\2", _VERSION, _VERSION, 0, 0, 0, _DATE, one.crc, one.size, one.size, len(one.name), 0, 0, 0, 0, 0,
            one.offset,
        )
        + one.name
        for one in entries
    )  # fmt: skip
    return central + _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), len(central), offset, 0)


def write_zip(parts: Mapping[str, bytes]) -> bytes:
    """The ZIP of these parts, in their order. Names are plain ASCII."""
    out = bytearray()
    entries = []
    for name, data in parts.items():
        entry = _Entry(name.encode("ascii"), zlib.crc32(data), len(data), len(out))
        entries.append(entry)
        out += _local(entry) + data
    return bytes(out) + _ending(entries, len(out))


def read_zip(data: bytes, known: Sequence[str]) -> tuple[dict[str, bytes], list[BadArchive]]:
    """The parts of a pack, and what is wrong with its frame. Raises `BadArchive` where it cannot be taken apart.

    `known`: the names a pack may hold, in their order.
    """
    if len(data) > LARGEST:
        raise BadArchive(f"it has {len(data)} bytes: a pack has at most {LARGEST}")
    parts: dict[str, bytes] = {}
    entries: list[_Entry] = []
    wrong: list[BadArchive] = []
    at = 0
    while data[at : at + 4] == b"PK\3\4" or not entries:
        entry, begin, faults = _take(data, at, [name for name in known if name not in parts])
        name = entry.name.decode("ascii")
        wrong += [BadArchive(because, name) for because in faults]
        parts[name] = data[begin : begin + entry.size]
        entries.append(entry)
        at = begin + entry.size
        if known.index(name) < max(map(known.index, parts)):
            wrong.append(BadArchive("it stands in another place than a pack is written in", name))
    ending = _ending(entries, at)
    if data[at:] != ending:
        wrong.append(_place(data, at, ending, entries))
    return parts, wrong


def _take(data: bytes, at: int, open_names: Sequence[str]) -> tuple[_Entry, int, list[str]]:
    """The entry at `at`, where its bytes begin, and what is wrong in its header."""
    head = data[at : at + _LOCAL.size]
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
        raise BadArchive(f"no entry of a ZIP begins at byte {at}", open_names[0] if open_names else None)
    _, version, flags, method, time, date, crc, packed, size, name_length, extra = _LOCAL.unpack(head)
    begin = at + _LOCAL.size
    raw = data[begin : begin + name_length]
    name = raw.decode("ascii", "replace")
    if name not in open_names:
        # where a name is damaged the part whose turn it was is named
        turn = open_names[0] if open_names else None
        raise BadArchive(f"{name[:80]!a} at byte {at} is no part of a pack, or is there twice", turn)
    begin += name_length
    if method != 0 or packed != size:
        raise BadArchive("it is packed: a pack holds its parts as they are", name)
    if begin + size > len(data):
        raise BadArchive(f"it should have {size} bytes, and the file ends before", name)
    faults = []
    if (version, flags, time, date, extra) != (_VERSION, 0, 0, _DATE, 0):
        faults.append("its ZIP header was changed")
    found = zlib.crc32(data[begin : begin + size])
    if crc != found:
        faults.append("its check sum in the ZIP differs")
    return _Entry(raw, crc, size, at), begin, faults


def _place(data: bytes, at: int, ending: bytes, entries: Sequence[_Entry]) -> BadArchive:
    """Which entry of the ZIP's own table, at its end, is not what it should be."""
    found = data[at:]
    same = next(
        (n for n, (a, b) in enumerate(zip(found, ending, strict=False)) if a != b), min(map(len, (found, ending)))
    )
    row = 0
    for entry in entries:
        row += _CENTRAL.size + len(entry.name)
        if same < row:
            return BadArchive(
                f"its row in the ZIP's table was changed, at byte {at + same}", entry.name.decode("ascii")
            )
    return BadArchive(f"the ZIP's end was changed, at byte {at + same}")
