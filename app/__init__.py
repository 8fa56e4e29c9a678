"""Infusion Vitals: the session log of a ketamine clinic.

Nurses type what they measure; the service keeps it, compares recovery with the patient's own baseline, and says when
the clinic's discharge criteria look met, so that a clinician can look, and sign. It never talks to a pump or a
monitor, and it never discharges anybody.
"""

__version__ = "0.1.0"
