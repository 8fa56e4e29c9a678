"""A backup as one file: a manifest and a copy of the database, compressed, encrypted to keys of the operator's.

Encrypted as age does it (age-encryption.org), so that the `age` program opens it too. Inside:

    the line `infusion-vitals backup 1`
    everything else as one zlib stream:
        8 bytes, the length of the manifest; the manifest, as JSON
        the copy, to the end
    32 bytes, SHA-256 over all before

A file that was cut short or changed in any place is refused, without encryption too.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Any, Protocol, TypeAlias

import pyrage
from pyrage import ssh, x25519

from app.domain.errors import Invalid
from app.domain.strict_json import Unreadable, read_json

MAGIC = b"infusion-vitals backup 1\n"
PIECE = 64 * 1024
_HASH = 32
_LENGTH = 8
_AGE = b"age-encryption.org/"
_LONGEST_MANIFEST = 1 << 30
_BROKEN = "This backup is damaged or cut short: nothing of it was kept. Take another one."
_NO_KEY = "This key does not open this backup: it was made for others, or its first lines are damaged."

Recipient: TypeAlias = "x25519.Recipient | ssh.Recipient"
Identity: TypeAlias = "x25519.Identity | ssh.Identity"


class BadBackup(Invalid):
    """This is not a whole backup of this program."""

    code = "bad-backup"


class BadBackupKey(Invalid):
    """A key that backups are made for begins with age1 or is a line of SSH; the one that opens them lies in a file."""

    code = "bad-backup-key"


class Sink(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> int: ...


# --- keys ------------------------------------------------------------------------------------------------------------


def new_identity() -> x25519.Identity:
    """A key that opens what is made for its public part."""
    return x25519.Identity.generate()


def identity_file(identity: x25519.Identity) -> str:
    """As `age-keygen` writes it."""
    return f"# public key: {identity.to_public()}\n{identity}\n"


def recipient(text: str) -> Recipient:
    """A public key: age1..., or a line of SSH. Raises `BadBackupKey`."""
    try:
        return ssh.Recipient.from_str(text) if text.startswith("ssh-") else x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BadBackupKey(
            "A key to back up for must be one that begins with age1 (`backup key` makes one), or a line that begins "
            f"with ssh-ed25519 or ssh-rsa; this is neither: {text[:12]}..."
        ) from None


def identities(text: bytes) -> list[Identity]:
    """The keys of a file that opens backups: lines of AGE-SECRET-KEY-1..., or an SSH key. Raises `BadBackupKey`."""
    try:
        if text.lstrip().startswith(b"-----BEGIN"):
            return [ssh.Identity.from_buffer(text)]
        lines = [line.strip() for line in text.decode().splitlines()]
        found: list[Identity] = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, UnicodeDecodeError):
        found = []
    if not found:
        raise BadBackupKey("This file holds no key that opens a backup: a line of AGE-SECRET-KEY-1..., or an SSH key.")
    return found


# --- writing ---------------------------------------------------------------------------------------------------------


def write(target: Sink, manifest: dict[str, Any], copy: Iterable[bytes], recipients: Sequence[Recipient]) -> None:
    """The whole file into `target`; encrypted, unless there are no recipients.

    Whatever `copy` or `target` raises comes out as it is.
    """
    pieces = _pieces(manifest, copy)
    if not recipients:
        for piece in pieces:
            target.write(piece)
        return
    source, sink = _Source(pieces), _Watched(target)
    try:
        pyrage.encrypt_io(source, sink, recipients)
    except (pyrage.EncryptError, OSError):
        _raise_own(source, sink)
        raise
    # what fails as the library lets go is not told by it
    _raise_own(source, sink)


def _pieces(manifest: dict[str, Any], copy: Iterable[bytes]) -> Iterator[bytes]:
    digest, press = hashlib.sha256(MAGIC), zlib.compressobj(level=1)
    yield MAGIC
    head = json.dumps(manifest, sort_keys=True).encode()
    for piece in chain((len(head).to_bytes(_LENGTH), head), copy, (None,)):
        pressed = press.flush() if piece is None else press.compress(piece)
        digest.update(pressed)
        if pressed:
            yield pressed
    yield digest.digest()


class _Source:
    """What is made piece by piece, to be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.failed: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
                self._rest += piece
        except BaseException as error:
            self.failed = error
            raise
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


