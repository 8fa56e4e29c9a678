"""What the service publishes itself, the same in every clinic: the systems, sets and extensions that resources name."""

from collections.abc import Mapping
from types import MappingProxyType

from app.exchange import fhir
from app.exchange.fhir import Resource
from app.exchange.searching.offers import OFFERS


def _by_id(kind: str) -> Mapping[str, Resource]:
    return MappingProxyType({one["id"]: one for one in fhir.terminology() if one["resourceType"] == kind})


LOCAL: Mapping[str, Mapping[str, Resource]] = MappingProxyType(
    {offer.type: _by_id(offer.type) for offer in OFFERS if offer.local}
)
