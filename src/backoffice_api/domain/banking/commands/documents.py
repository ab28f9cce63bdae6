"""Documents that lines of statements settle: bills and their payments, receivables and payouts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.banking.model.items import ItemKind, OpenItem
from backoffice_api.domain.banking.ports import OpenItems
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.payables import queries as payables
from backoffice_api.domain.payables.commands import settling as bills
from backoffice_api.domain.payables.commands.returns_of_bank import settle_line
from backoffice_api.domain.payables.model import items as of_payables
from backoffice_api.domain.payables.model.runs import RunLineStatus
from backoffice_api.domain.payables.queries import runs
from backoffice_api.domain.payables.tables.runs import payment_run_lines, payment_runs
from backoffice_api.domain.purchasing.tables.suppliers import suppliers
from backoffice_api.domain.receivables import queries as receivables
from backoffice_api.domain.receivables.commands import settling as owed
from backoffice_api.domain.receivables.model import receivables as of_receivables

# More open documents of one currency are not looked at in one go; the oldest come first.
ITEMS_MAX = 300_000


class _Payables:
    """Bills, credit notes and payments. Payments to suppliers go out, credit notes come in."""

    kinds = (ItemKind.BILL_PAYMENT, ItemKind.BILL, ItemKind.CREDIT_NOTE)

    def open_items(self, db: Connection, currency: str) -> Sequence[OpenItem]:
        return self._items(payables.open_items(db, currency, limit=ITEMS_MAX))

    def by_ids(self, db: Connection, currency: str, ids: Collection[UUID]) -> Sequence[OpenItem]:
        return self._items(payables.open_items(db, currency, ids=ids, limit=len(ids)))

    def settle(
        self, uow: UnitOfWork, kind: ItemKind, id: UUID, amount: Money, booked_on: date
    ) -> UUID:
        return bills.settle_bill_payment(uow, id, abs(amount), booked_on)

    def unsettle(
        self, uow: UnitOfWork, kind: ItemKind, settled_id: UUID, amount: Money, booked_on: date
    ) -> None:
        # What was a payment before stays one; what the match has made of a bill does not.
        keeps = kind is ItemKind.BILL_PAYMENT
        bills.unsettle_bill_payment(uow, settled_id, abs(amount), keeps=keeps)

    def counterpart(self, kind: ItemKind) -> AccountRole:
        return AccountRole.PAYMENTS_UNDER_WAY

    def _items(self, found: Sequence[of_payables.OpenItem]) -> Sequence[OpenItem]:
        """Without payments of runs, which are listed with their runs."""
        run_line = of_payables.OpenItemKind.RUN_LINE
        return [self._item(each) for each in found if each.kind is not run_line]

    def _item(self, found: of_payables.OpenItem) -> OpenItem:
        return OpenItem(
            kind=ItemKind(found.kind.value),
            id=found.id,
            currency=found.currency,
            open_minor=found.open_minor if found.is_incoming else -found.open_minor,
            due_on=found.due_on,
            party=found.party_id.hex,
            party_name=found.party_name,
            reference=found.reference,
        )


class _RunLines:
    """Payments that a bank was given in a run, and has not said anything of."""

    kinds = (ItemKind.RUN_LINE,)

    def open_items(self, db: Connection, currency: str) -> Sequence[OpenItem]:
        return self._read(db, currency, None)

    def by_ids(self, db: Connection, currency: str, ids: Collection[UUID]) -> Sequence[OpenItem]:
        return self._read(db, currency, ids)

    def settle(
        self, uow: UnitOfWork, kind: ItemKind, id: UUID, amount: Money, booked_on: date
    ) -> UUID:
        settle_line(uow, runs.run_lines_by_ids(uow.db, [id])[id], booked_on)
        return bills.settle_bill_payment(uow, id, abs(amount), booked_on)

    def unsettle(
        self, uow: UnitOfWork, kind: ItemKind, settled_id: UUID, amount: Money, booked_on: date
    ) -> None:
        bills.unsettle_run_line(uow, settled_id, abs(amount))

    def counterpart(self, kind: ItemKind) -> AccountRole:
        return AccountRole.PAYMENTS_UNDER_WAY

    def _read(
        self, db: Connection, currency: str, ids: Collection[UUID] | None
    ) -> Sequence[OpenItem]:
        of, run = payment_run_lines.c, payment_runs.c
        statement = (
            select(
                *(of.id, of.amount_minor, of.reference, of.supplier_id),
                *(run.pay_on, run.number, suppliers.c.name),
            )
            .join(payment_runs, run.id == of.run_id)
            .join(suppliers, suppliers.c.id == of.supplier_id)
            .where(of.currency == currency, of.status == RunLineStatus.UNDER_WAY)
            .order_by(of.id)
            .limit(ITEMS_MAX)
        )
        if ids is not None:
            statement = statement.where(among(of.id, ids))
        return [
            OpenItem(
                kind=ItemKind.RUN_LINE,
                id=row.id,
                currency=currency,
                open_minor=-row.amount_minor,
                due_on=row.pay_on,
                party=row.supplier_id.hex,
                party_name=row.name,
                reference=row.reference,
                group=row.number,
            )
            for row in db.execute(statement)
        ]


class _Receivables:
    """What customers owe, and what providers pay out or take."""

    kinds = (ItemKind.RECEIVABLE, ItemKind.PAYOUT)

    def open_items(self, db: Connection, currency: str) -> Sequence[OpenItem]:
        found = receivables.open_items(db, currency, limit=ITEMS_MAX)
        return [self._item(each) for each in found]

    def by_ids(self, db: Connection, currency: str, ids: Collection[UUID]) -> Sequence[OpenItem]:
        found = receivables.open_items(db, currency, ids=ids)
        return [self._item(each) for each in found]

    def settle(
        self, uow: UnitOfWork, kind: ItemKind, id: UUID, amount: Money, booked_on: date
    ) -> UUID:
        if kind is ItemKind.PAYOUT:
            owed.settle_payout(uow, id, amount, booked_on)
        else:
            owed.settle_receivable(uow, id, amount, booked_on)
        return id

    def unsettle(
        self, uow: UnitOfWork, kind: ItemKind, settled_id: UUID, amount: Money, booked_on: date
    ) -> None:
        if kind is ItemKind.PAYOUT:
            owed.unsettle_payout(uow, settled_id, amount, booked_on)
        else:
            owed.unsettle_receivable(uow, settled_id, amount, booked_on)

    def counterpart(self, kind: ItemKind) -> AccountRole:
        if kind is ItemKind.PAYOUT:
            return AccountRole.PAYMENTS_IN_TRANSIT
        return AccountRole.RECEIVABLES

    def _item(self, found: of_receivables.OpenItem) -> OpenItem:
        is_payout = found.prefix == "pyo"
        return OpenItem(
            kind=ItemKind.PAYOUT if is_payout else ItemKind.RECEIVABLE,
            id=found.id,
            currency=found.open.currency,
            open_minor=found.open.minor,
            due_on=found.due_on,
            party=found.party_id.hex if found.party_id else found.party,
            party_name=found.party,
            reference=found.reference,
            lost_minor=found.lost_minor,
        )


SOURCES: Sequence[OpenItems] = (_Payables(), _RunLines(), _Receivables())


def source_of(kind: ItemKind) -> OpenItems:
    """Where documents of a kind lie."""
    return next(each for each in SOURCES if kind in each.kinds)


def open_documents(db: Connection, currency: str) -> Sequence[OpenItem]:
    """All documents with something open in a currency."""
    return [item for source in SOURCES for item in source.open_items(db, currency)]


def documents_by_ids(
    db: Connection, currency: str, wanted: Mapping[ItemKind, Collection[UUID]]
) -> Mapping[UUID, OpenItem]:
    """What is open of these documents; those that are unknown or settled lack."""
    found: dict[UUID, OpenItem] = {}
    for source in SOURCES:
        ids = {id for kind in source.kinds for id in wanted.get(kind, ())}
        if ids:
            found |= {each.id: each for each in source.by_ids(db, currency, ids)}
    return found
