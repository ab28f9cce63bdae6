"""How invoices and credit notes get their numbers: gapless, by seller, kind and pattern."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model.invoices import InvoiceKind
from backoffice_api.domain.invoicing.model.sellers import Seller, UnknownSeller, prefix_from
from backoffice_api.domain.invoicing.model.series import InvoiceSeries, InvoiceSeriesSet
from backoffice_api.domain.invoicing.tables import invoice_series
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel import series as numbers
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.series import (
    PREFIX_LENGTH_MAX,
    SERIAL_MAX,
    SeriesPrefixEndsInDigit,
)
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number, and the series from which it was drawn."""

    series_id: UUID
    serial: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetInvoiceSeries(Command):
    """`prefix`: what the seller's pattern comes to. `number_next` can only go up."""

    scope = Scope.INVOICES_WRITE
    seller_id: UUID
    kind: InvoiceKind
    prefix: str
    number_next: int


def set_invoice_series(uow: UnitOfWork, command: SetInvoiceSeries) -> UUID:
    """Have a series go on at a later number, as another system has used those below. Its id.

    Raises:
        UnknownSeller: there is no such seller.
        InvalidText, SeriesPrefixEndsInDigit: the prefix is wrong.
        OutOfRange: `number_next` is below the number that would be drawn next.
    """
    faults = Faults()
    if command.seller_id not in queries.sellers_by_ids(uow.db, [command.seller_id]):
        faults.add(UnknownSeller(ids.text("sel", command.seller_id)).at("seller_id"))
    check_text(command.prefix, faults, "prefix", minimum=0, maximum=PREFIX_LENGTH_MAX)
    if command.prefix[-1:].isdigit():
        faults.add(SeriesPrefixEndsInDigit().at("prefix"))
    check_range(command.number_next, faults, "number_next", minimum=1, maximum=SERIAL_MAX)
    faults.check()
    key = {"seller_id": command.seller_id, "kind": command.kind, "prefix": command.prefix}
    numbers.make(uow, invoice_series, key, prefix=command.prefix)
    present = numbers.progress(uow, invoice_series, key)
    check_range(
        command.number_next,
        faults,
        "number_next",
        minimum=present.number_next,
        maximum=SERIAL_MAX,
    )
    faults.check()
    of_key = [invoice_series.c[name] == value for name, value in key.items()]
    (before,) = fetch(
        uow.db, InvoiceSeries, select_as(InvoiceSeries, invoice_series).where(*of_key)
    )
    moved = present.moved_to(command.number_next)
    after = save(
        uow,
        invoice_series,
        before,
        replace(before),
        number_next=moved.number_next,
        numbers_skipped=moved.numbers_skipped,
    )
    event = InvoiceSeriesSet(after.id, after.version, after.prefix, command.number_next)
    uow.emit(event, before=before, after=after)
    return after.id


def draw(uow: UnitOfWork, seller: Seller, kind: InvoiceKind, *, on: date, channel: str) -> Drawn:
    """The next number of a document of the seller. Call it last: see `kernel.series`."""
    is_invoice = kind is InvoiceKind.INVOICE
    pattern = seller.invoice_prefix if is_invoice else seller.credit_note_prefix
    prefix = prefix_from(pattern, on=on, channel=channel)
    key = {"seller_id": seller.id, "kind": kind, "prefix": prefix}
    drawn = numbers.draw(uow, invoice_series, key, prefix=prefix, digits=seller.number_digits)
    of_key = [invoice_series.c[name] == value for name, value in key.items()]
    series_id = uow.db.execute(select(invoice_series.c.id).where(*of_key)).scalar_one()
    return Drawn(series_id, drawn.serial, drawn.text)
