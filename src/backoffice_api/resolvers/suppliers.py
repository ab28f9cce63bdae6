"""What can be asked and done with suppliers, their bank accounts and what they sell."""

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands import bank as on_bank
from backoffice_api.domain.purchasing.commands import items as on_items
from backoffice_api.domain.purchasing.commands import suppliers as on_suppliers
from backoffice_api.schema.aggregates import ExternalIdInput
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep, keep_each
from backoffice_api.schema.supplier_inputs import (
    SupplierBankChangeFilter,
    SupplierBankChangeProposeInput,
    SupplierBankChangeSort,
    SupplierCreateInput,
    SupplierFilter,
    SupplierItemCreateInput,
    SupplierItemFilter,
    SupplierItemLookup,
    SupplierItemSort,
    SupplierItemUpdateInput,
    SupplierLookup,
    SupplierPriceBreakInput,
    SupplierSkuInput,
    SupplierSort,
    SupplierUpdateInput,
)
from backoffice_api.schema.suppliers import (
    READ,
    Supplier,
    SupplierBankChange,
    SupplierBankChangePayload,
    SupplierItem,
    SupplierItemPayload,
    SupplierPayload,
)


def _supplier_sku(given: SupplierSkuInput) -> queries.SupplierSku:
    return queries.SupplierSku(given.supplier, given.supplier_sku)


@strawberry.type
class SupplierQuery:
    supplier: Supplier | None = lookup(
        SupplierLookup,
        "One supplier. Null if there is none.",
        {
            "id": by_id("sup", queries.suppliers_by_ids),
            "code": Way(queries.suppliers_by_codes, str),
            "external_id": Way(queries.suppliers_by_external_ids, ExternalIdInput.value),
        },
        scope=READ,
    )
    suppliers: Connection[Supplier] = listed(
        queries.supplier_list,
        "Suppliers, newest first. The search looks at codes, names and external ids.",
        scope=READ,
        filter=SupplierFilter,
        sort=SupplierSort,
    )
    suppliers_count: Count = counted(
        queries.supplier_list, "How many suppliers there are.", scope=READ, filter=SupplierFilter
    )
    supplier_bank_changes: Connection[SupplierBankChange] = listed(
        queries.bank_change_list,
        "Changes of bank accounts that were proposed, newest first.",
        scope=READ,
        filter=SupplierBankChangeFilter,
        sort=SupplierBankChangeSort,
    )
    supplier_item: SupplierItem | None = lookup(
        SupplierItemLookup,
        "One supplier item. Null if there is none.",
        {
            "id": by_id("spi", queries.items_by_ids),
            "supplier_sku": Way(queries.items_by_supplier_skus, _supplier_sku),
        },
        scope=READ,
    )
    supplier_items: Connection[SupplierItem] = listed(
        queries.item_list,
        "What suppliers sell, newest first.",
        scope=READ,
        filter=SupplierItemFilter,
        sort=SupplierItemSort,
    )
    supplier_items_count: Count = counted(
        queries.item_list,
        "How many supplier items there are.",
        scope=READ,
        filter=SupplierItemFilter,
    )


