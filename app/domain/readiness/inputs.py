"""What an assessment looked at, as one digest: the ids and revisions of what is in force, however it arrived."""

from collections.abc import Iterable
from hashlib import sha256

from app.domain.canonical import canonical_json
from app.domain.facts import Facts
from app.domain.readings import Reading


def named(readings: Iterable[Reading], before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Each reading with its revision, as canonical JSON, in one order; `before`: others that are named already."""
    return tuple(sorted((*before, *map(_named, readings))))


def without(inputs: tuple[str, ...], readings: Iterable[Reading]) -> tuple[str, ...]:
    """The names of all but these readings."""
    gone = set(map(_named, readings))
    return tuple([one for one in inputs if one not in gone]) if gone else inputs


def _named(reading: Reading) -> str:
    return f'{{"id":"{reading.id}","revision":{reading.revision}}}'


def inputs_digest(facts: Facts, inputs: tuple[str, ...] | None = None) -> str:
    """SHA-256 of the canonical JSON of what is in force, each once. `inputs`: its readings, where they are named."""
    escort = facts.escort.revision if facts.escort is not None else None
    rest = canonical_json({"escort": escort, "events": sorted(str(event.id) for event in facts.events)})
    readings = ",".join(named(facts.readings) if inputs is None else inputs)
    return sha256(b'%b,"readings":[%b]}' % (rest[:-1], readings.encode())).hexdigest()
