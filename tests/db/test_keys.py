"""The keys outside the database: how they are written, who may read their file, and that none is ever half there."""

import fcntl
import os
import stat

import pytest

from app.db.keys import KeyMissing, KeyPlace, Keys, UnsafeKeys, new_key, read, written

ONE, TWO = bytes(range(32)), bytes(range(32, 64))


def kept(tmp_path, keys):
    place = KeyPlace(tmp_path / "keys")
    place.write(keys)
    return place


@pytest.mark.parametrize("keys", [{1: ONE}, {1: ONE, 2: TWO}, {7: new_key(), 123_456_789: new_key()}])
def test_keys_are_read_as_they_were_written(keys):
    assert read(written(keys), "here") == keys
    assert read(written(keys).replace("\n", ", "), "here") == keys


def test_a_key_is_chance():
    assert len({new_key() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "key 1 must be NUMBER:KEY"),
        ("a password", "key 1 must be NUMBER:KEY"),
        (written({1: ONE})[:-3], "key 1 must be NUMBER:KEY"),
        (written({1: ONE}) + "0:" + written({1: TWO})[2:], "key 2 must be NUMBER:KEY"),
        (written({1: ONE}) + written({1: TWO}), "two keys of number 1"),
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(text, says):
    with pytest.raises(UnsafeKeys, match=says) as refused:
        read(text, "SECRETS_KEY")
    assert written({1: ONE})[2:40] not in str(refused.value)
    assert "SECRETS_KEY" in str(refused.value)


def test_the_text_of_the_environment_is_not_shown():
    text = written({1: ONE}).strip()
    assert text not in repr(KeyPlace(text=text))
    assert str(KeyPlace(text=text)) == "SECRETS_KEY"


def test_a_file_is_for_its_owner_alone(tmp_path):
    place = kept(tmp_path, {1: ONE})
    assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
    assert place.keys() == {1: ONE}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o606])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    place = kept(tmp_path, {1: ONE})
    place.path.chmod(mode)
    with pytest.raises(UnsafeKeys, match=f"mode {mode:04o}.*chmod 600"):
        place.keys()
    place.path.chmod(0o400)
    assert place.keys() == {1: ONE}


def test_no_place_is_one_sentence():
    with pytest.raises(UnsafeKeys, match="SECRETS_KEY_FILE"):
        KeyPlace().keys()


def test_a_file_is_made_once(tmp_path):
    place = KeyPlace(tmp_path / "a folder" / "keys")
    first = place.make()
    assert place.make() == place.keys() == first
    assert set(first) == {1}


def test_a_half_written_file_that_was_left_is_nobodys(tmp_path):
    place = kept(tmp_path, {1: ONE})
    (tmp_path / "keys.new").write_text("1:hal")
    place.write({1: ONE, 2: TWO})
    assert place.keys() == {1: ONE, 2: TWO}
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    place = kept(tmp_path, {1: ONE})
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        place.write({2: TWO})
    assert place.keys() == {1: ONE}


def test_two_do_not_change_it_at_once(tmp_path):
    place = kept(tmp_path, {1: ONE})
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with pytest.raises(UnsafeKeys, match="another process"), place.held():
        pass
    os.close(folder)
    with place.held():
        pass


def test_a_key_that_came_since_is_found(tmp_path):
    place = kept(tmp_path, {1: ONE})
    keys = Keys(place, place.keys())
    place.write({1: ONE, 2: TWO})
    assert keys.newest == 1
    assert keys.key(2) == TWO
    assert keys.newest == 2
    with pytest.raises(KeyMissing) as missing:
        keys.key(3)
    assert missing.value.said == f"key 3 is not in {tmp_path}/keys"
    assert str(tmp_path) not in missing.value.detail, "what clients are told names no place"
