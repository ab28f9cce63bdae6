"""What is done with orders that come from channels: made, changed, cancelled, or passed over.

Two who tell of the same order at once wait for each other on its row in `channel_orders`. What is
refused leaves that row as it was, so that it can be told again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backoffice_api.domain.kernel.answers import input_hash
from backoffice_api.domain.kernel.errors import Denied, DomainError, Faults
from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX, ExternalId
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import CreateOrder, make_order
from backoffice_api.domain.orders.commands.editing import EditOrder, edit
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model.channels import Channel, UnknownSkus
from backoffice_api.domain.orders.model.edits import LineChange, NothingChanged
from backoffice_api.domain.orders.model.holds import NOTE_LENGTH_MAX, HoldKind
from backoffice_api.domain.orders.model.imports import (
    IMPORTS_MAX,
    REVISION_MAX,
    ChannelLine,
    ChannelOrder,
    ChannelOrderState,
    ImportedOrder,
    ImportedOrders,
    ImportFault,
    ImportOutcome,
    UnknownSku,
)
from backoffice_api.domain.orders.model.lines import LINES_MAX, LineKind, OrderLine
from backoffice_api.domain.orders.model.moves import WentOn
from backoffice_api.domain.orders.model.orders import EmptyOrder, Order, OrderStatus
from backoffice_api.domain.orders.tables import channel_orders
from backoffice_api.domain.products import queries as products

# What of an order from outside is also changed when the channel changes it, besides its lines.
_EDITED = (
    "discounts",
    "shipping",
    "shipping_tax",
    "shipping_address",
    "billing_address",
    "email",
    "phone",
    "note",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder(Command):
    scope = Scope.ORDERS_WRITE
    order: ChannelOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrders(Command):
    """Each for itself: what is wrong with one does not keep the others."""

    scope = Scope.ORDERS_WRITE
    orders: tuple[ChannelOrder, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a channel has told of an order so far. `changed_at` None: nothing."""

    changed_at: datetime | None
    revision: int
    order_id: UUID | None
    told: Mapping[str, Any] | None


def import_order(uow: UnitOfWork, command: ImportOrder) -> ImportedOrder:
    """Take over what a channel tells of one of its orders, unless something later is known.

    Goods that the channel has sold and that are not there become backorders. SKUs that are not
    known make lines of their own kind, and a hold on the order, unless the channel wants none.

    Raises:
        UnknownChannel, ChannelNotActive, UnknownSku.
        InsufficientStock: components of a kit are missing.
        WentOn, InvalidTransition, PiecesShipped, NothingToCancel: it is too late for this here.
        EmptyOrder: it is open and has no line.
        What `create_order` and `edit_order` raise for the same input.
    """
    return _imported(uow, command.order)


def import_orders(uow: UnitOfWork, command: ImportOrders) -> ImportedOrders:
    """The same for several, one after the other. What became of each, in their order.

    Raises:
        TooMany: more than `IMPORTS_MAX`.
        NotAllowed: the caller may not do this.
    """
    faults = Faults()
    check_size(command.orders, faults, "orders", maximum=IMPORTS_MAX)
    faults.check()
    return ImportedOrders(tuple(_tried(uow, each) for each in command.orders))


def _tried(uow: UnitOfWork, order: ChannelOrder) -> ImportedOrder:
    mark = uow.mark()
    savepoint = uow.db.begin_nested()
    try:
        imported = _imported(uow, order)
    except Denied:
        raise
    except DomainError as refusal:
        savepoint.rollback()
        uow.forget(mark)
        return ImportedOrder(
            order.key[:NAME_LENGTH_MAX],
            ImportOutcome.REFUSED,
            None,
            tuple(
                ImportFault(each.code, str(each), tuple(map(str, each.path)))
                for each in refusal.reasons()
            ),
        )
    savepoint.commit()
    return imported


