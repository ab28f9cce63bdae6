"""How returns are asked for: by staff, by partners, by customers through what staff gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.series import draw
from backoffice_api.domain.kernel.texts import TooMany, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.model.kits import LineComponent
from backoffice_api.domain.orders.model.lines import OrderLine, UnknownOrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.deciding import decide_by_policy
from backoffice_api.domain.returns.commands.writing import (
    follow_orders,
    lock_orders,
    new_line,
    tell,
    with_sums,
)
from backoffice_api.domain.returns.model.drafts import (
    ReturnLineDraft,
    check_drafts,
    over_limit,
    worst,
)
from backoffice_api.domain.returns.model.events import ReturnRequested
from backoffice_api.domain.returns.model.policies import Judgement, ReturnPolicy, Rule, Verdict
from backoffice_api.domain.returns.model.reasons import ReasonStatus, UnknownReturnReason
from backoffice_api.domain.returns.model.refunds import Worth
from backoffice_api.domain.returns.model.refusals import (
    NotReturnable,
    OrdersDiffer,
)
from backoffice_api.domain.returns.model.returnable import PartKey, SentOrder, frozen, judgement
from backoffice_api.domain.returns.model.returns import (
    MACHINE,
    NOTE_LENGTH_MAX,
    ORDERS_MAX,
    PREFIXES,
    REFERENCE_LENGTH_MAX,
    LineOrigin,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnOrigin,
)
from backoffice_api.domain.returns.queries.returnable import sent_orders
from backoffice_api.domain.returns.tables import (
    return_lines,
    return_orders,
    return_series,
    returns,
)
from backoffice_api.domain.stock.model.locations import UnknownLocation
from backoffice_api.domain.stock.queries import locations_by_ids

NUMBER_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReturn(Command):
    """`customer_id` and `currency` follow from the orders; they are needed where none is named.

    `origin` says who asked. `location_id`: where it is to be received, if that is known.
    """

    scope = Scope.RETURNS_WRITE
    lines: tuple[ReturnLineDraft, ...]
    kind: ReturnKind = ReturnKind.RETURN
    origin: ReturnOrigin = ReturnOrigin.STAFF
    customer_id: UUID | None = None
    currency: str | None = None
    location_id: UUID | None = None
    reference: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one draft comes to: a part of an order, or a variant without one."""

    position: int
    draft: ReturnLineDraft
    order_id: UUID | None
    order_line_id: UUID | None
    variant_id: UUID
    sku: str
    title: str
    quantity: int

    @property
    def key(self) -> PartKey:
        return self.order_line_id or UUID(int=0), self.variant_id


def request_return(uow: UnitOfWork, command: RequestReturn) -> UUID:
    """Ask for goods to come back, of one order, of several, or of none that is known. Its id.

    The policies judge it at once: what they allow is approved, unless it is worth more than they
    let pass; what they refuse may be declined. A dry run tells their verdict.

    Raises:
        NothingReturned, ValueOfOrderLine, OrdersDiffer: the lines are wrong.
        UnknownOrderLine, UnknownVariant, UnknownReturnReason, UnknownCustomer, UnknownLocation.
        NotReturnable: more is to come back than was sent and is in no other return.
    """
    _check(uow, command)
    found = on_orders.lines_by_ids(
        uow.db, {each.order_line_id for each in command.lines if each.order_line_id}
    )
    of = lock_orders(uow, {line.order_id for line in found.values()})
    if len(of) > ORDERS_MAX:
        raise TooMany(ORDERS_MAX).at("lines")
    # Read again: they may have been changed while we waited for the locks.
    found = on_orders.lines_by_ids(uow.db, found)
    wanted = _wanted(uow, command, found)
    currency, customer_id, channel_id = _whose(command, of)
    sent = sent_orders(uow.db, list(of.values()))
    _check_pieces(wanted, sent)
    worths = _worths(wanted, sent)
    judgements = [_judged(each, sent, uow.now) for each in wanted]
    made = _made(uow, command, currency, customer_id, channel_id)
    lines = [
        _line(uow, made, each, worth, says, _policy(each, sent))
        for each, worth, says in zip(wanted, worths, judgements, strict=True)
    ]
    made = with_sums(made, lines)
    says = _within_limits(worst(judgements), made, sent)
    made = replace(made, verdict=says.verdict, rule=says.rule)
    made = _write(uow, made, lines, of)
    decide_by_policy(uow, made, lines, of, says)
    return made.id


