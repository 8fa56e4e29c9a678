"""The second verifier: its rules against the service's, and what it says of packs that were changed."""
