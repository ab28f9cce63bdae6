"""Suppliers, their bank accounts and what they sell, on the wire.

What things cost takes a scope of its own, and so do numbers of bank accounts.
"""

from datetime import datetime
from typing import Any

import strawberry

from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.bank_accounts import BankNumberFault, InvalidBic, InvalidIban
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model import bank as bank_model
from backoffice_api.domain.purchasing.model import items as item_model
from backoffice_api.domain.purchasing.model import suppliers as model
from backoffice_api.domain.purchasing.model.bank import (
    BankChangeKind,
    BankChangeSortKey,
    BankChangeStatus,
)
from backoffice_api.domain.purchasing.model.items import SupplierItemSortKey, SupplierItemStatus
from backoffice_api.domain.purchasing.model.suppliers import (
    OverReceiptPolicy,
    SupplierSortKey,
    SupplierStatus,
)
from backoffice_api.schema.aggregates import (
    ActionState,
    Actor,
    ExternalId,
    HasTimeline,
    actor_of,
)
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import CustomerTaxId
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.money import Money, UnitPrice
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import CurrencyCode

READ = Scope.PURCHASING_READ

for _choices in (
    BankNumberFault,
    OverReceiptPolicy,
    SupplierItemSortKey,
    SupplierItemStatus,
    SupplierSortKey,
    SupplierStatus,
):
    choice(_choices)
choice(BankChangeKind, name="SupplierBankChangeKind")
choice(BankChangeSortKey, name="SupplierBankChangeSortKey")
choice(BankChangeStatus, name="SupplierBankChangeStatus")


def _personal(kind: str, description: str) -> Any:
    """A field of personal data of this class: who may not see it cannot ask for it."""
    return about(description, personal=kind, scope=Scope.PERSONAL_READ)


def _secret(description: str) -> Any:
    """A field of payments: who may not see numbers of accounts cannot ask for it."""
    return about(description, personal="payment", scope=Scope.PAYMENTS_READ)


@described
class SupplierContact:
    """Somebody who works for a supplier."""

    name: str = _personal("identity", "The name.")
    role: str | None = about("What for, as sales. Null if not known.")
    email: str | None = _personal("contact", "E-mail address. Null if not known.")
    phone: str | None = _personal(
        "contact", "Phone number with the code of its country. Null if not known."
    )


@described
class SupplierAddress:
    """Where a supplier is."""

    label: str | None = _personal("address", "What for, as warehouse. Null if nothing.")
    lines: list[str] = _personal("address", "Street, number and what else is needed; 1 to 3.")
    district: str | None = _personal("address", "Part of the city. Null if it needs none.")
    city: str = _personal("address", "City, town or village.")
    region: str | None = _personal("address", "State or province. Null if it needs none.")
    postal_code: str | None = _personal("address", "Postal code. Null if it has none.")
    country: str = _personal("address", "Country by its two letters of ISO 3166-1.")


@node("sba", bank_model.BankAccount, queries.accounts_by_ids, scope=READ)
class SupplierBankAccount(Node):
    """An account that a supplier is paid to. It changes only by an approved proposal."""

    masked_number: str = about("Its number with all but the ends hidden, as DE••••3000.")
    holder: str = _secret("Whose account it is.")
    iban: str | None = _secret("The IBAN without spaces. Null if it has none.")
    bic: str | None = _secret("The BIC of its bank. Null if not known.")
    account_number: str | None = _secret("Its number, if it has no IBAN.")
    bank_code: str | None = _secret("The code of its bank, if it has no IBAN.")
    change: "SupplierBankChange" = one(
        queries.bank_changes_by_ids, "change_id", "The proposal that made it so."
    )


@node("sup", model.Supplier, queries.suppliers_by_ids, scope=READ)
class Supplier(Node, Versioned, HasTimeline):
    """Who sells to the shop."""

    code: str = about("Short name for programs, unique.")
    name: str = about("Its name.")
    status: SupplierStatus = about("Whether things are bought from it.")
    currency: CurrencyCode = about("The currency of its prices.")
    payment_days: int = about("Its invoices are due so many days after their date.")
    incoterm: str | None = about("The Incoterm agreed, as FCA Santos. Null if none.")
    lead_time_days: int = about("Days from sending an order to the arrival of the goods.")
    minimum_order: Money | None = about(
        "It takes orders from this subtotal on. Null: of any size.", scope=Scope.COSTS_READ
    )
    over_receipt: OverReceiptPolicy = about("What happens when more arrives than tolerated.")
    over_tolerance_percent: int = about(
        "Percent of the ordered pieces of a line that may arrive beyond them."
    )
    short_tolerance_percent: int = about(
        "A missing rest of a line of at most so many percent of it is called off by the receipt."
    )
    note: str = about("What the staff should know. Empty if nothing.")
    actions: list[ActionState] = about("What can be done with it now.")
    contacts: list[SupplierContact] = many(
        queries.contacts_by_suppliers, "id", "Who works there; at most 20."
    )
    addresses: list[SupplierAddress] = many(
        queries.addresses_by_suppliers, "id", "Where it is; at most 20."
    )
    tax_ids: list[CustomerTaxId] = many(
        queries.tax_ids_by_suppliers, "id", "Under which numbers tax offices know it; at most 20."
    )
    external_ids: list[ExternalId] = many(
        external_ids.by_subjects, "id", "What other systems call it; at most 20."
    )
    bank_accounts: list[SupplierBankAccount] = many(
        queries.accounts_by_suppliers, "id", "Where it is paid to; at most 20."
    )
    bank_changes: Connection["SupplierBankChange"] = listed_under(
        queries.bank_change_list,
        queries.bank_change_list.table.c.supplier_id,
        "Changes of its bank accounts that were proposed, newest first.",
    )
    items: Connection["SupplierItem"] = listed_under(
        queries.item_list,
        queries.item_list.table.c.supplier_id,
        "What it sells, newest first.",
    )


