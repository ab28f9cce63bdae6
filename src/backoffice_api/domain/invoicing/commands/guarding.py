"""What is invoiced stays on its order, at its price, until it is credited.

Pieces that are invoiced can be cancelled: a credit note follows. They can neither get another
price nor go to another order, since the invoice would then be of something that nobody ordered.
"""

from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model.invoices import PiecesInvoiced
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.events import OrderEdited
from backoffice_api.domain.orders.model.lines import OrderLine
from backoffice_api.domain.orders.model.moves import OrderMerged, OrderSplit


def keep_invoiced(uow: UnitOfWork, event: OrderEdited | OrderSplit | OrderMerged) -> None:
    """Refuse what an order became, if it is not what was invoiced any more.

    Raises:
        PiecesInvoiced: pieces that are invoiced got another price, were edited away, or went to
        another order.
    """
    invoiced = queries.invoiced_of(uow.db, event.id).pieces
    faults = Faults()
    for line in orders.lines_of(uow.db, event.id) if any(invoiced.values()) else ():
        pieces = invoiced.get(line.id, 0)
        if pieces > 0 and _is_other(event, line, pieces):
            faults.add(PiecesInvoiced(line.id, line.sku or line.title, pieces))
    faults.check()


def _is_other(event: OrderEdited | OrderSplit | OrderMerged, line: OrderLine, pieces: int) -> bool:
    """Whether a line, as it is now, has another price or lacks invoiced pieces.

    Only what the event has touched is looked at: pieces cancelled before wait for a credit note,
    and other lines can be changed meanwhile.
    """
    lacks = line.current_quantity < pieces
    match event:
        case OrderEdited():
            edits = [each for each in event.lines if each.line_id == line.id]
            return any(each.unit_price is not None or (each.removed and lacks) for each in edits)
        case OrderSplit():
            return lacks and any(each.line_id == line.id for each in event.lines)
        case OrderMerged():
            return lacks
