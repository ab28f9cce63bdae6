"""What matches teach: who pays for whom, and what is posted where. Undoing one unlearns it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, delete, func, select

from backoffice_api.domain.banking.model.items import ItemDraft, ItemKind, OpenItem
from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.banking.model.matches import StatementMatch
from backoffice_api.domain.banking.model.suggestions import Lesson, keys_of
from backoffice_api.domain.banking.tables.matching import lessons
from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.kernel.uow import UnitOfWork


def learn(
    uow: UnitOfWork,
    match: StatementMatch,
    lines: Sequence[StatementLine],
    items: Sequence[tuple[ItemDraft, OpenItem | None]],
) -> None:
    """Keep of whom such lines are, or where they are posted to, if it is one of these."""
    accounts = {draft.id for draft, _ in items if draft.kind is ItemKind.ACCOUNT}
    parties = {item.party for _, item in items if item and item.party}
    if len(accounts) + len(parties) != 1:
        return
    row = {
        "match_id": match.id,
        "party": next(iter(parties), None),
        "account_id": next(iter(accounts), None),
    }
    keys = sorted({key for line in lines for key in keys_of(line)})
    if keys:
        uow.db.execute(lessons.insert(), [{**row, "key": key} for key in keys])


def unlearn(uow: UnitOfWork, match_id: UUID) -> None:
    """Forget what a match has taught."""
    uow.db.execute(delete(lessons).where(lessons.c.match_id == match_id))


def lessons_for(db: Connection, lines: Sequence[StatementLine]) -> Mapping[bytes, Sequence[Lesson]]:
    """What was learned of those who paid or were paid by these lines, the most frequent first."""
    table = lessons.c
    found: dict[bytes, list[Lesson]] = {}
    times = func.count()
    for part in in_parts({key for line in lines for key in keys_of(line)}):
        statement = (
            select(table.key, table.party, table.account_id)
            .where(among(table.key, part))
            .group_by(table.key, table.party, table.account_id)
            .order_by(table.key, times.desc(), table.party, table.account_id)
        )
        for row in db.execute(statement):
            found.setdefault(row.key, []).append(Lesson(row.party, row.account_id))
    return found
