"""Books for tests: what the shop posts, and what people do with it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.execute import _new_id
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import (
    AccountRef,
    EntryDraft,
    PostingDraft,
)
from tests.world import NOW

TODAY = NOW.date()


def sale(
    number: int,
    minor: int = 1_000,
    currency: str = "EUR",
    on: date = TODAY,
    debit: AccountRef = AccountRole.RECEIVABLES,
    credit: AccountRef = AccountRole.SALES,
    **more: Any,
) -> EntryDraft:
    """An entry of one posting."""
    return EntryDraft(
        source=f"sale:{number}",
        booked_on=on,
        description=f"Sale {number}",
        postings=[PostingDraft(debit=debit, credit=credit, amount=Money(minor, currency))],
        **more,
    )


def post_as_shop(database: Database, *drafts: EntryDraft, now: datetime = NOW) -> Sequence[UUID]:
    """Post as a command of the shop does."""
    with database.writing.begin() as db:
        return post(UnitOfWork(db, now, THE_SYSTEM, Meta(), _new_id), *drafts)
