"""How purchase orders are written, by whichever command."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import BigInteger, Date, Integer, update

from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import Duplicate, check_range, check_size
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.purchasing.model.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    MoreThanLeft,
    PurchaseOrderLine,
    UnknownPurchaseOrderLine,
)
from backoffice_api.domain.purchasing.model.orders import (
    MACHINE,
    PurchaseOrder,
    PurchaseOrderStatus,
)
from backoffice_api.domain.purchasing.model.suppliers import Supplier
from backoffice_api.domain.purchasing.tables.orders import (
    purchase_order_lines,
    purchase_orders,
)

_COUNTED = (
    "confirmed",
    "received",
    "rejected",
    "cancelled",
    "returned",
    "current_subtotal_minor",
    "current_tax_minor",
    "expected_on",
)
_KINDS = {
    name: Date() if name == "expected_on" else BigInteger() if "minor" in name else Integer()
    for name in _COUNTED
}

_PUT_COUNTS = UpdateEach(
    lambda given: (
        update(purchase_order_lines)
        .where(purchase_order_lines.c.id == given("id"))
        .values({name: given(name) for name in _COUNTED})
    ),
    id=Id(),
    **_KINDS,
)


def move(uow: UnitOfWork, order: PurchaseOrder, action: str) -> PurchaseOrder:
    """The order in the state to which `action` leads.

    Raises:
        InvalidTransition: the present state does not allow it.
    """
    return in_state(uow, order, MACHINE.check(action, order.status))


def in_state(uow: UnitOfWork, order: PurchaseOrder, status: PurchaseOrderStatus) -> PurchaseOrder:
    """The order in a state that its lines or an action lead to."""
    closed_at = uow.now if status is PurchaseOrderStatus.CLOSED else None
    return replace(order, status=status, closed_at=closed_at)


def save_order(uow: UnitOfWork, before: PurchaseOrder, after: PurchaseOrder) -> PurchaseOrder:
    """Write an order that is locked. The order with its new version."""
    return save(uow, purchase_orders, before, after)


def put_lines(uow: UnitOfWork, lines: Sequence[PurchaseOrderLine]) -> None:
    """Write quantities, amounts and dates of lines whose order is locked. One statement."""
    names = ("id", *_COUNTED)
    _PUT_COUNTS(uow.db, [{name: getattr(line, name) for name in names} for line in lines])


def index_order(
    uow: UnitOfWork, order: PurchaseOrder, supplier: Supplier, lines: Sequence[PurchaseOrderLine]
) -> None:
    """Let the search find an order by its number, its supplier and what is on it."""
    texts = (text for line in lines for text in (line.sku, line.supplier_sku, line.title))
    words = (order.number, order.supplier_reference, supplier.code, supplier.name, *texts)
    search.put(uow.db, "por", {order.id: words})


def asked_quantities(
    lines: Sequence[PurchaseOrderLine], asked: Sequence[tuple[UUID, int]], *, of: str
) -> Mapping[UUID, int]:
    """Pieces by line as an input names them. `of`: the property that says how many there can be.

    Raises:
        UnknownPurchaseOrderLine, Duplicate, OutOfRange, MoreThanLeft, TooMany.
    """
    by_id = {line.id: line for line in lines}
    quantities: dict[UUID, int] = {}
    faults = Faults()
    check_size(tuple(asked), faults, "lines", maximum=LINES_MAX)
    for position, (line_id, quantity) in enumerate(asked):
        here = ("lines", position)
        line = by_id.get(line_id)
        if line is None:
            faults.add(UnknownPurchaseOrderLine(line_id).at(*here, "line_id"))
            continue
        if line_id in quantities:
            faults.add(Duplicate(line.sku).at(*here, "line_id"))
        check_range(quantity, faults, *here, "quantity", minimum=1, maximum=QUANTITY_MAX)
        if quantity > (left := getattr(line, of)):
            faults.add(MoreThanLeft(left).at(*here, "quantity"))
        quantities[line_id] = quantity
    faults.check()
    return quantities
