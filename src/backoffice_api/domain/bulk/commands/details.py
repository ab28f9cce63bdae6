"""Rows about one detail of a record each: a custom field, a standard cost, a price of a list.

What is so already changes nothing, so a file may be imported twice.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.applying import Rows, VariantsByName, needed, values
from backoffice_api.domain.bulk.commands.drafting import price_of
from backoffice_api.domain.bulk.model import values as cells
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import Ending, UnknownPriceListCode
from backoffice_api.domain.custom_fields import queries as custom_fields
from backoffice_api.domain.custom_fields.model.definitions import (
    Definition,
    FieldType,
    OwnerType,
)
from backoffice_api.domain.custom_fields.model.values import FieldPatch
from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.commands.custom_fields import (
    SetCustomerFields,
    set_customer_fields,
)
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.pricing import queries as pricing
from backoffice_api.domain.pricing.commands.lists import SetListPrices, set_list_prices
from backoffice_api.domain.pricing.model.lists import PriceDraft, PriceList
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.custom_fields import (
    SetProductFields,
    SetVariantFields,
    set_product_fields,
    set_variant_fields,
)
from backoffice_api.domain.products.commands.variants import SetCost, set_cost
from backoffice_api.domain.products.model import UnknownProduct
from backoffice_api.domain.products.model.costs import CostSource

Given = Mapping[str, Any]


class DetailRows(Rows):
    """A row of which the command follows from what it says; None where it is so already."""

    def each(self, row: ReadRow) -> None:
        try:
            act = self.acting(row.given)
        except DomainError as refusal:
            self.results.reject(row, refusal.reasons())
            return
        if act is None:
            self.results.end(row, Ending.UNCHANGED)
        else:
            self.attempt(row, act)

    @abstractmethod
    def acting(self, given: Given) -> Callable[[], object] | None:
        """What the row asks to be done. Raises: DomainError."""


class _FieldRows(DetailRows):
    """One custom field of one record in each row."""

    owner: OwnerType

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        keys = {key.strip() for key in values(rows, "field")}
        self.definitions = custom_fields.definitions_by_keys(self.uow.db, self.owner, keys)

    def acting(self, given: Given) -> Callable[[], object] | None:
        key = needed(given, "field").strip()
        value = as_json(self.definitions.get(key), given.get("value"))
        return self.setting(given, FieldPatch(key, value))

    @abstractmethod
    def setting(self, given: Given, patch: FieldPatch) -> Callable[[], object]:
        """What sets the field of the row's record. Raises: DomainError."""


class ProductFieldRows(_FieldRows):
    owner = OwnerType.PRODUCT

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        super().prepare(rows)
        self.known = products.products_by_ids(self.uow.db, values(rows, "product_id"))

    def setting(self, given: Given, patch: FieldPatch) -> Callable[[], object]:
        id = needed(given, "product_id")
        if id not in self.known:
            raise UnknownProduct(id.hex).at("product_id")
        return lambda: self.do(set_product_fields, SetProductFields(id=id, custom_fields=(patch,)))


class VariantFieldRows(_FieldRows):
    owner = OwnerType.VARIANT

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        super().prepare(rows)
        self.variants = VariantsByName(self.uow, rows)

    def setting(self, given: Given, patch: FieldPatch) -> Callable[[], object]:
        id = self.variants.get(given).id
        return lambda: self.do(set_variant_fields, SetVariantFields(id=id, custom_fields=(patch,)))


class CustomerFieldRows(_FieldRows):
    owner = OwnerType.CUSTOMER

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        super().prepare(rows)
        self.known = customers.customers_by_ids(self.uow.db, values(rows, "customer_id"))

    def setting(self, given: Given, patch: FieldPatch) -> Callable[[], object]:
        id = needed(given, "customer_id")
        if id not in self.known:
            raise UnknownCustomer(id).at("customer_id")
        command = SetCustomerFields(id=id, custom_fields=(patch,))
        return lambda: self.do(set_customer_fields, command)


