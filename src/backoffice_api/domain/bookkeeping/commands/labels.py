"""Labels in the books: bought, and given back."""

from collections import Counter
from uuid import UUID

from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.commands.happened import Happened
from backoffice_api.domain.bookkeeping.commands.journal import Cause, Journal
from backoffice_api.domain.bookkeeping.model.freight import labelled
from backoffice_api.domain.bookkeeping.model.postings import turned
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.shipping.model.shipments import Shipment
from backoffice_api.domain.shipping.queries import shipments_by_ids


def keep_labels(uow: UnitOfWork, journal: Journal, found: Happened) -> None:
    """Post the cost of labels that were bought, and take back that of those given back."""
    ids = {*found.bought, *found.voided}
    if not ids:
        return
    shipments = shipments_by_ids(uow.db, ids)
    bought = [each for id in found.bought if (each := shipments[id]).cost_minor]
    if bought:
        _keep_bought(uow, journal, bought)
    voided = [shipments[id] for id in found.voided]
    posted = queries.posted_as(uow.db, [_source(each) for each in voided]) if voided else {}
    for each in voided:
        cause = Cause(
            f"label_void:{each.id.hex}:{each.attempts}",
            f"The label of shipment {each.number} was given back.",
            ("shm", each.id),
        )
        made = [turned(line) for line in posted.get(_source(each), ())]
        journal.add(cause, made, each.order_id)


def _keep_bought(uow: UnitOfWork, journal: Journal, bought: list[Shipment]) -> None:
    books = queries.books_of(uow.db, {each.order_id for each in bought})
    in_parcels = queries.pieces_in(uow.db, {each.parcel_id for each in bought})
    in_fulfillments = queries.pieces_of(uow.db, {each.fulfillment_id for each in bought})
    for each in bought:
        pieces: Counter[UUID] = Counter(in_parcels.get(each.parcel_id, {}))
        if not pieces:
            for (line_id, _), count in in_fulfillments.get(each.fulfillment_id, {}).items():
                pieces[line_id] += count
        cost = Money(each.cost_minor or 0, each.currency)
        cause = Cause(
            _source(each), f"The label of shipment {each.number} was bought.", ("shm", each.id)
        )
        journal.add(cause, labelled(books[each.order_id].of, cost, pieces), each.order_id)


def _source(of: Shipment) -> str:
    return f"label:{of.id.hex}:{of.attempts}"
