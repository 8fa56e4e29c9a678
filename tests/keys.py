"""The key of the tests' databases: it is no secret, and every database of theirs is sealed with it."""

from pydantic import SecretStr

from app.db.keys import KeyPlace, written

TEXT = written({1: bytes(range(32))}).strip()
PLACE = KeyPlace(text=TEXT)
SETTING = SecretStr(TEXT)