class CostRows(DetailRows):
    """What one piece of one variant costs the shop, in each row."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        self.uow.require(Scope.COSTS_WRITE)
        self.variants = VariantsByName(self.uow, rows)
        ids = {each.id for each in self.variants.by_ids.values()}
        ids |= {each.id for each in self.variants.by_skus.values()}
        found = products.costs_by_variants(self.uow.db, ids)
        self.costs: dict[UUID, UnitPrice | None] = {
            id: each.unit_cost for id, each in found.items()
        }

    def acting(self, given: Given) -> Callable[[], object] | None:
        variant = self.variants.get(given)
        amount, cost = given.get("unit_cost"), None
        if amount is not None:
            currency = given.get("currency") or self.run.currency or needed({}, "currency")
            cost = price_of(amount, currency)
        if self.costs.get(variant.id) == cost:
            return None
        command = SetCost(id=variant.id, cost=cost, source=CostSource.IMPORT)

        def act() -> None:
            self.do(set_cost, command)
            self.costs[variant.id] = cost

        return act


class ListPriceRows(DetailRows):
    """One price of one list in each row, from a number of pieces on, for a time."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        self.variants = VariantsByName(self.uow, rows)
        codes = {code.strip() for code in values(rows, "price_list")}
        self.lists = dict(pricing.price_lists_by_codes(self.uow.db, codes))
        variant_ids = {each.id for each in self.variants.by_ids.values()}
        variant_ids |= {each.id for each in self.variants.by_skus.values()}
        self.present = pricing.prices_in_lists(
            self.uow.db, [each.id for each in self.lists.values()], variant_ids
        )
        # What rows before have set is not as it was read any more.
        self.changed: set[tuple[UUID, UUID, int]] = set()

    def acting(self, given: Given) -> Callable[[], object] | None:
        code = needed(given, "price_list").strip()
        if code not in self.lists:
            raise UnknownPriceListCode(code).at("price_list")
        of = self.lists[code]
        amount = given.get("price")
        draft = PriceDraft(
            variant_id=self.variants.get(given).id,
            unit_price=None if amount is None else price_of(amount, of.currency),
            minimum_quantity=given.get("minimum_quantity") or 1,
            valid_from=given.get("valid_from"),
            valid_to=given.get("valid_to"),
        )
        if self._is_so(of, draft):
            return None
        command = SetListPrices(id=of.id, prices=(draft,))
        self.changed.add((of.id, draft.variant_id, draft.minimum_quantity))
        return lambda: self.do(set_list_prices, command)

    def _is_so(self, of: PriceList, draft: PriceDraft) -> bool:
        """Whether the list has just this price, or, where the row names no day, has it now."""
        micro = draft.unit_price.micro if draft.unit_price else None
        key = (of.id, draft.variant_id, draft.minimum_quantity)
        if key in self.changed:
            return False
        held = self.present.get(key, ())
        now: datetime = self.uow.now
        if draft.valid_from is not None:
            wanted = (draft.valid_from, draft.valid_to, micro)
            return any((x.valid_from, x.valid_to, x.price_micro) == wanted for x in held)
        applies = [x for x in held if x.valid_from <= now and (x.valid_to or now) >= now]
        last = max(applies, key=lambda each: each.valid_from, default=None)
        if last is None:
            return micro is None
        return (last.price_micro, last.valid_to) == (micro, draft.valid_to)


def as_json(definition: Definition | None, written: str | None) -> Any:
    """What a cell says, as a custom field takes it. Raises: NotABoolean, NotAList."""
    if written is None or definition is None:
        return written
    match definition.field_type:
        case FieldType.BOOLEAN:
            return cells.boolean(written, cells.PLAIN)
        case FieldType.MULTI_CHOICE:
            return list(cells.texts(written, cells.PLAIN))
        case _:
            return written
