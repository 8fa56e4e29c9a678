"""The keys that seal secrets at rest. They lie outside the database: in a file of their own, or in the environment.

Keys are numbered: the newest seals, all of them open. As text each is NUMBER:KEY, the key 32 bytes in base64url; one a
line in a file, with spaces or commas between in the environment.
"""

import base64
import contextlib
import fcntl
import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.db.refusals import Unavailable, UnsafeDatabase

log = logging.getLogger(__name__)
KEY_BYTES = 32
_ONE = re.compile(r"([1-9][0-9]{0,8}):([A-Za-z0-9_-]{43})=?\Z", re.ASCII)
MAKES = "`infusion-vitals secrets new` prints one"


class UnsafeKeys(UnsafeDatabase):
    """The keys cannot be used as they are given. The text is one sentence for the operator, and never holds a key."""


class KeyMissing(Unavailable):
    """A secret is sealed with a key that the service does not have. The operator has to give it back."""

    def __init__(self, number: int, place: "KeyPlace") -> None:
        super().__init__()
        self.said = f"key {number} is not in {place}"
        """For the operator: it names the place."""


def new_key() -> bytes:
    """A key of chance."""
    return secrets.token_bytes(KEY_BYTES)


def written(keys: Mapping[int, bytes]) -> str:
    """The keys as text, one a line, the newest first."""
    return "".join(
        f"{number}:{base64.urlsafe_b64encode(key).decode().rstrip('=')}\n"
        for number, key in sorted(keys.items(), reverse=True)
    )


def read(text: str, where: str) -> dict[int, bytes]:
    """The keys in a text. Raises `UnsafeKeys`, which says `where` and what would be right."""
    found: dict[int, bytes] = {}
    for place, one in enumerate(re.split(r"[\s,]+", text.strip(" \t\r\n,")), start=1):
        match = _ONE.match(one)
        if match is None:
            raise UnsafeKeys(f"{where}: key {place} must be NUMBER:KEY, the key 32 bytes in base64url ({MAKES})")
        number, key = int(match[1]), base64.urlsafe_b64decode(f"{match[2]}=")
        if found.setdefault(number, key) != key:
            raise UnsafeKeys(f"{where}: there are two keys of number {number}; each needs its own")
    return found


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where the keys are: `text`, as the environment has it, or else a file.

    `makes`: where nothing was ever sealed, a missing file is made.
    """

    path: Path | None = None
    text: str | None = field(default=None, repr=False)
    makes: bool = False

    def __str__(self) -> str:
        return "SECRETS_KEY" if self.text is not None else str(self.path)

    def keys(self) -> dict[int, bytes]:
        """What is there now. Raises `UnsafeKeys`; `FileNotFoundError` where the file is missing."""
        if self.text is not None:
            return read(self.text, str(self))
        if self.path is None:
            raise UnsafeKeys(
                "the secrets in this database need a key that is kept outside it: name its file in SECRETS_KEY_FILE, or"
                f" give SECRETS_KEY ({MAKES})"
            )
        with self.path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            if mode & 0o077:
                raise UnsafeKeys(f"{self.path} can be read by others (mode {mode:04o}): chmod 600 {self.path}")
            return read(file.read(65536).decode("ascii", "replace"), str(self))

    def make(self) -> dict[int, bytes]:
        """The keys, in a new file where there is none yet: of two processes at once, the first one's."""
        assert self.path is not None
        with self.held():
            try:
                return self.keys()
            except FileNotFoundError:
                self.write({1: new_key()})
                return self.keys()

    def write(self, keys: Mapping[int, bytes]) -> None:
        """Other keys in the file's place, whole or not at all. Only while it is `held`."""
        assert self.path is not None
        beside = self.path.with_name(f"{self.path.name}.new")
        # one that was left half written by a process that was killed is nobody's
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600, exist_ok=False)
        with beside.open("wb") as file:
            file.write(written(keys).encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        with self._folder() as folder:
            os.fsync(folder)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes the file until this ends. Raises `UnsafeKeys` where somebody else does."""
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._folder() as folder:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UnsafeKeys(f"another process is changing {self.path}: try again when it has ended") from None
            yield

    @contextlib.contextmanager
    def _folder(self) -> Iterator[int]:
        assert self.path is not None
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield folder
        finally:
            os.close(folder)


class Keys:
    """The keys of one open database. A number that is not among them may have come since: then the place is asked."""

    def __init__(self, place: KeyPlace, keys: Mapping[int, bytes]) -> None:
        self.place = place
        self._keys = dict(keys)

    @property
    def numbers(self) -> frozenset[int]:
        """Those there are, as far as they were looked at."""
        return frozenset(self._keys)

    @property
    def newest(self) -> int:
        """The number of the key that is to seal."""
        return max(self._keys)

    def key(self, number: int) -> bytes:
        """One key. Raises `KeyMissing`."""
        if number not in self._keys:
            with contextlib.suppress(OSError):
                self._keys |= self.place.keys()
        try:
            return self._keys[number]
        except KeyError:
            log.error("secrets-key-missing", extra={"kind": f"key {number}"})
            raise KeyMissing(number, self.place) from None