@strawberry.type
class SupplierMutation:
    @mutation(on_suppliers.create_supplier, SupplierPayload)
    def supplier_create(input: SupplierCreateInput) -> on_suppliers.CreateSupplier:
        """Make a supplier."""
        return on_suppliers.CreateSupplier(
            code=input.code,
            name=input.name,
            currency=input.currency,
            payment_days=input.payment_days,
            incoterm=input.incoterm,
            lead_time_days=input.lead_time_days,
            minimum_order=input.minimum_order.value() if input.minimum_order else None,
            over_receipt=input.over_receipt,
            over_tolerance_percent=input.over_tolerance_percent,
            short_tolerance_percent=input.short_tolerance_percent,
            note=input.note,
            contacts=tuple(each.value() for each in input.contacts),
            addresses=tuple(each.value() for each in input.addresses),
            tax_ids=tuple(each.value() for each in input.tax_ids),
            external_ids=tuple(each.value() for each in input.external_ids),
        )

    @mutation(on_suppliers.update_supplier, SupplierPayload)
    def supplier_update(
        id: strawberry.ID, input: SupplierUpdateInput
    ) -> on_suppliers.UpdateSupplier:
        """Change a supplier. What is absent stays; null clears."""
        minimum = input.minimum_order
        return on_suppliers.UpdateSupplier(
            id=ids.parse("sup", id),
            code=keep(input.code),
            name=keep(input.name),
            payment_days=keep(input.payment_days),
            incoterm=keep(input.incoterm, nullable=True),
            lead_time_days=keep(input.lead_time_days),
            minimum_order=minimum.value() if minimum else keep(minimum, nullable=True),
            over_receipt=keep(input.over_receipt),
            over_tolerance_percent=keep(input.over_tolerance_percent),
            short_tolerance_percent=keep(input.short_tolerance_percent),
            note=keep(input.note),
            contacts=keep_each(input.contacts),
            addresses=keep_each(input.addresses),
            tax_ids=keep_each(input.tax_ids),
            external_ids=keep_each(input.external_ids),
        )

    @mutation(on_suppliers.archive_supplier, SupplierPayload)
    def supplier_archive(id: strawberry.ID) -> on_suppliers.ArchiveSupplier:
        """Take a supplier out of use; nothing is bought from it any more."""
        return on_suppliers.ArchiveSupplier(id=ids.parse("sup", id))

    @mutation(on_suppliers.restore_supplier, SupplierPayload)
    def supplier_restore(id: strawberry.ID) -> on_suppliers.RestoreSupplier:
        """Take an archived supplier into use again."""
        return on_suppliers.RestoreSupplier(id=ids.parse("sup", id))

    @mutation(on_bank.propose_bank_change, SupplierBankChangePayload)
    def supplier_bank_change_propose(
        input: SupplierBankChangeProposeInput,
    ) -> on_bank.ProposeBankChange:
        """Propose that a supplier be paid to another account. Payments go where they went."""
        return on_bank.ProposeBankChange(
            supplier_id=ids.parse("sup", input.supplier_id),
            kind=input.kind,
            account_id=given_id("sba", input.account_id),
            details=input.details.value() if input.details else None,
        )

    @mutation(on_bank.approve_bank_change, SupplierBankChangePayload)
    def supplier_bank_change_approve(id: strawberry.ID) -> on_bank.ApproveBankChange:
        """Agree to a change that another person proposed. Only staff can, not a token."""
        return on_bank.ApproveBankChange(id=ids.parse("sbc", id))

    @mutation(on_bank.reject_bank_change, SupplierBankChangePayload)
    def supplier_bank_change_reject(id: strawberry.ID) -> on_bank.RejectBankChange:
        """Refuse a proposed change of a bank account."""
        return on_bank.RejectBankChange(id=ids.parse("sbc", id))

    @mutation(on_items.create_supplier_item, SupplierItemPayload)
    def supplier_item_create(input: SupplierItemCreateInput) -> on_items.CreateSupplierItem:
        """Say under which SKU and at which prices a supplier sells a variant."""
        return on_items.CreateSupplierItem(
            supplier_id=ids.parse("sup", input.supplier_id),
            variant_id=ids.parse("sku", input.variant_id),
            supplier_sku=input.supplier_sku,
            title=input.title,
            currency=input.currency,
            prices=_breaks(input.prices),
            pack_size=input.pack_size,
            minimum_quantity=input.minimum_quantity,
            lead_time_days=input.lead_time_days,
            is_preferred=input.is_preferred,
        )

    @mutation(on_items.update_supplier_item, SupplierItemPayload)
    def supplier_item_update(
        id: strawberry.ID, input: SupplierItemUpdateInput
    ) -> on_items.UpdateSupplierItem:
        """Change a supplier item. What is absent stays; null clears."""
        prices = input.prices
        return on_items.UpdateSupplierItem(
            id=ids.parse("spi", id),
            supplier_sku=keep(input.supplier_sku),
            title=keep(input.title, nullable=True),
            prices=keep(UNSET) if prices is UNSET or prices is None else _breaks(prices),
            pack_size=keep(input.pack_size),
            minimum_quantity=keep(input.minimum_quantity),
            lead_time_days=keep(input.lead_time_days, nullable=True),
            is_preferred=keep(input.is_preferred),
        )

    @mutation(on_items.archive_supplier_item, SupplierItemPayload)
    def supplier_item_archive(id: strawberry.ID) -> on_items.ArchiveSupplierItem:
        """Take a supplier item out of use."""
        return on_items.ArchiveSupplierItem(id=ids.parse("spi", id))

    @mutation(on_items.restore_supplier_item, SupplierItemPayload)
    def supplier_item_restore(id: strawberry.ID) -> on_items.RestoreSupplierItem:
        """Take an archived supplier item into use again."""
        return on_items.RestoreSupplierItem(id=ids.parse("spi", id))


def _breaks(prices: list[SupplierPriceBreakInput]) -> tuple[on_items.BreakDraft, ...]:
    return tuple(
        on_items.BreakDraft(each.from_quantity, each.unit_price.value()) for each in prices
    )
