"""Run by the peer's own Python: a professional for its administrator, two patients, one with so many nurse's sessions.

    python peer_seed.py DATABASE SESSIONS

Uses GNU Health's own models, as its client would. Prints the ids of both patients: who is read, and who is charted.
"""

import sys
from datetime import datetime, timedelta

from trytond.pool import Pool
from trytond.transaction import Transaction

BEGAN = datetime(2026, 3, 7, 12, 0)  # noqa: DTZ001 - it keeps naive instants
VITALS = {"systolic": 122, "diastolic": 78, "bpm": 72, "respiratory_rate": 14, "osat": 98}


def seed(database: str, sessions: int) -> tuple[int, int]:
    """What the measured calls need."""
    Pool.start()
    Pool(database).init()
    with Transaction().start(database, 1, context={"active_test": False}):
        models = Pool(database)
        person = {"is_person": True, "gender": "f", "fed_country": "XXX"}
        party = models.get("party.party")
        nurse = person | {"name": "Nurse", "ref": "NURSE", "is_healthprof": True, "internal_user": 1}
        read, charted = (person | {"name": name, "ref": name, "is_patient": True} for name in ("READ", "CHARTED"))
        # one after the other: of several made at once it gives each the same number
        me, *people = [party.create([one])[0] for one in (nurse, read, charted)]
        models.get("gnuhealth.healthprofessional").create([{"party": me.id}])
        first, second = models.get("gnuhealth.patient").create([{"party": one.id} for one in people])
        at = [BEGAN + timedelta(minutes=5 * number) for number in range(sessions)]
        rows = [{"patient": first.id, "session_start": instant, **VITALS} for instant in at]
        models.get("gnuhealth.patient.ambulatory_care").create(rows)
        Transaction().commit()
        return int(first.id), int(second.id)


if __name__ == "__main__":
    print(*seed(sys.argv[1], int(sys.argv[2])))
