"""What only grows: sign-ins, PINs, machines' assertions and tokens, ways to a provider go when long over."""

from app.db import purging

purge = purging.purge
"""A writing verb: removes a batch in every clinic; how many rows that were."""