def _imported(uow: UnitOfWork, order: ChannelOrder) -> ImportedOrder:
    _check(order)
    channel = queries.channel(uow.db, order.channel)
    known = _held(uow, channel, order)
    if known.changed_at and (order.changed_at, order.revision) <= (
        known.changed_at,
        known.revision,
    ):
        is_same = (order.changed_at, order.revision) == (known.changed_at, known.revision)
        outcome = ImportOutcome.UNCHANGED if is_same else ImportOutcome.STALE
        return ImportedOrder(order.key, outcome, known.order_id)
    id, told = known.order_id, dict(known.told or {})
    if order.state is ChannelOrderState.CANCELLED:
        outcome = _cancel(uow, order, id)
    elif id is None:
        outcome, id = ImportOutcome.CREATED, _create(uow, order, channel)
        told = _told(order)
    else:
        outcome = _update(uow, order, channel, id, told)
        told = _told(order)
    of = channel_orders.c
    uow.db.execute(
        update(channel_orders)
        .where(of.channel_id == channel.id, of.key == order.key)
        .values(order_id=id, changed_at=order.changed_at, revision=order.revision, told=told)
    )
    return ImportedOrder(order.key, outcome, id)


def _check(order: ChannelOrder) -> None:
    """Raises: InvalidText, OutOfRange, TooMany, Duplicate, EmptyOrder, ForbiddenCharacter."""
    faults = Faults()
    check_text(order.key, faults, "external_id")
    check_range(order.revision, faults, "revision", minimum=0, maximum=REVISION_MAX)
    check_size(order.lines, faults, "lines", maximum=LINES_MAX)
    seen: set[str] = set()
    for position, line in enumerate(order.lines):
        check_text(line.key, faults, "lines", position, "external_id")
        check_text(line.sku, faults, "lines", position, "sku", maximum=CODE_LENGTH_MAX)
        if line.key in seen:
            faults.add(Duplicate(line.key).at("lines", position, "external_id"))
        seen.add(line.key)
    if not order.lines and order.state is ChannelOrderState.OPEN:
        faults.add(EmptyOrder().at("lines"))
    faults.check()


def _held(uow: UnitOfWork, channel: Channel, order: ChannelOrder) -> _Known:
    """What is known of the order, which nobody else changes until the transaction ends."""
    of = channel_orders.c
    row = {"channel_id": channel.id, "key": order.key, "revision": 0}
    insert_or_ignore(uow.db, channel_orders, row)
    statement = (
        select(of.changed_at, of.revision, of.order_id, of.told)
        .where(of.channel_id == channel.id, of.key == order.key)
        .with_for_update()
    )
    return _Known(*uow.db.execute(statement).one())


def _told(order: ChannelOrder) -> dict[str, Any]:
    """What the channel told, to be compared with what it tells next."""
    salt = f"{order.channel} {order.key}"
    return {
        "lines": {
            line.key: [
                line.kind.value,
                line.sku,
                line.quantity,
                line.unit_price.micro,
                line.tax.minor if line.tax else 0,
            ]
            for line in order.lines
        },
        **{name: input_hash([salt, getattr(order, name)], salt="") for name in _EDITED},
    }


def _cancel(uow: UnitOfWork, order: ChannelOrder, id: UUID | None) -> ImportOutcome:
    if id is None:
        return ImportOutcome.NOTED
    if _locked(uow, id).status is OrderStatus.CANCELLED:
        return ImportOutcome.UNCHANGED
    cancel_order(uow, CancelOrder(id=id, reason=order.cancel_reason))
    return ImportOutcome.CANCELLED


def _create(uow: UnitOfWork, order: ChannelOrder, channel: Channel) -> UUID:
    drafts = _drafts(uow, order.lines, channel)
    command = CreateOrder(
        channel=channel.id,
        customer_id=order.customer_id,
        lines=drafts,
        tax_included=order.tax_included,
        external_ids=(ExternalId(channel.code[:SYSTEM_LENGTH_MAX], order.key),),
        place=True,
        **{name: getattr(order, name) for name in _EDITED},
    )
    id = make_order(uow, command, channel, is_sold=True)
    _hold_unknown(uow, id, drafts)
    return id


