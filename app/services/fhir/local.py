"""What the service publishes itself, the same in every clinic: the systems, sets and extensions that resources name."""

from collections.abc import Mapping
from types import MappingProxyType

from app.exchange import fhir
from app.exchange.fhir import Resource


def _by_id(resources: tuple[Resource, ...], kind: str) -> Mapping[str, Resource]:
    return MappingProxyType({one["id"]: one for one in resources if one["resourceType"] == kind})


_PUBLISHED: tuple[Resource, ...] = getattr(fhir, "terminology", tuple)()
LOCAL: Mapping[str, Mapping[str, Resource]] = MappingProxyType(
    {kind: _by_id(_PUBLISHED, kind) for kind in ("CodeSystem", "ValueSet", "StructureDefinition")}
)
