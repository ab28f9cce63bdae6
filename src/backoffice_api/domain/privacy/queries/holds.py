"""What has to stay for now: conditions on rows, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Table, exists, select

from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.orders.model.orders import OrderStatus
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.payments.model.refunds import ON_ITS_WAY
from backoffice_api.domain.payments.tables import disputes, refunds
from backoffice_api.domain.privacy.model.duties import Reason, held_since
from backoffice_api.domain.receivables.tables import receivables
from backoffice_api.domain.returns.tables import return_orders, returns

# Orders that somebody still has to serve.
_UNDER_WAY = (OrderStatus.PENDING_APPROVAL, OrderStatus.OPEN)


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows of `table` that have to stay, with all that leads to them."""

    table: Table
    reason: Reason
    condition: ColumnElement[bool]


def holds(today: date, years: Mapping[Reason, int]) -> Sequence[Hold]:
    """All holds of this day. `years`: for how long the law keeps what it keeps."""
    of_returns = select(return_orders.c.order_id).join(
        returns, returns.c.id == return_orders.c.return_id
    )
    return (
        Hold(orders, Reason.CONTRACT, orders.c.status.in_(_UNDER_WAY)),
        Hold(
            orders,
            Reason.CONTRACT,
            of_returns.where(
                return_orders.c.order_id == orders.c.id, returns.c.closed_at.is_(None)
            ).exists(),
        ),
        Hold(returns, Reason.CONTRACT, returns.c.closed_at.is_(None)),
        Hold(
            orders,
            Reason.CLAIM,
            exists().where(disputes.c.order_id == orders.c.id, disputes.c.closed_at.is_(None)),
        ),
        Hold(
            orders,
            Reason.CLAIM,
            exists().where(refunds.c.order_id == orders.c.id, refunds.c.status.in_(ON_ITS_WAY)),
        ),
        Hold(
            orders,
            Reason.CLAIM,
            exists().where(receivables.c.order_id == orders.c.id, receivables.c.open_minor > 0),
        ),
        *(
            Hold(table, reason, table.c[table.info["since"]] >= held_since(today, years[reason]))
            for table, reason in kept_tables()
        ),
    )


def kept_tables() -> Sequence[tuple[Table, Reason]]:
    """Tables whose rows a law keeps, and which reason that is."""
    return [
        (table, Reason(table.info["kept"]))
        for table in metadata.sorted_tables
        if "kept" in table.info
    ]
