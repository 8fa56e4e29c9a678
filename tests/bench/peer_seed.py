"""Run by the peer's own Python: one professional for its administrator, one patient with so many nurse's sessions.

    python peer_seed.py DATABASE SESSIONS

Uses GNU Health's own models, as its client would. Prints the patient's id.
"""

import sys
from datetime import datetime, timedelta

from trytond.pool import Pool
from trytond.transaction import Transaction

BEGAN = datetime(2026, 3, 7, 12, 0)  # noqa: DTZ001 - it keeps naive instants


def seed(database: str, sessions: int) -> int:
    """What the measured calls need."""
    Pool.start()
    Pool(database).init()
    with Transaction().start(database, 1, context={"active_test": False}):
        models = Pool(database)
        party = models.get("party.party")
        (me,) = party.create(
            [
                {
                    "name": "Nurse",
                    "is_person": True,
                    "is_healthprof": True,
                    "internal_user": 1,
                    "ref": "NURSE",
                    "gender": "f",
                    "fed_country": "XXX",
                }
            ]
        )
        models.get("gnuhealth.healthprofessional").create([{"party": me.id}])
        (person,) = party.create(
            [
                {
                    "name": "Probe",
                    "is_person": True,
                    "is_patient": True,
                    "ref": "PROBE",
                    "gender": "f",
                    "fed_country": "XXX",
                }
            ]
        )
        (patient,) = models.get("gnuhealth.patient").create([{"party": person.id}])
        rows = [
            {
                "patient": patient.id,
                "session_start": BEGAN + timedelta(minutes=5 * number),
                "systolic": 122,
                "diastolic": 78,
                "bpm": 72,
                "respiratory_rate": 14,
                "osat": 98,
            }
            for number in range(sessions)
        ]
        models.get("gnuhealth.patient.ambulatory_care").create(rows)
        Transaction().commit()
        return int(patient.id)


if __name__ == "__main__":
    print(seed(sys.argv[1], int(sys.argv[2])))
