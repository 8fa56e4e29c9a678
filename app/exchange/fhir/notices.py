"""A notice (something the signer must look at) as a Flag: active until a clinician has acknowledged it."""

from collections.abc import Iterator

from app.domain.records import Kept, NoticeHistory
from app.exchange.fhir.context import Context
from app.exchange.fhir.parts import concept, instant, kept, local_coding, meta, ours, part, parted
from app.exchange.fhir.systems import Resource


def _flag(context: Context, history: NoticeHistory, acknowledged: Kept[str | None] | None) -> Resource:
    notice = history.notice
    extensions = [
        parted(
            "notice",
            part("signer", valueString=None if notice.signer_id is None else str(notice.signer_id)),
            part("confirmation", valueString=None if notice.confirmation_id is None else str(notice.confirmation_id)),
            part("digest", valueString=notice.digest),
        )
    ]
    if not extensions[0]["extension"]:
        extensions = []
    period = {"start": instant(notice.raised_at)}
    if acknowledged is not None:
        extensions.append(kept(acknowledged, "acknowledged"))
        if acknowledged.value:
            extensions[-1]["extension"].append({"url": "note", "valueString": acknowledged.value})
        if acknowledged.recorded_at >= notice.raised_at:
            period["end"] = instant(acknowledged.recorded_at)
    found: Resource = {
        "resourceType": "Flag",
        "id": str(notice.id),
        "meta": meta(2 if acknowledged else 1, acknowledged.recorded_at if acknowledged else notice.raised_at),
    }
    if extensions:
        found["extension"] = extensions
    return found | {
        "status": "inactive" if acknowledged else "active",
        "category": [ours("flag-category", "late-information")],
        "code": concept(local_coding("notice", notice.kind.value), text=notice.text),
        "subject": context.subject,
        "period": period,
        "encounter": context.encounter,
    }


def flag_versions(context: Context, history: NoticeHistory) -> Iterator[Resource]:
    """As it was raised, and as it was acknowledged."""
    yield _flag(context, history, None)
    if history.acknowledged is not None:
        yield _flag(context, history, history.acknowledged)
