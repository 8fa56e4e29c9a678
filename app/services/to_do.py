"""What the service has to do by itself, as one look tells."""

from app.db import to_do

look = to_do.look
"""A reading verb: how often anything of who may sign in was ended, and which duties have something to do."""
