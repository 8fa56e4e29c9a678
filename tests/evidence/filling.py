"""The lines of a simulated clinic's sessions, put where those of real ones lie: many, and none of them charted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert

from app.db.engine import Database
from app.db.tables import patients, sessions
from app.db.work import NOTHING_KEPT, Work, service_actor
from app.domain.canonical import Document
from app.domain.own_evidence.counted import CountedSession, Telling


def brief_of(told: Telling | None) -> Document | None:
    """A brief that tells this, as far as it is looked at."""
    if told is None:
        return None
    return {
        "dose_mg": "36",
        "protocol": {"id": told.protocol.id, "version": told.protocol.version},
        "went": {
            "route": told.route.value,
            "last_in_way": None if told.last_in_way is None else sorted(one.value for one in told.last_in_way),
            "minutes": {stretch.value: value for stretch, value in told.minutes.items()},
            "sets": {"due": told.sets.of, "late": told.sets.hits},
            "values": {"typed": told.values.of, "corrected": told.values.hits},
            "withdrawn_after_signing": told.withdrawn,
        },
    }


def fill(database: Database, clinic_id: UUID, made: Sequence[CountedSession], now: datetime) -> None:
    """Each session is over, at noon of a day of its month."""

    def keep(work: Work) -> None:
        work.change(insert(patients), [_patient(clinic_id, one) for one in {each.patient_id for each in made}])
        work.change(insert(sessions), [_session(clinic_id, one, place) for place, one in enumerate(made)])

    database.write_now(keep, service_actor(clinic_id), now)


def _patient(clinic_id: UUID, patient_id: UUID) -> dict[str, object]:
    return {
        "clinic_id": clinic_id,
        "id": patient_id,
        "revision": 1,
        "family": "simulated",
        "given": "",
        "record_number": str(patient_id),
        "birth_date": datetime(1980, 1, 1, tzinfo=UTC).date(),
    }


def _session(clinic_id: UUID, one: CountedSession, place: int) -> dict[str, object]:
    at = datetime.fromisoformat(f"{one.month}-01T12:00:00+00:00") + timedelta(days=place % 28, minutes=place // 28)
    return {
        "clinic_id": clinic_id,
        "id": uuid4(),
        "revision": 1,
        "patient_id": one.patient_id,
        "version": 1,
        "state": "discharged",
        "listing": "closed",
        "at": at,
        "dose_started_at": at,
        "brief": brief_of(one.told),
        "changed": 0,
        **NOTHING_KEPT,
    }
