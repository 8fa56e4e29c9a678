"""Passkeys: under which name this service's are known. Refused answers: tests/api/second_factor/."""

import pytest

from app.exchange.passkeys import RelyingParty, relying_party


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://clinic.example", ("clinic.example", "https://clinic.example")),
        ("https://vitals.clinic.example:8443", ("vitals.clinic.example", "https://vitals.clinic.example:8443")),
        ("http://127.0.0.1:8000", ("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", ("localhost", "http://localhost:8000")),
        ("http://localhost", ("localhost", "http://localhost")),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::7]", None),
        (None, None),
    ],
)
def test_a_service_with_a_name_takes_passkeys(address, party):
    assert relying_party(address) == (None if party is None else RelyingParty(*party))
