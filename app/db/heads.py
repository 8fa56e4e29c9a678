"""Where a stream stands: its head, read with its row locked, and moved as entries are kept."""

from sqlalchemy import bindparam, insert, select, update

from app.db.tables import sessions, streams

SESSION_HEAD = (
    select(sessions.c.position, sessions.c.hash)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("session"))
    .with_for_update(key_share=True)
)
MOVE_SESSION = (
    update(sessions)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.id == bindparam("session"))
    .values(position=bindparam("to_position"), hash=bindparam("to_hash"))
)
STREAM_HEAD = (
    select(streams.c.position, streams.c.hash)
    .where(streams.c.clinic_id == bindparam("clinic"), streams.c.stream == bindparam("of_stream"))
    .with_for_update(key_share=True)
)
ADD_STREAM = insert(streams)
MOVE_STREAM = (
    update(streams)
    .where(streams.c.clinic_id == bindparam("clinic"), streams.c.stream == bindparam("of_stream"))
    .values(position=bindparam("to_position"), hash=bindparam("to_hash"))
)