def _update(
    uow: UnitOfWork, order: ChannelOrder, channel: Channel, id: UUID, told: Mapping[str, Any]
) -> ImportOutcome:
    """Change what the channel has changed since it last told of it. What was edited here stays."""
    _locked(uow, id)
    now = _told(order)
    present = {
        line.external_key: line for line in queries.lines_of(uow.db, id) if line.external_key
    }
    was = told.get("lines", {})
    fresh = [line for line in order.lines if was.get(line.key) != now["lines"][line.key]]
    gone = was.keys() - now["lines"].keys()
    drafts = _drafts(uow, fresh, channel)
    changes = [LineChange(line_id=present[key].id, quantity=0) for key in sorted(gone)]
    added = []
    for draft in drafts:
        line = present.get(draft.external_key or "")
        if line and (draft.kind, draft.sku or "") == (line.kind, line.sku):
            changes.append(_difference(line, draft, _quantity(was.get(draft.external_key))))
            continue
        if line and line.current_quantity:
            # It stands for something else than before: it is taken off, and made anew.
            changes.append(LineChange(line_id=line.id, quantity=0))
        added.append(draft)
    rest = {name: getattr(order, name) for name in _EDITED if told.get(name) != now[name]}
    command = EditOrder(id=id, lines=tuple(changes), add_lines=tuple(added), **rest)
    try:
        edit(uow, command, is_sold=True)
    except NothingChanged:
        return ImportOutcome.UNCHANGED
    _hold_unknown(uow, id, added)
    return ImportOutcome.UPDATED


def _locked(uow: UnitOfWork, id: UUID) -> Order:
    """The order. Raises: WentOn."""
    order = queries.locked_order(uow.db, id)
    if order.merged_into_id:
        into = queries.orders_by_ids(uow.db, [order.merged_into_id])[order.merged_into_id]
        raise WentOn(into.name)
    return order


def _drafts(
    uow: UnitOfWork, lines: Sequence[ChannelLine], channel: Channel
) -> tuple[LineDraft, ...]:
    """The lines as they are wanted here.

    Raises:
        UnknownSku: there is one, and the channel wants none.
    """
    skus = {line.sku for line in lines if line.kind is LineKind.GOODS and line.sku}
    known = products.variants_by_skus(uow.db, skus)
    faults = Faults()
    drafts = []
    for position, line in enumerate(lines):
        is_unknown = line.kind is LineKind.GOODS and line.sku and line.sku not in known
        if line.sku and is_unknown and channel.unknown_skus is UnknownSkus.REFUSE:
            faults.add(UnknownSku(line.sku).at("lines", position, "sku"))
        drafts.append(
            LineDraft(
                kind=LineKind.UNKNOWN if is_unknown else line.kind,
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                unit_price=line.unit_price,
                tax=line.tax,
                external_key=line.key,
            )
        )
    faults.check()
    return tuple(drafts)


def _quantity(told: Sequence[Any] | None) -> int:
    """Of how many pieces a channel had told, as `_told` keeps it. None: of no such line."""
    return int(told[2]) if told else 0


def _difference(line: OrderLine, draft: LineDraft, told: int) -> LineChange:
    """What the channel has changed of a line of which it had told `told` pieces before.

    What was edited, split off or called off here since stays so: more or fewer pieces are wanted
    by as much as the channel has changed. Its tax is that on the whole line, so it is taken only
    where the pieces here are those that it knows.
    """
    least = min(line.shipped, draft.quantity)  # fewer than were shipped: refused, as it must be
    quantity = max(least, line.current_quantity + draft.quantity - told)
    is_same_price = draft.unit_price == line.unit_price
    tax = draft.tax or Money(0, line.currency)
    is_known = quantity == draft.quantity
    is_same_tax = tax == line.current.tax and quantity == line.current_quantity
    return LineChange(
        line_id=line.id,
        quantity=quantity,
        unit_price=None if is_same_price else draft.unit_price,
        tax=tax if is_known and not is_same_tax else None,
    )


def _hold_unknown(uow: UnitOfWork, id: UUID, drafts: Sequence[LineDraft]) -> None:
    """Let the order wait for somebody who knows what these SKUs are."""
    if unknown := [draft.sku or "" for draft in drafts if draft.kind is LineKind.UNKNOWN]:
        note = f"Unknown SKUs: {', '.join(unknown)}"[:NOTE_LENGTH_MAX]
        hold_order(uow, HoldOrder(id=id, kind=HoldKind.STOCK, note=note))
