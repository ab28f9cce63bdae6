"""What can be asked about suppliers and purchase orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import Connection, select, tuple_

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.filters import On, OnMoney, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import (
    among,
    columns_of,
    fetch,
    many_per,
    one_per,
    select_as,
)
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.purchasing.model.bank import (
    BankAccount,
    BankChange,
    BankChangeSortKey,
)
from backoffice_api.domain.purchasing.model.items import (
    PriceBreak,
    SupplierItem,
    SupplierItemSortKey,
)
from backoffice_api.domain.purchasing.model.lines import PurchaseLineSortKey, PurchaseOrderLine
from backoffice_api.domain.purchasing.model.orders import (
    ApprovalLimit,
    ApprovalLimitSortKey,
    PurchaseOrder,
    PurchaseOrderSortKey,
    UnknownPurchaseOrder,
)
from backoffice_api.domain.purchasing.model.receipts import (
    Charge,
    PurchaseReturn,
    PurchaseReturnLine,
    PurchaseReturnSortKey,
    Receipt,
    ReceiptLine,
    ReceiptLineSortKey,
    ReceiptSortKey,
)
from backoffice_api.domain.purchasing.model.series import Series
from backoffice_api.domain.purchasing.model.suppliers import (
    Contact,
    Supplier,
    SupplierAddress,
    SupplierProfile,
    SupplierSortKey,
    UnknownSupplier,
)
from backoffice_api.domain.purchasing.tables.orders import (
    approval_limits,
    purchase_order_lines,
    purchase_orders,
    purchase_return_lines,
    purchase_returns,
    receipt_charges,
    receipt_lines,
    receipts,
    series,
)
from backoffice_api.domain.purchasing.tables.suppliers import (
    supplier_addresses,
    supplier_bank_accounts,
    supplier_bank_changes,
    supplier_contacts,
    supplier_item_prices,
    supplier_items,
    supplier_tax_ids,
    suppliers,
)

suppliers_by_ids = one_per(Supplier, suppliers, suppliers.c.id)
suppliers_by_codes = one_per(Supplier, suppliers, suppliers.c.code)
contacts_by_suppliers = many_per(
    Contact, supplier_contacts, supplier_contacts.c.supplier_id, supplier_contacts.c.position
)
addresses_by_suppliers = many_per(
    SupplierAddress,
    supplier_addresses,
    supplier_addresses.c.supplier_id,
    supplier_addresses.c.position,
)
tax_ids_by_suppliers = many_per(
    TaxId,
    supplier_tax_ids,
    supplier_tax_ids.c.supplier_id,
    supplier_tax_ids.c.kind,
    supplier_tax_ids.c.value,
)
accounts_by_ids = one_per(BankAccount, supplier_bank_accounts, supplier_bank_accounts.c.id)
accounts_by_suppliers = many_per(
    BankAccount,
    supplier_bank_accounts,
    supplier_bank_accounts.c.supplier_id,
    supplier_bank_accounts.c.id,
)
bank_changes_by_ids = one_per(BankChange, supplier_bank_changes, supplier_bank_changes.c.id)
items_by_ids = one_per(SupplierItem, supplier_items, supplier_items.c.id)
items_by_variants = many_per(
    SupplierItem, supplier_items, supplier_items.c.variant_id, supplier_items.c.id
)
prices_by_items = many_per(
    PriceBreak,
    supplier_item_prices,
    supplier_item_prices.c.item_id,
    supplier_item_prices.c.from_quantity,
)
series_by_ids = one_per(Series, series, series.c.id)
approval_limits_by_ids = one_per(ApprovalLimit, approval_limits, approval_limits.c.id)
approval_limits_by_currencies = one_per(ApprovalLimit, approval_limits, approval_limits.c.currency)
orders_by_ids = one_per(PurchaseOrder, purchase_orders, purchase_orders.c.id)
orders_by_numbers = one_per(PurchaseOrder, purchase_orders, purchase_orders.c.number)
lines_by_ids = one_per(PurchaseOrderLine, purchase_order_lines, purchase_order_lines.c.id)
lines_by_orders = many_per(
    PurchaseOrderLine,
    purchase_order_lines,
    purchase_order_lines.c.order_id,
    purchase_order_lines.c.position,
    purchase_order_lines.c.id,
)
receipts_by_ids = one_per(Receipt, receipts, receipts.c.id)
receipt_lines_by_ids = one_per(ReceiptLine, receipt_lines, receipt_lines.c.id)
lines_by_receipts = many_per(
    ReceiptLine, receipt_lines, receipt_lines.c.receipt_id, receipt_lines.c.position
)
charges_by_receipts = many_per(
    Charge, receipt_charges, receipt_charges.c.receipt_id, receipt_charges.c.position
)
returns_by_ids = one_per(PurchaseReturn, purchase_returns, purchase_returns.c.id)
lines_by_returns = many_per(
    PurchaseReturnLine,
    purchase_return_lines,
    purchase_return_lines.c.return_id,
    purchase_return_lines.c.position,
)
return_lines_by_ids = one_per(PurchaseReturnLine, purchase_return_lines, purchase_return_lines.c.id)

supplier_list = Listing(
    Supplier,
    suppliers,
    sorts={
        SupplierSortKey.CREATED_AT: suppliers.c.created_at,
        SupplierSortKey.CODE: suppliers.c.code,
        SupplierSortKey.NAME: suppliers.c.name,
    },
    words={
        "status": On(suppliers.c.status),
        "code": On(suppliers.c.code),
        "name": On(suppliers.c.name),
        "created_at": On(suppliers.c.created_at),
    },
    searched="sup",
)

bank_change_list = Listing(
    BankChange,
    supplier_bank_changes,
    sorts={BankChangeSortKey.CREATED_AT: supplier_bank_changes.c.created_at},
    words={
        "status": On(supplier_bank_changes.c.status),
        "supplier_id": On(supplier_bank_changes.c.supplier_id),
        "created_at": On(supplier_bank_changes.c.created_at),
    },
)

item_list = Listing(
    SupplierItem,
    supplier_items,
    sorts={
        SupplierItemSortKey.CREATED_AT: supplier_items.c.created_at,
        SupplierItemSortKey.SUPPLIER_SKU: supplier_items.c.supplier_sku,
    },
    words={
        "status": On(supplier_items.c.status),
        "supplier_id": On(supplier_items.c.supplier_id),
        "variant_id": On(supplier_items.c.variant_id),
        "supplier_sku": On(supplier_items.c.supplier_sku),
        "created_at": On(supplier_items.c.created_at),
    },
)

approval_limit_list = Listing(
    ApprovalLimit,
    approval_limits,
    sorts={ApprovalLimitSortKey.CURRENCY: approval_limits.c.currency},
    descending=False,
)

order_list = Listing(
    PurchaseOrder,
    purchase_orders,
    sorts={
        PurchaseOrderSortKey.CREATED_AT: purchase_orders.c.created_at,
        PurchaseOrderSortKey.UPDATED_AT: purchase_orders.c.updated_at,
        PurchaseOrderSortKey.NUMBER: purchase_orders.c.serial,
        PurchaseOrderSortKey.TOTAL: purchase_orders.c.total_minor,
    },
    words={
        "status": On(purchase_orders.c.status),
        "supplier_id": On(purchase_orders.c.supplier_id),
        "location_id": On(purchase_orders.c.location_id),
        "number": On(purchase_orders.c.number),
        "expected_on": On(purchase_orders.c.expected_on),
        "created_at": On(purchase_orders.c.created_at),
        "updated_at": On(purchase_orders.c.updated_at),
        "total": OnMoney(purchase_orders.c.total_minor, purchase_orders.c.currency),
        "variant_id": Within(
            purchase_orders.c.id,
            purchase_order_lines.c.order_id,
            purchase_order_lines.c.variant_id,
        ),
        "supplier_sku": Within(
            purchase_orders.c.id,
            purchase_order_lines.c.order_id,
            purchase_order_lines.c.supplier_sku,
        ),
    },
    searched="por",
    scopes={"total": Scope.COSTS_READ},
)

line_list = Listing(
    PurchaseOrderLine,
    purchase_order_lines,
    sorts={PurchaseLineSortKey.POSITION: purchase_order_lines.c.position},
    descending=False,
)

receipt_list = Listing(
    Receipt,
    receipts,
    sorts={
        ReceiptSortKey.RECEIVED_AT: receipts.c.received_at,
        ReceiptSortKey.CREATED_AT: receipts.c.created_at,
    },
    words={
        "number": On(receipts.c.number),
        "order_id": On(receipts.c.order_id),
        "supplier_id": On(receipts.c.supplier_id),
        "delivery_note": On(receipts.c.delivery_note),
        "received_at": On(receipts.c.received_at),
    },
)

receipt_line_list = Listing(
    ReceiptLine,
    receipt_lines,
    sorts={ReceiptLineSortKey.POSITION: receipt_lines.c.position},
    descending=False,
)

return_list = Listing(
    PurchaseReturn,
    purchase_returns,
    sorts={PurchaseReturnSortKey.CREATED_AT: purchase_returns.c.created_at},
    words={
        "number": On(purchase_returns.c.number),
        "order_id": On(purchase_returns.c.order_id),
        "supplier_id": On(purchase_returns.c.supplier_id),
        "created_at": On(purchase_returns.c.created_at),
    },
)

return_line_list = Listing(
    PurchaseReturnLine,
    purchase_return_lines,
    sorts={ReceiptLineSortKey.POSITION: purchase_return_lines.c.position},
    descending=False,
)


@dataclass(frozen=True, slots=True)
class SupplierSku:
    """SKUs of suppliers are unique within a supplier, which is named by its code."""

    supplier: str
    supplier_sku: str


def items_by_supplier_skus(
    db: Connection, names: Iterable[SupplierSku]
) -> Mapping[SupplierSku, SupplierItem]:
    wanted = [(each.supplier, each.supplier_sku) for each in names]
    statement = (
        select(suppliers.c.code, *columns_of(SupplierItem, supplier_items))
        .join_from(supplier_items, suppliers, supplier_items.c.supplier_id == suppliers.c.id)
        .where(tuple_(suppliers.c.code, supplier_items.c.supplier_sku).in_(wanted))
    )
    found = [(code, SupplierItem(*row)) for code, *row in db.execute(statement)]
    return {SupplierSku(code, item.supplier_sku): item for code, item in found}


def suppliers_by_external_ids(
    db: Connection, names: Sequence[ExternalId]
) -> Mapping[ExternalId, Supplier]:
    found = external_ids.find(db, "sup", names)
    rows = suppliers_by_ids(db, found.values())
    return {name: rows[id] for name, id in found.items() if id in rows}


def owners_by_tax_ids(db: Connection, wanted: Sequence[TaxId]) -> Mapping[TaxId, UUID]:
    """Which suppliers have these tax ids, which must be canonical."""
    if not wanted:
        return {}
    of = supplier_tax_ids.c
    statement = select(of.kind, of.value, of.supplier_id).where(
        among(of.kind, {each.kind for each in wanted}),
        among(of.value, {each.value for each in wanted}),
    )
    owners = {TaxId(kind, value): id for kind, value, id in db.execute(statement)}
    return {each: owners[each] for each in wanted if each in owners}


def supplier(db: Connection, id: UUID, *path: str) -> Supplier:
    """The supplier `id`. `path`: where the input names it, if that is not its own `id`.

    Raises:
        UnknownSupplier: there is none.
    """
    if found := suppliers_by_ids(db, [id]).get(id):
        return found
    raise UnknownSupplier(id.hex).at(*(path or ("id",)))


def supplier_profile(db: Connection, id: UUID) -> SupplierProfile:
    """The supplier `id` with its lists.

    Raises:
        UnknownSupplier: there is none.
    """
    found = supplier(db, id)
    # JSON gives lists, which compare otherwise than what was written.
    addresses = [
        replace(each, lines=tuple(each.lines))
        for each in addresses_by_suppliers(db, [id]).get(id, ())
    ]
    return SupplierProfile(
        **{each.name: getattr(found, each.name) for each in fields(Supplier)},
        contacts=tuple(contacts_by_suppliers(db, [id]).get(id, ())),
        addresses=tuple(addresses),
        tax_ids=tuple(tax_ids_by_suppliers(db, [id]).get(id, ())),
        external_ids=tuple(external_ids.by_subjects(db, [id]).get(id, ())),
    )


def all_series(db: Connection) -> Sequence[Series]:
    """Every series that was used or set, by kind."""
    return fetch(db, Series, select_as(Series, series).order_by(series.c.kind))


def locked_order(db: Connection, id: UUID) -> PurchaseOrder:
    """The purchase order `id`, which nobody else can change until the transaction ends.

    Whoever changes an order, its lines or its receipts begins here.

    Raises:
        UnknownPurchaseOrder: there is none.
    """
    statement = select_as(PurchaseOrder, purchase_orders).where(purchase_orders.c.id == id)
    if found := fetch(db, PurchaseOrder, statement.with_for_update()):
        return found[0]
    raise UnknownPurchaseOrder(id).at("id")


def lines_of(db: Connection, order_id: UUID) -> Sequence[PurchaseOrderLine]:
    """All lines of one purchase order, in their order."""
    return lines_by_orders(db, [order_id]).get(order_id, ())
