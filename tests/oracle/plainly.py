"""The facts of a session as the oracle reads them: plain dictionaries, instants in whole microseconds."""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
MINUTE = 60 * SECOND


def ticks(instant):
    """Microseconds since 1970, true elapsed time whatever the offset."""
    gone = instant.astimezone(UTC) - EPOCH
    return (gone.days * 86_400 + gone.seconds) * SECOND + gone.microseconds


def plain_readings(readings):
    """Each reading once, at its newest revision."""
    return [
        {
            "id": str(r.id),
            "revision": r.revision,
            "t": ticks(r.measured_at),
            "heart_rate": r.heart_rate,
            "systolic": r.systolic,
            "diastolic": r.diastolic,
            "respiratory_rate": r.respiratory_rate,
            "spo2": r.spo2,
            "oxygen": None if r.oxygen is None else (r.oxygen.kind, r.oxygen.flow_l_min),
            "consciousness": None if r.consciousness is None else (r.consciousness.scale, r.consciousness.score),
            "dissociation": None
            if r.dissociation is None
            else {
                "grade": r.dissociation.grade,
                "instrument": r.dissociation.instrument,
                "score": r.dissociation.score,
                "items": [score for _, score in r.dissociation.items],
            },
            "symptoms": None if r.symptoms is None else [(s.code, s.severity) for s in r.symptoms],
            "gait": r.gait_steady,
            "orientation": r.orientated,
            "doubtful": r.clock_doubtful,
        }
        for r in {r.id: r for r in sorted(readings, key=lambda r: r.revision)}.values()
    ]


def plain_events(events):
    """Each event once."""
    found = []
    for e in {e.id: e for e in events}.values():
        plain = {"kind": e.kind, "t": ticks(e.at), "doubtful": e.clock_doubtful}
        if e.kind in ("medication-given", "symptom-resolved"):
            plain["code"] = e.detail.code
        elif e.kind == "concern-acknowledged":
            plain["code"] = e.detail.concern_id
        elif e.kind == "baseline-accepted":
            plain["names"] = {(str(ref.id), ref.revision) for ref in e.detail.readings}
        found.append(plain)
    return found
