"""Invoices by several at once: no number is missing or drawn twice. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.invoicing.commands.crediting import (
    CreateCreditNote,
    create_credit_note,
)
from backoffice_api.domain.invoicing.commands.issuing import CreateInvoice, create_invoice
from backoffice_api.domain.invoicing.model.invoices import InvoicedQuantity
from backoffice_api.domain.invoicing.tables import invoices
from backoffice_api.domain.kernel.errors import DomainError, Refused
from backoffice_api.domain.kernel.uow import UnitOfWork
from tests.invoicing.office import InvoiceOffice


@dataclass(eq=False)
class ChangedOurMind(Refused):
    """Said after the number was drawn."""

    message = "No."


def issued_and_refused(uow: UnitOfWork, command: CreateInvoice) -> UUID:
    create_invoice(uow, command)
    raise ChangedOurMind


def all_at_once(office: InvoiceOffice, jobs):
    """What each pair of a handler and a command came to: an answer, or the code of a refusal."""

    def one(job):
        try:
            return office.world.run(*job).value
        except DomainError as refusal:
            return refusal.code

    # SQLite has one connection that writes: more threads would only wait for it.
    with ThreadPoolExecutor(2 if office.world.database.dialect == "sqlite" else 6) as writers:
        return list(writers.map(one, jobs))


def serials(office: InvoiceOffice) -> list[int]:
    with office.world.database.reading.connect() as db:
        return sorted(db.execute(select(invoices.c.serial)).scalars())


class TestNumbers:
    def test_have_no_gap_though_every_third_transaction_fails(self, office: InvoiceOffice) -> None:
        orders = [office.taxed(1) for _ in range(18)]
        jobs = [
            (
                issued_and_refused if position % 3 == 0 else create_invoice,
                CreateInvoice(order_id=id),
            )
            for position, id in enumerate(orders)
        ]

        came_to = all_at_once(office, jobs)

        assert came_to.count("CHANGED_OUR_MIND") == 6
        assert serials(office) == list(range(1, 13))
        assert office.broken() == []


class TestCreateInvoice:
    def test_bills_each_piece_once(self, office: InvoiceOffice) -> None:
        order = office.taxed(5, shipping=None, shipping_tax=None)
        (first,) = office.lines(order)
        lines = (InvoicedQuantity(line_id=first.id, quantity=1),)

        came_to = all_at_once(
            office, [(create_invoice, CreateInvoice(order_id=order, lines=lines))] * 12
        )

        assert came_to.count("QUANTITY_EXCEEDED") == 7
        assert serials(office) == [1, 2, 3, 4, 5]


class TestCreateCreditNote:
    def test_never_gives_back_more_than_was_invoiced(self, office: InvoiceOffice) -> None:
        invoice = office.bill(office.taxed(5))
        first = office.invoice_lines(invoice)[0]
        lines = (InvoicedQuantity(line_id=first.id, quantity=2),)
        command = CreateCreditNote(id=invoice, lines=lines, reason="Broken")

        came_to = all_at_once(office, [(create_credit_note, command)] * 8)

        assert came_to.count("CREDIT_EXCEEDED") == 6
        assert office.invoice(invoice).credited.minor == 4 * 1190
        assert office.broken() == []