def _made(
    uow: UnitOfWork,
    command: RequestReturn,
    currency: str,
    customer_id: UUID | None,
    channel_id: UUID | None,
) -> Return:
    """The return before anybody has judged it. Its number is drawn last."""
    return Return(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number="",
        serial=0,
        recorded=False,
        kind=command.kind,
        status=MACHINE.start,
        origin=command.origin,
        customer_id=customer_id,
        channel_id=channel_id,
        location_id=command.location_id,
        currency=currency,
        reference=command.reference,
        note=command.note,
        verdict=Verdict.ALLOWED,
        rule=Rule.WITHIN_WINDOW,
        expires_at=None,
        closed_at=None,
        value_minor=0,
        refunded_minor=0,
        fee_minor=0,
        goodwill_minor=0,
    )


def _check(uow: UnitOfWork, command: RequestReturn) -> None:
    faults = Faults()
    check_drafts(command.lines, faults)
    check_text(command.reference, faults, "reference", maximum=REFERENCE_LENGTH_MAX)
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    if command.customer_id and not customers.customers_by_ids(uow.db, [command.customer_id]):
        faults.add(UnknownCustomer(command.customer_id).at("customer_id"))
    if command.location_id and not locations_by_ids(uow.db, [command.location_id]):
        faults.add(UnknownLocation(command.location_id).at("location_id"))
    named = {each.reason_id for each in command.lines if each.reason_id}
    reasons = queries.reasons_by_ids(uow.db, named) if named else {}
    for position, each in enumerate(command.lines):
        reason = reasons.get(each.reason_id) if each.reason_id else None
        if each.reason_id and (reason is None or reason.status is ReasonStatus.ARCHIVED):
            fault = UnknownReturnReason(each.reason_id.hex)
            faults.add(fault.at("lines", position, "reason_id"))
    faults.check()


def _wanted(
    uow: UnitOfWork, command: RequestReturn, found: Mapping[UUID, OrderLine]
) -> Sequence[_Wanted]:
    """What the drafts come to; of a kit, each of its components."""
    loose = {each.variant_id for each in command.lines if each.variant_id}
    variants = products.variants_by_ids(uow.db, loose) if loose else {}
    titles = products.titles_by_variants(uow.db, sorted(variants)) if loose else {}
    components = on_orders.components_of(uow.db, found.values())
    faults, wanted = Faults(), list[_Wanted]()
    for position, draft in enumerate(command.lines):
        here = ("lines", position)
        if draft.order_line_id is None:
            variant = variants.get(draft.variant_id) if draft.variant_id else None
            if variant is None:
                faults.add(UnknownVariant(str(draft.variant_id)).at(*here, "variant_id"))
                continue
            title = titles.get(variant.id, variant.sku)
            wanted.append(
                _Wanted(position, draft, None, None, variant.id, variant.sku, title, draft.quantity)
            )
            continue
        line = found.get(draft.order_line_id)
        parts = _parts(line, components.get(line.id, ())) if line else ()
        if draft.variant_id:
            parts = [(id, sku, 1) for id, sku, _ in parts if id == draft.variant_id]
        if line is None or not parts:
            faults.add(UnknownOrderLine(draft.order_line_id).at(*here, "order_line_id"))
            continue
        wanted += [
            _Wanted(
                position, draft, line.order_id, line.id, id, sku, line.title, draft.quantity * per
            )
            for id, sku, per in parts
        ]
    faults.check()
    return wanted


def _parts(line: OrderLine, components: Sequence[LineComponent]) -> Sequence[tuple[UUID, str, int]]:
    """The variants that a unit of a line is made of, with the pieces of each."""
    if line.is_kit:
        return [(each.variant_id, each.sku, each.quantity) for each in components]
    return [(line.variant_id, line.sku, 1)] if line.variant_id else []


def _whose(
    command: RequestReturn, of: Mapping[UUID, Order]
) -> tuple[str, UUID | None, UUID | None]:
    """The currency, the customer and the channel of a return. Raises: OrdersDiffer."""
    for name in ("currency", "customer_id", "channel_id"):
        if len({getattr(order, name) for order in of.values()}) > 1:
            raise OrdersDiffer(name.removesuffix("_id")).at("lines")
    first = next(iter(of.values()), None)
    given = {each.unit_value.currency for each in command.lines if each.unit_value}
    given |= {command.currency} if command.currency else set()
    given |= {first.currency} if first else set()
    if len(given) != 1:
        raise OrdersDiffer("currency").at("currency")
    customer_id = first.customer_id if first else command.customer_id
    if command.customer_id not in (None, customer_id):
        raise OrdersDiffer("customer").at("customer_id")
    return given.pop(), customer_id, first.channel_id if first else None


