"""What asking for FHIR can be refused for, besides what refuses everywhere."""

from app.domain.errors import Invalid


class Unsearchable(Invalid):
    """This cannot be searched or exported as it is asked for: see the parameters named."""

    code = "bad-search"


class NotAcceptable(Invalid):
    """Only the JSON of FHIR R4 is spoken here: ask for application/fhir+json."""

    code = "not-acceptable"