class _Watched:
    """Passes on what is written, and remembers what that raised: the library tells its text alone."""

    def __init__(self, target: Sink) -> None:
        self._target = target
        self.failed: BaseException | None = None

    def write(self, data: bytes, /) -> int:
        try:
            self._target.write(data)
        except BaseException as error:
            self.failed = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


def _raise_own(*ends: _Source | _Watched) -> None:
    """Raises what really failed, where it was not the library itself."""
    for end in ends:
        if end.failed is not None:
            raise end.failed from None


# --- reading ---------------------------------------------------------------------------------------------------------


def read(source: IO[bytes], keys: Sequence[Identity], begin: Callable[[dict[str, Any]], Sink]) -> dict[str, Any]:
    """The manifest of a whole backup, whose copy went to what `begin(manifest)` gave. Raises `BadBackup`.

    What was written until a fault shows is not to be trusted: only when this returns is the copy whole.
    """
    parts = _Parts(begin)
    encrypted = source.read(len(_AGE)) == _AGE
    source.seek(0)
    if not encrypted:
        while piece := source.read(PIECE):
            parts.write(piece)
        return parts.end()
    if not keys:
        raise BadBackup("This backup is encrypted: name the file with its key, by --identity or BACKUP_IDENTITY_FILE.")
    sink = _Watched(parts)
    try:
        pyrage.decrypt_io(source, sink, keys)
    except pyrage.DecryptError as error:
        _raise_own(sink)
        raise BadBackup(_NO_KEY if "No matching keys" in str(error) else _BROKEN) from None
    except OSError:
        _raise_own(sink)
        raise BadBackup(_BROKEN) from None
    _raise_own(sink)
    return parts.end()


class _Parts:
    """Takes the file's bytes as they come, and passes on the copy."""

    def __init__(self, begin: Callable[[dict[str, Any]], Sink]) -> None:
        self._begin = begin
        self._digest = hashlib.sha256()
        self._unpack = zlib.decompressobj()
        self._start = b""
        self._head = bytearray()
        self._last = b""
        self._manifest: dict[str, Any] | None = None
        self._copy: Sink | None = None

    def write(self, data: bytes, /) -> int:
        # the last bytes are no part of what they are the hash of
        held = self._last + data
        data, self._last = held[:-_HASH], held[-_HASH:]
        self._digest.update(data)
        if len(self._start) < len(MAGIC):
            missing = len(MAGIC) - len(self._start)
            self._start, data = self._start + data[:missing], data[missing:]
            if not MAGIC.startswith(self._start):
                raise BadBackup("This is no backup of this program, or one of a newer version.")
        try:
            plain = self._unpack.decompress(data)
        except zlib.error:
            raise BadBackup(_BROKEN) from None
        self._take(plain)
        return len(held)

    def _take(self, plain: bytes) -> None:
        if self._copy is None:
            self._head += plain
            plain = self._read_head()
        if self._copy is not None and plain:
            self._copy.write(plain)

    def _read_head(self) -> bytes:
        """What of the copy came with the manifest's last byte."""
        end = _LENGTH + int.from_bytes(self._head[:_LENGTH])
        if len(self._head) < _LENGTH or len(self._head) < end:
            if len(self._head) >= _LENGTH and end > _LONGEST_MANIFEST:
                raise BadBackup(_BROKEN)
            return b""
        try:
            self._manifest = read_json(self._head[_LENGTH:end].decode())
        except (UnicodeDecodeError, Unreadable):
            raise BadBackup(_BROKEN) from None
        if not isinstance(self._manifest, dict):
            raise BadBackup(_BROKEN)
        self._copy = self._begin(self._manifest)
        rest = bytes(self._head[end:])
        self._head.clear()
        return rest

    def end(self) -> dict[str, Any]:
        """The manifest, when all has come. Raises `BadBackup` where something is missing, changed or too much."""
        whole = self._unpack.eof and not self._unpack.unused_data and self._last == self._digest.digest()
        if self._manifest is None or not whole:
            raise BadBackup(_BROKEN)
        return self._manifest
