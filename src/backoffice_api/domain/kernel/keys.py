"""Keys that all processes of one installation share, made once and kept in its database, sealed."""

import secrets
from collections.abc import Callable

from sqlalchemy import Column, Connection, String, Table, select

from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.sealing import sealed
from backoffice_api.domain.kernel.tables import metadata

CURSORS = "cursors"

keys = Table(
    "keys",
    metadata,
    Column("name", String(40), primary_key=True),
    sealed("keys", "value"),
)


def key(db: Connection, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    """The key of this name; made now if there is none. Two who make it at once get the same."""
    if found := known_key(db, name):
        return found
    insert_or_ignore(db, keys, {"name": name, "value": make()})
    made = known_key(db, name)
    assert made is not None, "it was made by us or by somebody else"
    return made


def known_key(db: Connection, name: str) -> str | None:
    """The key of this name. None: nobody has needed it yet."""
    found = db.execute(select(keys.c.value).where(keys.c.name == name)).scalar()
    return None if found is None else str(found)
