"""How machines ask for FHIR: `/fhir`, its searches and its bulk exports. Every answer is FHIR, refusals too."""
