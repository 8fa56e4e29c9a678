"""FHIR searches: what an address asks for, as a value, and whether a resource is what was asked for. Pure."""
