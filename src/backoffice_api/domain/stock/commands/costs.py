"""How costs are written: beside the ledger of pieces, a ledger of what they are worth.

Movements come first. Whoever writes one holds the variant by its foreign key until he commits;
so the first cost of a variant, which holds the variant alone, finds all the pieces that there are.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, select, update

from backoffice_api.domain.kernel.batches import UpdateEach, insert_many
from backoffice_api.domain.kernel.rows import Reading, among, fetch, select_as
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products.commands.variants import hold_variants
from backoffice_api.domain.stock.model.costs import (
    Book,
    CostKind,
    CostLayer,
    Layer,
    ValuationMethod,
    ValueChanged,
    VariantCost,
    first_layers,
)
from backoffice_api.domain.stock.model.locations import OUTSIDE_IDS
from backoffice_api.domain.stock.model.movements import Cause, RecordedMovement
from backoffice_api.domain.stock.queries import settings
from backoffice_api.domain.stock.tables import cost_entries, cost_layers, costs, levels

_save_each = UpdateEach(
    lambda given: (
        update(costs)
        .where(costs.c.variant_id == given("variant_id"))
        .values(
            quantity=given("quantity"),
            value_micro=given("value_micro"),
            unit_cost_micro=given("unit_cost_micro"),
        )
    ),
    variant_id=Id(),
    quantity=BigInteger(),
    value_micro=BigInteger(),
    unit_cost_micro=BigInteger(),
)
_save_layers = UpdateEach(
    lambda given: (
        update(cost_layers)
        .where(cost_layers.c.id == given("id"))
        .values(consumed=given("consumed"), unit_cost_micro=given("unit_cost_micro"))
    ),
    id=Id(),
    consumed=BigInteger(),
    unit_cost_micro=BigInteger(),
)

_LOCK_COSTS = Reading(
    lambda named: (
        select_as(VariantCost, costs)
        .where(named(costs.c.variant_id, "variants"))
        .order_by(costs.c.variant_id)
        .with_for_update()
    )
)

# A movement that brings something in or takes it away, with its id and the pieces that are more.
_Flow = tuple[UUID, RecordedMovement, int]


def book_costs(
    uow: UnitOfWork, postings: Sequence[RecordedMovement], posted: Sequence[UUID]
) -> None:
    """Value movements that were just posted, in their order; the levels have changed already.

    `posted`: their ids. One statement where nothing is valued; else a constant number.

    Raises:
        CurrencyMismatch: a variant is valued in another currency.
        AmountTooLarge: it is worth more than can be kept.
    """
    flows = [
        (id, each, each.quantity if came else -each.quantity)
        for id, each in zip(posted, postings, strict=True)
        if (came := each.from_location_id in OUTSIDE_IDS) != (each.to_location_id in OUTSIDE_IDS)
    ]
    if not flows:
        return
    books = books_of(uow, {each.variant_id for _, each, _ in flows})
    entries = Entries()
    first = _first_costs(flows, books)
    opened = _open(uow, first, flows, entries)
    valued = {**books, **opened}
    for flow in flows:
        if book := valued.get(flow[1].variant_id):
            _value(entries, book, flow, uow)
    if valued:
        write_books(uow, valued, entries)
        moved = dict(zip(posted, postings, strict=True))
        uow.note(*noted(entries, valued, moved))


class Entries:
    """New entries of the ledger of values, column by column."""

    def __init__(self) -> None:
        self.columns: defaultdict[str, list[Any]] = defaultdict(list)

    def add(self, **values: Any) -> None:
        for name, value in values.items():
            self.columns[name].append(value)


def books_of(uow: UnitOfWork, variant_ids: Collection[UUID]) -> Mapping[UUID, Book]:
    """What is known of the variants that are valued, held until the transaction ends."""
    known = list(starmap(VariantCost, _LOCK_COSTS(uow.db, variants=variant_ids)))
    fifo = [each.variant_id for each in known if each.method is ValuationMethod.FIFO]
    layers = _layers(uow, fifo) if fifo else {}
    return {
        each.variant_id: Book(
            each.method,
            each.currency,
            each.quantity,
            each.value_micro,
            each.unit_cost_micro,
            list(layers.get(each.variant_id, ())),
        )
        for each in known
    }


def _layers(uow: UnitOfWork, variant_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Layer]]:
    """The layers that are not used up, the oldest first."""
    statement = (
        select_as(CostLayer, cost_layers)
        .where(
            among(cost_layers.c.variant_id, variant_ids),
            cost_layers.c.consumed < cost_layers.c.quantity,
        )
        .order_by(cost_layers.c.variant_id, cost_layers.c.id)
    )
    found: defaultdict[UUID, list[Layer]] = defaultdict(list)
    for each in fetch(uow.db, CostLayer, statement):
        known = (each.quantity, each.consumed, each.unit_cost_micro, each.movement_id)
        layer = Layer(each.id, *known)
        found[each.variant_id].append(layer)
    return found


def _first_costs(
    flows: Sequence[_Flow], books: Mapping[UUID, Book]
) -> Mapping[UUID, RecordedMovement]:
    """The movement with the first cost of each variant that had none."""
    first: dict[UUID, RecordedMovement] = {}
    for _, each, pieces in flows:
        if each.unit_cost and pieces > 0 and each.variant_id not in books:
            first.setdefault(each.variant_id, each)
    return first


def _open(
    uow: UnitOfWork,
    first: Mapping[UUID, RecordedMovement],
    flows: Sequence[_Flow],
    entries: Entries,
) -> Mapping[UUID, Book]:
    """Begin to value variants: what was there before is taken to have cost the same."""
    if not first:
        return {}
    hold_variants(uow, sorted(first), "variant_id")
    # Somebody may have been faster until the variants were ours.
    opened = dict(books_of(uow, first))
    methods = settings.by_variants(uow.db, first)
    statement = (
        select(levels.c.variant_id, func.sum(levels.c.on_hand))
        .where(among(levels.c.variant_id, first))
        .group_by(levels.c.variant_id)
    )
    on_hand = Counter({row[0]: int(row[1]) for row in uow.db.execute(statement)})
    for _, each, pieces in flows:
        on_hand[each.variant_id] -= pieces
    rows: list[dict[str, Any]] = []
    for variant_id, movement in first.items():
        cost, method = movement.unit_cost, methods[variant_id].valuation
        if cost is None or variant_id in opened:
            continue
        before = on_hand[variant_id]
        layers = list(first_layers(before, cost.micro, method))
        book = Book(method, cost.currency, before, before * cost.micro, cost.micro, layers)
        book.check()
        if before:
            entries.add(
                variant_id=variant_id,
                movement_id=None,
                kind=CostKind.OPENING,
                quantity=before,
                value_micro=book.value_micro,
                currency=book.currency,
                occurred_at=movement.occurred_at or uow.now,
            )
        opened[variant_id] = book
        rows.append(
            {
                "variant_id": variant_id,
                "method": method,
                "currency": book.currency,
                **_state(book),
            }
        )
    if rows:
        uow.db.execute(costs.insert(), rows)
    return opened


def _value(entries: Entries, book: Book, flow: _Flow, uow: UnitOfWork) -> None:
    movement_id, movement, pieces = flow
    common = {
        "variant_id": movement.variant_id,
        "movement_id": movement_id,
        "currency": book.currency,
        "occurred_at": movement.occurred_at or uow.now,
    }
    if pieces < 0:
        value = book.leave(-pieces)
        entries.add(**common, kind=CostKind.EXIT, quantity=pieces, value_micro=-value)
        return
    value, variance = book.enter(pieces, movement.unit_cost, movement_id)
    entries.add(**common, kind=CostKind.ENTRY, quantity=pieces, value_micro=value)
    if variance:
        entries.add(**common, kind=CostKind.VARIANCE, quantity=0, value_micro=variance)


def write_books(uow: UnitOfWork, valued: Mapping[UUID, Book], entries: Entries) -> None:
    """Write what variants are worth now, and the entries by which that came about."""
    _save_each(
        uow.db,
        [{"variant_id": id, **_state(book)} for id, book in sorted(valued.items(), key=_by_id)],
    )
    insert_many(uow.db, cost_entries, entries.columns)
    known = [
        {
            "id": layer.id,
            "consumed": layer.consumed,
            "unit_cost_micro": layer.unit_cost_micro,
        }
        for book in valued.values()
        for layer in book.layers
        if layer.id is not None
    ]
    _save_layers(uow.db, known)
    made = [(id, layer) for id, book in valued.items() for layer in book.layers if layer.id is None]
    if made:
        columns: Mapping[str, Sequence[Any]] = {
            "id": [uow.new_id() for _ in made],
            "variant_id": [id for id, _ in made],
            "movement_id": [layer.movement_id for _, layer in made],
            "opened_at": [uow.now] * len(made),
            "quantity": [layer.quantity for _, layer in made],
            "consumed": [layer.consumed for _, layer in made],
            "unit_cost_micro": [layer.unit_cost_micro for _, layer in made],
        }
        insert_many(uow.db, cost_layers, columns)


def noted(
    entries: Entries,
    books: Mapping[UUID, Book],
    moved: Mapping[UUID, RecordedMovement],
    cause: Cause | None = None,
) -> Iterator[ValueChanged]:
    """What the entries did to the values, one after the other, for whoever keeps other books.

    `cause`: why, of those with which no piece moved.
    """
    of = entries.columns
    values = {id: book.value_micro for id, book in books.items()}
    for variant_id, delta in zip(of["variant_id"], of["value_micro"], strict=True):
        values[variant_id] -= delta
    names = ("variant_id", "movement_id", "kind", "quantity", "value_micro", "currency")
    for variant_id, movement_id, kind, quantity, delta, currency in zip(
        *(of[name] for name in names), strict=True
    ):
        movement = moved.get(movement_id)
        yield ValueChanged(
            variant_id=variant_id,
            kind=kind,
            quantity=quantity,
            before_micro=values[variant_id],
            delta_micro=delta,
            currency=currency,
            movement_id=movement_id,
            movement=movement.kind if movement else None,
            cause_kind=movement.cause_kind if movement else cause.kind if cause else None,
            cause_id=movement.cause_id if movement else cause.id if cause else None,
        )
        values[variant_id] += delta


def _state(book: Book) -> dict[str, int]:
    return {
        "quantity": book.quantity,
        "value_micro": book.value_micro,
        "unit_cost_micro": book.unit_cost_micro,
    }


def _by_id(entry: tuple[UUID, Book]) -> UUID:
    return entry[0]
