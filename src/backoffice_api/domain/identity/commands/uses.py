"""When a token or a session was last used: noted now and then, apart from what it was used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, bindparam, or_, update

from backoffice_api.domain.identity.model.staff import USE_NOTED_EVERY
from backoffice_api.domain.identity.tables import api_tokens, sessions
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True)
class Use:
    """The secret with this hash was used at this moment."""

    secret_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteUses(Command):
    """To be run as the system."""

    scope = Scope.ACCESS_WRITE
    uses: tuple[Use, ...]


def note_uses(uow: UnitOfWork, command: NoteUses) -> None:
    """Note when secrets were last used, each at most once in `USE_NOTED_EVERY`.

    This is no change of the record: it has no event, and the version stays.
    """
    # In one order, so that two who note at once never wait for each other in a ring.
    uses = sorted(command.uses, key=lambda use: use.secret_hash)
    rows = [
        {"hash": use.secret_hash, "at": use.at, "before": use.at - USE_NOTED_EVERY} for use in uses
    ]
    if rows:
        for table in (api_tokens, sessions):
            _note(uow, table, rows)


def _note(uow: UnitOfWork, table: Table, rows: Sequence[dict[str, object]]) -> None:
    last = table.c.last_used_at
    uow.db.execute(
        update(table)
        .where(
            table.c.secret_hash == bindparam("hash"),
            or_(last.is_(None), last <= bindparam("before", type_=last.type)),
        )
        .values(last_used_at=bindparam("at")),
        rows,
    )
