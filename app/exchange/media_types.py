"""Media types as people write them, in headers and in addresses, and which of FHIR's forms they mean. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.exchange.pluses import with_plus

FHIR_VERSION = "4.0"
"""The release of FHIR that is spoken, as the parameter `fhirVersion` of a media type names it."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` and the names of `parameters` are in lower case; values are as written, without quotes."""

    name: str
    parameters: Mapping[str, str]

    @property
    def of_our_version(self) -> bool:
        """Whether it means the FHIR that is spoken here; without a version it does."""
        return self.parameters.get("fhirversion", FHIR_VERSION) == FHIR_VERSION

    @property
    def is_utf8(self) -> bool:
        """Whether its text is in UTF-8; without a charset it is."""
        return self.parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"}

    @property
    def is_wanted(self) -> bool:
        """False where a weight of nothing (`q=0`) says that just this one is not wanted."""
        try:
            return float(self.parameters.get("q", "1")) > 0
        except ValueError:
            return True


def media_type(written: str) -> MediaType:
    """What a header or a parameter names. Anything can be read; whether it is known is not asked here."""
    name, *rest = written.split(";")
    pairs = (part.partition("=") for part in rest if part.strip())
    found = {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}
    return MediaType(name.strip().lower(), found)


def mended(written: str) -> str:
    """A media type from an address or a form, in which a plus has arrived as a space."""
    name, mark, rest = written.partition(";")
    return f"{with_plus(name.strip())}{mark}{rest}"


JSON = frozenset({"application/fhir+json", "application/json", "text/json", "json"})
"""What FHIR lets JSON be called."""
NDJSON = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson"})
"""What Bulk Data lets lines of JSON be called."""
ANYTHING = frozenset({"*/*", "application/*"})


def is_spoken(one: MediaType, names: Iterable[str]) -> bool:
    """Whether it is one of these, in the version of FHIR that is spoken here."""
    return one.name in names and one.of_our_version


def accepted(accept: str, names: Iterable[str]) -> bool:
    """Whether an Accept header takes one of these; an empty one takes anything."""
    wanted = [media_type(part) for part in accept.split(",") if part.strip()]
    taken = {*names, *ANYTHING}
    return not wanted or any(one.is_wanted and is_spoken(one, taken) for one in wanted)
