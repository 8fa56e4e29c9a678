"""What people have beside their password, to sign with: passkeys, the secret of their six digits, recovery codes.

No secret lies here as it is: of passkeys there are public keys, of recovery codes hashes, and the secret of the digits
is sealed. `nonces`: what the service gave out, until it is used or its minutes are over.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Id, Instant, WholeNumber
from app.db.tables.making import needed, secret, table


def _of_staff() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"])


second_factors = table(
    "second_factors",
    needed("clinic_id", Id),
    needed("staff_id", Id),
    secret("totp", nullable=True),
    needed("totp_step", WholeNumber),
    needed("wrong", WholeNumber),
    Column("wrong_at", Instant),
    Column("reset_at", Instant),
    PrimaryKeyConstraint("clinic_id", "staff_id"),
    _of_staff(),
)

passkeys = table(
    "passkeys",
    needed("clinic_id", Id),
    needed("id", Text),
    needed("staff_id", Id),
    needed("public_key", Text),
    needed("sign_count", WholeNumber),
    needed("name", Text),
    needed("added_at", Instant),
    PrimaryKeyConstraint("clinic_id", "id"),
    _of_staff(),
    Index(None, "clinic_id", "staff_id"),
)

recovery_codes = table(
    "recovery_codes",
    needed("clinic_id", Id),
    needed("staff_id", Id),
    needed("code_hash", Text),
    PrimaryKeyConstraint("clinic_id", "staff_id", "code_hash"),
    _of_staff(),
)

nonces = table(
    "nonces",
    needed("clinic_id", Id),
    needed("nonce", Text),
    needed("staff_id", Id),
    needed("purpose", Text),
    secret("sealed", nullable=True),
    needed("expires_at", Instant),
    PrimaryKeyConstraint("clinic_id", "nonce"),
    _of_staff(),
    Index(None, "clinic_id", "staff_id"),
)
