"""What is said of suppliers on the wire: to find them, to make and to change them."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.purchasing.model.bank import (
    BankChangeKind,
    BankChangeSortKey,
    BankChangeStatus,
    BankDetails,
)
from backoffice_api.domain.purchasing.model.items import SupplierItemSortKey, SupplierItemStatus
from backoffice_api.domain.purchasing.model.suppliers import (
    Contact,
    OverReceiptPolicy,
    SupplierAddress,
    SupplierSortKey,
    SupplierStatus,
)
from backoffice_api.schema.aggregates import ExternalIdInput
from backoffice_api.schema.customers import TaxIdInput
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.money import MoneyInput, UnitPriceInput
from backoffice_api.schema.scalars import CurrencyCode


@filter_input
class SupplierFilter:
    """Which suppliers. All words that are given must hold."""

    status: list[SupplierStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    name: StringFilter | None = about("By name.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of suppliers.")
class SupplierSort:
    key: SupplierSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one supplier, in one of these ways.")
class SupplierLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)
    external_id: ExternalIdInput | None = about("By what another system calls it.", default=UNSET)


@filter_input
class SupplierBankChangeFilter:
    """Which proposed changes of bank accounts. All words that are given must hold."""

    status: list[BankChangeStatus] | None = about("In one of these states.", default=UNSET)
    supplier_id: IdFilter | None = about("Of such a supplier.", default=UNSET)
    created_at: DateTimeFilter | None = about("Proposed at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of proposed changes of bank accounts.")
class SupplierBankChangeSort:
    key: BankChangeSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class SupplierItemFilter:
    """Which supplier items. All words that are given must hold."""

    status: list[SupplierItemStatus] | None = about("In one of these states.", default=UNSET)
    supplier_id: IdFilter | None = about("Of such a supplier.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    supplier_sku: StringFilter | None = about("By the supplier's SKU.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of supplier items.")
class SupplierItemSort:
    key: SupplierItemSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="A SKU of a supplier is unique within the supplier.")
class SupplierSkuInput:
    supplier: str = about("The code of the supplier.")
    supplier_sku: str = about("What the supplier calls it.")


@strawberry.input(one_of=True, description="Names one supplier item, in one of these ways.")
class SupplierItemLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    supplier_sku: SupplierSkuInput | None = about("By the supplier's SKU.", default=UNSET)


@strawberry.input(description="Somebody who works for a supplier.")
class SupplierContactInput:
    name: str = about("The name, at most 250 characters.")
    role: str | None = about("What for, as sales.", default=None)
    email: str | None = about("E-mail address.", default=None)
    phone: str | None = about("Phone number with + and the code of its country.", default=None)

    def value(self) -> Contact:
        return Contact(self.name, self.role, self.email, self.phone)


@strawberry.input(description="Where a supplier is.")
class SupplierAddressInput:
    label: str | None = about("What for, as warehouse.", default=None)
    lines: list[str] = about("Street, number and what else is needed; 1 to 3.")
    district: str | None = about("Part of the city.", default=None)
    city: str = about("City, town or village.")
    region: str | None = about("State or province.", default=None)
    postal_code: str | None = about("Postal code, at most 20 characters.", default=None)
    country: str = about("Country by its two letters of ISO 3166-1, as BR.")

    def value(self) -> SupplierAddress:
        return SupplierAddress(
            label=self.label,
            lines=tuple(self.lines),
            district=self.district,
            city=self.city,
            region=self.region,
            postal_code=self.postal_code,
            country=self.country,
        )


@strawberry.input(description="A supplier to be made.")
class SupplierCreateInput:
    code: str = about("Short name for programs, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    currency: CurrencyCode = about("The currency of its prices; it cannot change later.")
    payment_days: int = about("Invoices are due after so many days, 0 to 365.", default=30)
    incoterm: str | None = about("The Incoterm agreed, as FCA Santos.", default=None)
    lead_time_days: int = about("Days from order to arrival, 0 to 730.", default=0)
    minimum_order: MoneyInput | None = about(
        "It takes orders from this subtotal on. Null: of any size.", default=None
    )
    over_receipt: OverReceiptPolicy = about(
        "What happens when more arrives than tolerated.", default=OverReceiptPolicy.REFUSE
    )
    over_tolerance_percent: int = about(
        "Percent of a line that may arrive beyond it, 0 to 100.", default=0
    )
    short_tolerance_percent: int = about(
        "Percent of a line that may be missing without being waited for, 0 to 100.", default=0
    )
    note: str = about("What the staff should know, at most 5,000 characters.", default="")
    contacts: list[SupplierContactInput] = about("At most 20.", default_factory=list)
    addresses: list[SupplierAddressInput] = about("At most 20.", default_factory=list)
    tax_ids: list[TaxIdInput] = about("At most 20.", default_factory=list)
    external_ids: list[ExternalIdInput] = about(
        "What other systems call it, at most 20.", default_factory=list
    )


@strawberry.input(
    description="What is to change of a supplier. What is absent stays; a list replaces the other."
)
class SupplierUpdateInput:
    code: str | None = about("Short name for programs.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    payment_days: int | None = about("Invoices are due after so many days.", default=UNSET)
    incoterm: str | None = about("The Incoterm agreed; null: none.", default=UNSET)
    lead_time_days: int | None = about("Days from order to arrival.", default=UNSET)
    minimum_order: MoneyInput | None = about(
        "It takes orders from this subtotal on; null: of any size.", default=UNSET
    )
    over_receipt: OverReceiptPolicy | None = about(
        "What happens when more arrives than tolerated.", default=UNSET
    )
    over_tolerance_percent: int | None = about(
        "Percent of a line that may arrive beyond it.", default=UNSET
    )
    short_tolerance_percent: int | None = about(
        "Percent of a line that may be missing without being waited for.", default=UNSET
    )
    note: str | None = about("What the staff should know.", default=UNSET)
    contacts: list[SupplierContactInput] | None = about("All of them.", default=UNSET)
    addresses: list[SupplierAddressInput] | None = about("All of them.", default=UNSET)
    tax_ids: list[TaxIdInput] | None = about("All of them.", default=UNSET)
    external_ids: list[ExternalIdInput] | None = about("All of them.", default=UNSET)


@strawberry.input(
    description="A bank account: by its IBAN, or by its number and the code of its bank."
)
class SupplierBankDetailsInput:
    holder: str = about("Whose account it is.")
    iban: str | None = about("The IBAN; spaces do not matter.", default=None)
    bic: str | None = about("The BIC of the bank.", default=None)
    account_number: str | None = about(
        "The number, if there is no IBAN; the key, if the code of the bank is `PIX`.", default=None
    )
    bank_code: str | None = about(
        "The code of the bank, if there is no IBAN; `PIX`, if the number is a PIX key.",
        default=None,
    )

    def value(self) -> BankDetails:
        return BankDetails(
            holder=self.holder,
            iban=self.iban,
            bic=self.bic,
            account_number=self.account_number,
            bank_code=self.bank_code,
        )


@strawberry.input(description="A change of a bank account that another person has to approve.")
class SupplierBankChangeProposeInput:
    supplier_id: strawberry.ID = about("Whose account it is.")
    kind: BankChangeKind = about("What is to become of the account.")
    account_id: strawberry.ID | None = about(
        "The account to be replaced or removed. Null: one is added.", default=None
    )
    details: SupplierBankDetailsInput | None = about(
        "The new account. Null: one is removed.", default=None
    )


@strawberry.input(description="From so many pieces on, one piece costs so much.")
class SupplierPriceBreakInput:
    from_quantity: int = about("From so many pieces on; one begins at 1.", default=1)
    unit_price: UnitPriceInput = about("What one of them costs.")


@strawberry.input(description="A variant as a supplier sells it.")
class SupplierItemCreateInput:
    supplier_id: strawberry.ID = about("Who sells it.")
    variant_id: strawberry.ID = about("What it is.")
    supplier_sku: str = about("What the supplier calls it; unique within the supplier.")
    title: str | None = about("Its name at the supplier.", default=None)
    currency: CurrencyCode | None = about(
        "The currency of its prices. Null: that of the supplier.", default=None
    )
    prices: list[SupplierPriceBreakInput] = about("At most 20.", default_factory=list)
    pack_size: int = about("Orders are multiples of so many pieces.", default=1)
    minimum_quantity: int = about("Orders are of at least so many pieces.", default=1)
    lead_time_days: int | None = about("Days from order to arrival.", default=None)
    is_preferred: bool = about(
        "The variant is bought here unless something else is said.", default=False
    )


@strawberry.input(description="What is to change of a supplier item. What is absent stays.")
class SupplierItemUpdateInput:
    supplier_sku: str | None = about("What the supplier calls it.", default=UNSET)
    title: str | None = about("Its name at the supplier; null: not known.", default=UNSET)
    prices: list[SupplierPriceBreakInput] | None = about("All of them.", default=UNSET)
    pack_size: int | None = about("Orders are multiples of so many pieces.", default=UNSET)
    minimum_quantity: int | None = about("Orders are of at least so many.", default=UNSET)
    lead_time_days: int | None = about(
        "Days from order to arrival; null: as the supplier.", default=UNSET
    )
    is_preferred: bool | None = about("The variant is bought here.", default=UNSET)
