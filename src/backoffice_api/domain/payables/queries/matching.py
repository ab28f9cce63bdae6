"""What bills are matched with."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.catalog import queries as catalog
from backoffice_api.domain.catalog.model.categories import ids_on
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.model.matching import (
    Billed,
    MatchStatus,
    MatchTolerance,
    MatchToleranceSortKey,
    Tolerance,
    tolerance_for,
    tolerance_key,
)
from backoffice_api.domain.payables.tables.bills import bill_lines, bills
from backoffice_api.domain.payables.tables.matching import billed_lines, match_tolerances
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing.model.lines import PurchaseOrderLine

WAITING_MAX = 50

tolerances_by_ids = one_per(MatchTolerance, match_tolerances, match_tolerances.c.id)
tolerances_by_keys = one_per(MatchTolerance, match_tolerances, match_tolerances.c.key)
billed_by_order_lines = one_per(
    Billed,
    billed_lines,
    billed_lines.c.order_line_id,
    billed_lines.c.kind == BillKind.BILL,
)

tolerance_list = Listing(
    MatchTolerance,
    match_tolerances,
    sorts={MatchToleranceSortKey.CREATED_AT: match_tolerances.c.created_at},
    words={
        "supplier_id": On(match_tolerances.c.supplier_id),
        "category_id": On(match_tolerances.c.category_id),
    },
)


def locked_billed(
    db: Connection, kind: BillKind, order_line_ids: Collection[UUID]
) -> Mapping[UUID, Billed]:
    """What is billed of these lines; nobody else bills them until the transaction ends."""
    statement = (
        select_as(Billed, billed_lines)
        .where(billed_lines.c.kind == kind, among(billed_lines.c.order_line_id, order_line_ids))
        .order_by(billed_lines.c.order_line_id)
        .with_for_update()
    )
    return {each.order_line_id: each for each in fetch(db, Billed, statement)}


def waiting_for(db: Connection, order_line_ids: Collection[UUID]) -> Sequence[UUID]:
    """Ids of the bills that do not match and bill some of these lines, by id.

    At most `WAITING_MAX`: further ones are compared when somebody asks.
    """
    statement = (
        select(bills.c.id)
        .distinct()
        .join(bill_lines, bill_lines.c.bill_id == bills.c.id)
        .where(
            among(bill_lines.c.order_line_id, order_line_ids),
            bills.c.match_status == MatchStatus.EXCEPTION,
            bills.c.status == BillStatus.PENDING_APPROVAL,
        )
        .order_by(bills.c.id)
        .limit(WAITING_MAX)
    )
    return db.execute(statement).scalars().all()


def product_ids_of(db: Connection, lines: Collection[PurchaseOrderLine]) -> Mapping[UUID, UUID]:
    """The product of each line, by the id of the line."""
    found = products.variants_by_ids(db, {each.variant_id for each in lines})
    return {each.id: found[each.variant_id].product_id for each in lines}


def tolerances_of(
    db: Connection, supplier_id: UUID, product_ids: Mapping[UUID, UUID]
) -> Mapping[UUID, Tolerance]:
    """The tolerances for lines of purchase orders, given the product of each. Three statements."""
    primary = catalog.primary_categories_by_products(db, set(product_ids.values()))
    paths = catalog.paths_by_ids(db, {each.id for each in primary.values()})
    # The category of the product itself first, then those above it.
    above = {id: tuple(reversed(ids_on(paths[each.id]))) for id, each in primary.items()}
    keys = {tolerance_key(supplier, None) for supplier in (supplier_id, None)}
    for ids in above.values():
        keys |= {tolerance_key(supplier, id) for supplier in (supplier_id, None) for id in ids}
    rules = tolerances_by_keys(db, keys)
    return {
        line_id: tolerance_for(rules, supplier_id, above.get(product_id, ()))
        for line_id, product_id in product_ids.items()
    }
