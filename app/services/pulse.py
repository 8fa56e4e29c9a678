"""How the clinics' work stands: for the metrics, and for the operator's own look."""

from app.db import pulse

Pulse = pulse.Pulse
take = pulse.take
