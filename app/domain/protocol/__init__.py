"""A protocol: the clinic's schedule, limits and criteria as plain data, versioned, immutable once approved.

`values` holds the parsed shape, `parse` the closed schema with its bands, `check` the proof that it cannot be met
without vitals.
"""
