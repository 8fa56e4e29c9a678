"""A second implementation of the readiness rules, written from the rules' text alone, and what compares the two."""
