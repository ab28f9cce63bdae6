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
from backoffice_api.domain.returns.model.labels import ReturnLabel, ReturnLabelVoided
from backoffice_api.domain.returns.queries import lines_by_returns
from backoffice_api.domain.returns.queries.labels import labels_by_ids
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


def keep_return_labels(uow: UnitOfWork, journal: Journal, found: Happened) -> None:
    """The same for labels with which goods come back: borne by the lines that do."""
    if not found.coming_back:
        return
    known = labels_by_ids(uow.db, {each.id for each in found.coming_back})
    books = queries.books_of(uow.db, {each.order_id for each in found.coming_back})
    lines = lines_by_returns(uow.db, {each.return_id for each in found.coming_back})
    posted = queries.posted_as(uow.db, [_return_source(each) for each in known.values()])
    for event in found.coming_back:
        label, subject = known[event.id], ("rlb", event.id)
        if isinstance(event, ReturnLabelVoided):
            cause = Cause(
                f"return_label_void:{label.id.hex}",
                f"Label {label.number} was given back.",
                subject,
            )
            made = [turned(line) for line in posted.get(_return_source(label), ())]
            journal.add(cause, made, label.order_id)
        elif label.cost:
            pieces: Counter[UUID] = Counter()
            for line in lines.get(label.return_id, ()):
                if line.order_id == label.order_id and line.order_line_id:
                    pieces[line.order_line_id] += line.wanted
            cause = Cause(_return_source(label), f"Label {label.number} was bought.", subject)
            made = list(labelled(books[label.order_id].of, label.cost, pieces))
            journal.add(cause, made, label.order_id)


def _return_source(of: ReturnLabel) -> str:
    return f"return_label:{of.id.hex}:{of.attempts}"


def _source(of: Shipment) -> str:
    return f"label:{of.id.hex}:{of.attempts}"
