"""A backup's file: it opens with its key, and no shorter, changed or longer one does."""

import io
import os

import pyrage
import pytest

from app.exchange import backup_file
from app.exchange.backup_file import BadBackup, BadBackupKey

MANIFEST = {"counts": {"journal": 3}, "heads": ["a", "b"]}
COPY = [b"SQLite format 3\0", b"", b"a patient's name" * 20, bytes(range(256))]
OWN = backup_file.new_identity()


class Kept:
    """What came out."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes, /) -> int:
        self.data += data
        return len(data)


def written(*recipients) -> bytes:
    kept = Kept()
    backup_file.write(kept, MANIFEST, iter(COPY), recipients)
    return kept.data


def opened(data: bytes, *keys) -> tuple[dict, bytes]:
    kept, told = Kept(), []

    def begin(manifest):
        told.append(manifest)
        return kept

    manifest = backup_file.read(io.BytesIO(data), keys, begin)
    assert told == [manifest]
    return manifest, kept.data


@pytest.mark.parametrize("recipients", [(), (OWN.to_public(),)])
def test_what_went_in_comes_out(recipients):
    data = written(*recipients)
    assert opened(data, OWN) == (MANIFEST, b"".join(COPY))
    assert data.startswith(b"age-encryption.org/" if recipients else b"infusion-vitals backup 1\n")


def test_a_large_copy_comes_out_piece_by_piece():
    pieces, kept = [os.urandom(backup_file.PIECE) for _ in range(40)], Kept()
    backup_file.write(kept, MANIFEST, iter(pieces), [OWN.to_public()])
    assert opened(kept.data, OWN)[1] == b"".join(pieces)


def test_the_program_age_opens_it_too():
    assert pyrage.decrypt(written(OWN.to_public()), [OWN]) == written()


def test_each_of_several_keys_opens_it():
    other = backup_file.new_identity()
    data = written(OWN.to_public(), other.to_public())
    assert opened(data, OWN) == opened(data, other)


@pytest.mark.parametrize("recipients", [(), (OWN.to_public(),)])
def test_one_changed_byte_is_seen_wherever_it_is(recipients):
    data = written(*recipients)
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        with pytest.raises(BadBackup):
            opened(changed, OWN)


@pytest.mark.parametrize("recipients", [(), (OWN.to_public(),)])
def test_a_file_that_was_cut_short_or_goes_on_is_seen(recipients):
    data = written(*recipients)
    for length in range(len(data)):
        with pytest.raises(BadBackup):
            opened(data[:length], OWN)
    with pytest.raises(BadBackup):
        opened(data + b"x", OWN)


def test_a_key_of_others_and_no_key_at_all_are_told():
    data = written(OWN.to_public())
    with pytest.raises(BadBackup, match="does not open"):
        opened(data, backup_file.new_identity())
    with pytest.raises(BadBackup, match="--identity"):
        opened(data)


@pytest.mark.parametrize("where", ["copy", "target"])
def test_what_fails_underneath_comes_out_as_it_is(where):
    class Full(Kept):
        def write(self, data: bytes, /) -> int:
            raise OSError(28, "No space left on device")

    def broken():
        yield b"x"
        raise OSError(5, "Input/output error")

    copy, target = (broken(), Kept()) if where == "copy" else (iter(COPY), Full())
    with pytest.raises(OSError, match="No space" if where == "target" else "Input/output"):
        backup_file.write(target, MANIFEST, copy, [OWN.to_public()])
    with pytest.raises(OSError, match="No space"):
        backup_file.read(io.BytesIO(written(OWN.to_public())), [OWN], lambda _: Full())


def test_keys_as_files_and_lines():
    [read] = backup_file.identities(backup_file.identity_file(OWN).encode())
    assert str(read) == str(OWN)
    assert str(backup_file.recipient(str(OWN.to_public()))) == str(OWN.to_public())
    for text in (b"", b"# nothing\n", b"AGE-SECRET-KEY-1NONSENSE", b"\xff\xfe"):
        with pytest.raises(BadBackupKey):
            backup_file.identities(text)
    for line in ("", "age1nonsense", "ssh-ed25519 nonsense", str(OWN)):
        with pytest.raises(BadBackupKey) as refused:
            backup_file.recipient(line)
        assert str(OWN)[:20] not in refused.value.detail
