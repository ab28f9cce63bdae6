"""What matching asks of the contexts whose documents are settled by lines of statements."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.banking.model.items import ItemKind, OpenItem
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import AccountRole


class OpenItems(Protocol):
    """Documents of one context. Amounts above zero come in, below it they go out."""

    @property
    def kinds(self) -> Collection[ItemKind]:
        """What there is."""

    def open_items(self, db: Connection, currency: str) -> Sequence[OpenItem]:
        """All that is open in a currency; a constant number of statements."""

    def by_ids(self, db: Connection, currency: str, ids: Collection[UUID]) -> Sequence[OpenItem]:
        """What is open of these; those that are unknown or settled lack."""

    def settle(
        self, uow: UnitOfWork, kind: ItemKind, id: UUID, amount: Money, booked_on: date
    ) -> UUID:
        """Note that the bank shows so much of it. Under which id it is taken back.

        Refused where that is more than is open, whoever settles it at the same time (F5).
        """

    def unsettle(
        self, uow: UnitOfWork, kind: ItemKind, settled_id: UUID, amount: Money, booked_on: date
    ) -> None:
        """Take that back."""

    def counterpart(self, kind: ItemKind) -> AccountRole:
        """Against what the bank account is posted."""