@node("sbc", bank_model.BankChange, queries.bank_changes_by_ids, scope=READ)
class SupplierBankChange(Node, Versioned, HasTimeline):
    """A change of a bank account that one person proposed and another one has to approve."""

    kind: BankChangeKind = about("What is to become of the account.")
    status: BankChangeStatus = about("What became of the proposal.")
    masked_number: str | None = about(
        "The new number with all but the ends hidden. Null: an account is removed."
    )
    holder: str | None = _secret("Whose account it is. Null: an account is removed.")
    iban: str | None = _secret("The new IBAN. Null if it has none.")
    bic: str | None = _secret("The new BIC. Null if not known.")
    account_number: str | None = _secret("The new number, if it has no IBAN.")
    bank_code: str | None = _secret("The code of the new bank, if it has no IBAN.")
    decided_at: datetime | None = about("When it was approved or rejected. Null: it waits.")
    actions: list[ActionState] = about("What can be done with it now.")
    supplier: Supplier = one(queries.suppliers_by_ids, "supplier_id", "Whose account it is.")
    account: SupplierBankAccount | None = one(
        queries.accounts_by_ids,
        "account_id",
        "The account to be replaced or removed, while it is there. Null: one is added.",
    )

    @strawberry.field(description="Who proposed it.")
    def proposed_by(parent: strawberry.Parent[bank_model.BankChange]) -> Actor:
        return actor_of(parent.proposed_by_kind, parent.proposed_by_id)

    @strawberry.field(description="Who approved or rejected it. Null: it waits.")
    def decided_by(parent: strawberry.Parent[bank_model.BankChange]) -> Actor | None:
        kind = parent.decided_by_kind
        return actor_of(kind, parent.decided_by_id) if kind else None


@described
class SupplierPriceBreak:
    """From so many pieces on, one piece costs so much."""

    from_quantity: int = about("From so many pieces on.")
    unit_price: UnitPrice = about("What one of them costs.", scope=Scope.COSTS_READ)


@node("spi", item_model.SupplierItem, queries.items_by_ids, scope=READ)
class SupplierItem(Node, Versioned, HasTimeline):
    """A variant as a supplier sells it."""

    supplier_sku: str = about("What the supplier calls it; unique within the supplier.")
    title: str | None = about("Its name at the supplier. Null if not known.")
    status: SupplierItemStatus = about("Whether it is bought there.")
    currency: CurrencyCode = about("The currency of its prices.")
    pack_size: int = about("Orders are multiples of so many pieces.")
    minimum_quantity: int = about("Orders are of at least so many pieces.")
    lead_time_days: int | None = about("Days from order to arrival. Null: as the supplier.")
    is_preferred: bool = about("The variant is bought here unless something else is said.")
    actions: list[ActionState] = about("What can be done with it now.")
    prices: list[SupplierPriceBreak] = many(
        queries.prices_by_items, "id", "What it costs, the smallest quantity first; at most 20."
    )
    supplier: Supplier = one(queries.suppliers_by_ids, "supplier_id", "Who sells it.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is.")


attach(
    Variant,
    "supplier_items",
    Connection[SupplierItem],
    listed_under(
        queries.item_list,
        queries.item_list.table.c.variant_id,
        "Who sells it, last come first.",
        scope=READ,
    ),
)


@error(InvalidIban)
class InvalidIbanError(UserError):
    """The value is no IBAN."""

    fault: BankNumberFault = about("What is wrong with it.")


@error(InvalidBic)
class InvalidBicError(UserError):
    """The value is no BIC."""

    fault: BankNumberFault = about("What is wrong with it.")


@payload
class SupplierPayload(MutationPayload):
    """What a mutation of a supplier answers."""

    supplier: Supplier | None = one(
        queries.suppliers_by_ids, "value", "The supplier as it is now. Null if it was refused."
    )


@payload
class SupplierBankChangePayload(MutationPayload):
    """What a mutation of a proposed change of a bank account answers."""

    change: SupplierBankChange | None = one(
        queries.bank_changes_by_ids, "value", "The proposal as it is now. Null if it was refused."
    )


@payload
class SupplierItemPayload(MutationPayload):
    """What a mutation of a supplier item answers."""

    item: SupplierItem | None = one(
        queries.items_by_ids, "value", "The item as it is now. Null if it was refused."
    )
