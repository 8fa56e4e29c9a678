"""The record as FHIR: reading, searching and exporting it. What is written stays with the contract of `/v1`."""
