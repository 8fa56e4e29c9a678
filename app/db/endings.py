"""How often what a bearer rests on was changed or ended: whoever remembers bearers looks whether this moved on.

One number of the installation's row, raised last in the transaction that ends something and so in the order of the
commits: who reads a number sees all that was ended up to it.
"""

from sqlalchemy import update

from app.db.tables import installation

ENDINGS = installation.c.endings
RAISE = update(installation).values(endings=ENDINGS + 1).returning(ENDINGS)
