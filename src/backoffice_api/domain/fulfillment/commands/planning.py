"""Planning: what is promised to orders becomes fulfillments, each at one location.

Hundreds of orders are planned with the same number of statements as one. What is promised at
other locations than those that are chosen is promised there instead, in the same transaction.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands.promises import Bin, Promises, Want
from backoffice_api.domain.fulfillment.commands.writing import (
    check_open,
    locked_orders,
    parts_by_lines,
    picks_of,
    tell,
    units_by_lines,
)
from backoffice_api.domain.fulfillment.model.calendars import WorkingDays
from backoffice_api.domain.fulfillment.model.events import FulfillmentPlanned
from backoffice_api.domain.fulfillment.model.fulfillments import (
    MACHINE,
    ORDERS_MAX,
    SERVICE_LENGTH_MAX,
    DispatchGate,
    Fulfillment,
    FulfillmentLine,
    FulfillmentState,
    Planned,
)
from backoffice_api.domain.fulfillment.model.refusals import NoSite, NothingToPlan
from backoffice_api.domain.fulfillment.model.routing import (
    Leg,
    Place,
    Route,
    Weights,
    Wish,
    route,
)
from backoffice_api.domain.fulfillment.queries import sites
from backoffice_api.domain.fulfillment.queries.waiting import waiting_by_lines
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, fulfillments
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.orders import Order, OrderStatus, UnknownOrder

_WAITS = "It waits for goods; where it is sent from is decided when they are there."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFulfillments(Command):
    """`strategy`: code of how routing weighs; None: the default one.

    `location_ids`: only from these sites; None: from any. `service`: with which service of a
    carrier they are to go.
    """

    scope = Scope.FULFILLMENT_WRITE
    order_ids: tuple[UUID, ...]
    strategy: str | None = None
    location_ids: tuple[UUID, ...] | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """How one order would be sent. `waiting`: units that wait for goods, by line."""

    order: Order
    to: Place
    parts: Mapping[UUID, Mapping[UUID, int]]
    route: Route | None
    waiting: Mapping[UUID, int]


def plan_fulfillments(uow: UnitOfWork, command: PlanFulfillments) -> Planned:
    """Plan what is promised to orders and in no fulfillment yet. Ids of the fulfillments.

    What waits for goods becomes a fulfillment of its own, which is backordered.

    Raises:
        UnknownOrder, OrderNotOpen, UnknownStrategy, TooMany, InvalidText.
        NoSite: there is no location to send from.
        NothingToPlan: nothing is left of any of the orders.
    """
    faults = Faults()
    check_size(command.order_ids, faults, "order_ids", maximum=ORDERS_MAX)
    check_text(command.service, faults, "service", maximum=SERVICE_LENGTH_MAX)
    faults.check()
    found = locked_orders(uow, set(command.order_ids))
    for position, id in enumerate(command.order_ids):
        if id not in found:
            raise UnknownOrder(id).at("order_ids", position)
    ordered = [found[id] for id in dict.fromkeys(command.order_ids)]
    for order in ordered:
        check_open(order)
    weights = sites.weights(uow.db, command.strategy)
    made = plan(uow, ordered, weights, command.location_ids, service=command.service)
    if not made:
        raise NothingToPlan
    return Planned(tuple(made))


def plan(
    uow: UnitOfWork,
    ordered: Sequence[Order],
    weights: Weights,
    location_ids: Collection[UUID] | None = None,
    *,
    shunned: Collection[Bin] = (),
    service: str | None = None,
) -> Sequence[UUID]:
    """Plan orders that are locked. Ids of the fulfillments, order by order.

    `shunned`: locations where pieces of a variant are not to be promised any more.

    Raises:
        NoSite: there is no location to send from.
    """
    planner = Planner(uow, ordered, weights, location_ids, shunned)
    proposals = planner.proposals()
    planner.promises.write()
    return write_plan(uow, planner, proposals, service)


class Planner:
    """What has to be known to plan orders, read with a constant number of statements."""

    def __init__(
        self,
        uow: UnitOfWork,
        ordered: Sequence[Order],
        weights: Weights,
        location_ids: Collection[UUID] | None = None,
        shunned: Collection[Bin] = (),
        leaving: UUID | None = None,
    ) -> None:
        """`leaving`: a fulfillment that gives up what is promised where it is sent from now."""
        db, ids = uow.db, [order.id for order in ordered]
        self._orders, self._leaving = ordered, leaving
        self._weights = weights
        self.origins = [
            each
            for each in sites.origins(db)
            if location_ids is None or each.id in set(location_ids)
        ]
        if not self.origins:
            raise NoSite
        self._lines = orders.lines_by_orders(db, ids)
        goods = [line for of in self._lines.values() for line in of if line.variant_id]
        self.parts = parts_by_lines(uow, goods)
        self.addresses = orders.shipping_addresses_by_orders(db, ids)
        self.present = queries.fulfillments_by_orders(db, ids)
        open_ids = [each.id for of in self.present.values() for each in of]
        self._planned = queries.lines_by_fulfillments(db, open_ids)
        self._waiting = waiting_by_lines(db, [line.id for line in goods])
        variant_ids = {id for per in self.parts.values() for id in per}
        owners = {line.id: line.order_id for line in goods}
        self.promises = Promises(uow, owners, variant_ids, shunned)
        self._claim(uow)

    def _claim(self, uow: UnitOfWork) -> None:
        """Speak for what fulfillments that are there already are to send."""
        lines = [line for order in self._orders for _, line in self._open_lines(order.id)]
        picked = picks_of(uow, lines)
        wants = []
        for order in self._orders:
            for of, line in self._open_lines(order.id):
                if of.status is FulfillmentState.BACKORDERED or of.id == self._leaving:
                    continue
                part, rest = (line.order_line_id, line.variant_id), line.quantity
                for pick in picked.get(line.id, ()):
                    wants.append(Want(part, of.location_id, pick.quantity, pick.location_id))
                    rest -= pick.quantity
                wants.append(Want(part, of.location_id, rest))
        self.promises.claim(wants)

    def _open_lines(self, order_id: UUID) -> Iterable[tuple[Fulfillment, FulfillmentLine]]:
        for each in self.present.get(order_id, ()):
            if "cancel" in MACHINE.allowed(each.status):
                for line in self._planned.get(each.id, ()):
                    yield each, line

    def proposals(self) -> Sequence[Proposal]:
        """How each order is to be sent, what the earlier ones take being taken from the later.

        What is promised elsewhere is moved in memory, to be written by the caller.
        """
        return [self._proposal(order) for order in self._orders]

    def _proposal(self, order: Order) -> Proposal:
        address = self.addresses.get(order.id)
        to = (
            Place(address.country, address.region, address.postal_code.strip() or None)
            if address and address.postal_code
            else Place(address.country, address.region)
            if address
            else Place()
        )
        wishes, waiting = self._wishes(order)
        found: Route | None = None
        if wishes:
            found = route(
                wishes, self.origins, self._stock(wishes), to, self._weights, self._promised(wishes)
            )
            self.promises.settle(
                [
                    Want((line_id, variant_id), leg.origin.id, units * per)
                    for leg in found.chosen.legs
                    for line_id, units in leg.units.items()
                    for variant_id, per in self.parts[line_id].items()
                ]
            )
        return Proposal(order, to, self.parts, found, waiting)

    def _wishes(self, order: Order) -> tuple[Sequence[Wish], Mapping[UUID, int]]:
        """What of an order is still to be planned, and what of it waits for goods."""
        planned: Counter[UUID] = Counter()
        backordered: Counter[UUID] = Counter()
        for each in self.present.get(order.id, ()):
            if "cancel" not in MACHINE.allowed(each.status):
                continue
            into = backordered if each.status is FulfillmentState.BACKORDERED else planned
            into.update(units_by_lines(self._planned.get(each.id, ()), self.parts))
        wishes, waiting = [], {}
        for line in self._lines.get(order.id, ()):
            if not line.variant_id or order.status is not OrderStatus.OPEN:
                continue
            waits = self._waiting.get(line.id, 0)
            if (missing := waits - backordered[line.id]) > 0:
                waiting[line.id] = missing
            left = line.unshipped - planned[line.id] - max(waits, backordered[line.id])
            if left > 0:
                wishes.append(Wish(line.id, _name(line), left, self.parts[line.id]))
        return wishes, waiting

    def _stock(self, wishes: Sequence[Wish]) -> Mapping[tuple[UUID, UUID], int]:
        found: Counter[tuple[UUID, UUID]] = Counter()
        for variant_id in {id for wish in wishes for id in wish.parts}:
            for origin in self.origins:
                found[origin.id, variant_id] = self.promises.free(origin.id, variant_id)
        for wish in wishes:
            for variant_id in wish.parts:
                for site_id, pieces in self.promises.held((wish.line_id, variant_id)).items():
                    found[site_id, variant_id] += pieces
        return found

    def _promised(self, wishes: Sequence[Wish]) -> Mapping[UUID, int]:
        found: Counter[UUID] = Counter()
        for wish in wishes:
            for variant_id in wish.parts:
                found.update(self.promises.held((wish.line_id, variant_id)))
        return found


def _name(line: OrderLine) -> str:
    return line.sku or line.title


@dataclass(slots=True)
class _Sheet:
    """The rows of what is planned, while they are made."""

    rows: list[Fulfillment]
    lines: list[FulfillmentLine]
    orders: dict[UUID, Order]


def write_plan(
    uow: UnitOfWork, planner: Planner, proposals: Sequence[Proposal], service: str | None
) -> Sequence[UUID]:
    """Write what was proposed as fulfillments. Their ids, order by order."""
    used = {leg.origin.id for each in proposals if each.route for leg in each.route.chosen.legs}
    calendars = sites.working_days_by_sites(uow.db, used) if used else {}
    sheet = _Sheet([], [], {})
    for each in proposals:
        count = len(planner.present.get(each.order.id, ()))
        legs = each.route.chosen.legs if each.route else ()
        for number, leg in enumerate(legs, start=count + 1):
            _draft(uow, sheet, each, leg, number, service, calendars.get(leg.origin.id))
        if each.waiting:
            origin = legs[0].origin if legs else planner.origins[0]
            leg = Leg(origin, each.waiting, 0, 0)
            _draft(uow, sheet, each, leg, count + len(legs) + 1, service, None, waits=True)
    add(uow, fulfillments, sheet.rows)
    add(uow, fulfillment_lines, sheet.lines)
    pieces: Counter[UUID] = Counter()
    for line in sheet.lines:
        pieces[line.fulfillment_id] += line.quantity
    for row in sheet.rows:
        tell(uow, FulfillmentPlanned, None, row, sheet.orders[row.order_id], pieces[row.id])
    return [row.id for row in sheet.rows]


def _draft(
    uow: UnitOfWork,
    sheet: _Sheet,
    of: Proposal,
    leg: Leg,
    number: int,
    service: str | None,
    calendar: WorkingDays | None,
    *,
    waits: bool = False,
) -> None:
    order = of.order
    ship_by = calendar.ship_by(order.placed_at or uow.now) if calendar else None
    row = Fulfillment(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        order_id=order.id,
        location_id=leg.origin.id,
        number=f"{order.name}-{number}",
        status=MACHINE.check("wait", MACHINE.start) if waits else MACHINE.start,
        dispatch_gate=DispatchGate.NOT_REQUIRED,
        ship_by=ship_by,
        deliver_by=calendar.deliver_by(ship_by) if calendar and ship_by else None,
        shipped_at=None,
        delivered_at=None,
        service=service,
        zone=of.to.zone,
        explanation=(_WAITS,) if waits or of.route is None else of.route.reasons,
    )
    sheet.rows.append(row)
    sheet.orders[order.id] = order
    parts = [
        (line_id, variant_id, units * per)
        for line_id, units in leg.units.items()
        for variant_id, per in of.parts[line_id].items()
    ]
    sheet.lines += [
        FulfillmentLine(uow.new_id(), row.id, line_id, variant_id, position, pieces, 0, 0, 0)
        for position, (line_id, variant_id, pieces) in enumerate(parts)
    ]