def _check_pieces(wanted: Sequence[_Wanted], sent: Mapping[UUID, SentOrder]) -> None:
    """O1. Raises: NotReturnable."""
    faults, taken = Faults(), dict[PartKey, int]()
    for each in wanted:
        if each.order_id is None:
            continue
        part = sent[each.order_id].by_key.get(each.key)
        left = (part.returnable if part else 0) - taken.get(each.key, 0)
        if each.quantity > left:
            fault = NotReturnable(Rule.NOTHING_LEFT, max(0, left))
            faults.add(fault.at("lines", each.position, "quantity"))
        taken[each.key] = taken.get(each.key, 0) + each.quantity
    faults.check()


def _worths(wanted: Sequence[_Wanted], sent: Mapping[UUID, SentOrder]) -> Sequence[Worth]:
    """What each line is worth: all pieces of one part are, then its lines share that."""
    pieces: dict[UUID, dict[PartKey, int]] = {}
    for each in wanted:
        if each.order_id:
            of_order = pieces.setdefault(each.order_id, {})
            of_order[each.key] = of_order.get(each.key, 0) + each.quantity
    whole = {id: dict(frozen(sent[id], of_order)) for id, of_order in pieces.items()}
    found = []
    for each in wanted:
        if each.order_id is None:
            unit = each.draft.unit_value
            found.append(Worth(items=unit.minor * each.quantity if unit else 0))
            continue
        left, currency = pieces[each.order_id][each.key], sent[each.order_id].order.currency
        rest = whole[each.order_id][each.key]
        share = rest.share(each.quantity, left, currency)
        found.append(share)
        whole[each.order_id][each.key] = rest - share
        pieces[each.order_id][each.key] = left - each.quantity
    return found


def _judged(each: _Wanted, sent: Mapping[UUID, SentOrder], now: datetime) -> Judgement:
    if each.order_id is None:
        return Judgement(Verdict.REVIEW, Rule.NO_ORDER)
    return judgement(sent[each.order_id], each.variant_id, each.draft.condition, now)


def _policy(each: _Wanted, sent: Mapping[UUID, SentOrder]) -> ReturnPolicy | None:
    return sent[each.order_id].policies.get(each.variant_id) if each.order_id else None


def _within_limits(says: Judgement, made: Return, sent: Mapping[UUID, SentOrder]) -> Judgement:
    """What is allowed, is so only up to what each of its policies lets pass."""
    if says.verdict is not Verdict.ALLOWED:
        return says
    policies = {
        policy.id: policy for of in sent.values() for policy in of.policies.values() if policy
    }
    limits = [policy.auto_approve for policy in policies.values() if policy.auto_approve]
    zero = any(policy.auto_approve_minor == 0 for policy in policies.values())
    if zero or any(
        limit.currency != made.currency or made.value_minor > limit.minor for limit in limits
    ):
        return over_limit(says)
    return says


def _line(
    uow: UnitOfWork,
    made: Return,
    each: _Wanted,
    worth: Worth,
    says: Judgement,
    policy: ReturnPolicy | None,
) -> ReturnLine:
    draft = each.draft
    return new_line(
        uow,
        made,
        each.position,
        worth,
        says,
        origin=LineOrigin.REQUESTED,
        order_id=each.order_id,
        order_line_id=each.order_line_id,
        variant_id=each.variant_id,
        sku=each.sku,
        title=each.title,
        reason_id=draft.reason_id,
        note=draft.note,
        condition=draft.condition,
        lot_code=draft.lot_code,
        requested=each.quantity,
        fee_basis_points=policy.fee_basis_points if policy else 0,
        refunds_shipping=policy.refunds_shipping if policy else True,
    )


def _write(
    uow: UnitOfWork, made: Return, lines: Sequence[ReturnLine], of: Mapping[UUID, Order]
) -> Return:
    """Draw the number, as late as it can be, write the rows, and let the orders know."""
    key = {"kind": made.kind}
    drawn = draw(uow, return_series, key, prefix=PREFIXES[made.kind], digits=NUMBER_DIGITS)
    made = replace(made, number=drawn.text, serial=drawn.serial)
    add(uow, returns, [made])
    if of:
        rows = [{"return_id": made.id, "order_id": id} for id in sorted(of)]
        uow.db.execute(return_orders.insert(), rows)
    add(uow, return_lines, lines)
    tell(
        uow,
        None,
        made,
        sorted(of),
        ReturnRequested,
        kind=made.kind,
        channel_id=made.channel_id,
        verdict=made.verdict,
        rule=made.rule,
        currency=made.currency,
        value_minor=made.value_minor,
    )
    follow_orders(uow, of, ())
    return made
