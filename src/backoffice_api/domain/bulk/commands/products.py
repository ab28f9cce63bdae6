"""Rows about products, variants and prices.

A row names its variant by our id or by SKU, its product by our id, by its key or through its
variant. What a file has no column for stays as it is; an empty cell says that there is no value.
Nothing is archived for not being named: a file may hold a part of the catalogue.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.applying import Rows, VariantsByName, needed, values
from backoffice_api.domain.bulk.commands.drafting import (
    barcodes_of,
    option_names_of,
    option_values_of,
    price_of,
    weight_of,
)
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import BARCODE_TAKEN, TITLE_MISSING, Ending
from backoffice_api.domain.bulk.model.runs import BulkKind
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import VariantDraft, as_drafts
from backoffice_api.domain.products.commands.products import (
    ArchiveProduct,
    CreateProduct,
    RestoreProduct,
    UpdateProduct,
    archive_product,
    create_product,
    restore_product,
    update_product,
)
from backoffice_api.domain.products.commands.variants import (
    ArchiveVariant,
    CreateVariant,
    RestoreVariant,
    UpdateVariant,
    archive_variant,
    create_variant,
    restore_variant,
    update_variant,
)
from backoffice_api.domain.products.model import (
    Barcode,
    BarcodeTaken,
    OptionsMismatch,
    Product,
    ProductStatus,
    UnknownProduct,
    Variant,
)

Given = Mapping[str, Any]

_COPIED = ("length_mm", "width_mm", "height_mm")


class PriceRows(Rows):
    """One price of one variant in each row."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        self.variants = VariantsByName(self.uow, rows)
        found = {each.id: each for each in self.variants.by_ids.values()}
        found |= {each.id: each for each in self.variants.by_skus.values()}
        self.drafts = dict(as_drafts(self.uow, list(found.values())))

    def each(self, row: ReadRow) -> None:
        try:
            variant = self.variants.get(row.given)
            currency = row.given.get("currency") or self.run.currency or needed({}, "currency")
            price = price_of(row.given.get("price"), currency)
        except DomainError as refusal:
            self.results.reject(row, refusal.reasons())
            return
        before = self.drafts[variant.id]
        after = with_price(before, currency, price)
        if after.ordered() == before.ordered():
            self.results.end(row, Ending.UNCHANGED)
            return
        command = UpdateVariant(id=variant.id, prices=after.prices)
        if self.attempt(row, lambda: self.do(update_variant, command)):
            self.drafts[variant.id] = after


class ProductRows(Rows):
    """A variant in each row, with what the file knows of its product."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        db = self.uow.db
        self._rows = rows
        self._noted = False
        self._named = Counter(name for row in rows for name in _names(row))
        self.variants = VariantsByName(self.uow, rows)
        codes = {each for row in rows for each in self._sku_candidates(row)}
        self.variants.by_skus.update(queries.variants_by_skus(db, codes))
        found = [*self.variants.by_ids.values(), *self.variants.by_skus.values()]
        keys = {self.named(key) for key in values(rows, "product_key")}
        keys |= {key for each in values(rows, "product_external_ids") for key in each}
        self.keys: dict[ExternalId, UUID] = dict(names.find(db, "prd", keys))
        ids = {each.product_id for each in found} | values(rows, "product_id")
        self.products: dict[UUID, Product] = dict(
            queries.products_by_ids(db, ids | set(self.keys.values()))
        )
        self.product_names = dict(names.by_subjects(db, self.products))
        self.drafts = dict(as_drafts(self.uow, list({each.id: each for each in found}.values())))

    def each(self, row: ReadRow) -> None:
        # Once more for each barcode that another variant has: the row goes in without it.
        dropped: frozenset[str] = frozenset()
        while taken := self._applied(row, dropped):
            dropped |= taken
        for _ in dropped:
            self.results.remark(row, "barcodes", BARCODE_TAKEN, Severity.ERROR, RowAction.IMPORTED)

    def _applied(self, row: ReadRow, dropped: frozenset[str]) -> frozenset[str]:
        """Apply the row without some barcodes. Those that others have, if that is all there is."""
        told, remarks = len(self.uow.told), len(self.results.remarks)
        self._noted = False
        refusal = self.tried(lambda: self._write(row, dropped))
        if refusal is None:
            self.end_by_events(row, told)
            return frozenset()
        del self.results.remarks[remarks:]
        if self._noted:
            # What was noted on the way has not come to be.
            self.prepare(self._rows)
        reasons = refusal.reasons()
        taken = frozenset(each.barcode for each in reasons if isinstance(each, BarcodeTaken))
        if len(taken) == len(reasons) and not taken & dropped:
            return taken
        self.results.reject(row, reasons)
        return frozenset()

    def _write(self, row: ReadRow, dropped: frozenset[str]) -> None:
        """Make product and variant be as the row says; nothing is written if they are."""
        given = row.given
        barcodes = barcodes_of(given, row, self.results)
        if barcodes is not None:
            barcodes = tuple(each for each in barcodes if each.code not in dropped)
        variant = self._variant(given)
        product = self._product(given, variant)
        if product is None:
            self._create(row, barcodes)
            return
        restoring = given.get("product_status") is ProductStatus.ACTIVE
        if restoring and product.status is ProductStatus.ARCHIVED:
            self.do(restore_product, RestoreProduct(id=product.id))
            product = self._reread(product.id)
        product = self._change_product(row, product)
        if variant is not None:
            self._change_variant(given, product, variant, barcodes)
        elif self._has_variant(given):
            draft = self._draft(given, product.option_names, VariantDraft(sku=""), barcodes)
            draft = replace(draft, sku=self._sku(given))
            id = self.do(create_variant, CreateVariant(product_id=product.id, draft=draft))
            if given.get("variant_status") is ProductStatus.ARCHIVED:
                self.do(archive_variant, ArchiveVariant(id=id))
            self._note_variant(id)
        archiving = given.get("product_status") is ProductStatus.ARCHIVED
        if archiving and product.status is ProductStatus.ACTIVE:
            self.do(archive_product, ArchiveProduct(id=product.id))
            self._reread(product.id)

    def _variant(self, given: Given) -> Variant | None:
        if (found := self.variants.find(given)) or given.get("sku") is not None:
            return found
        candidates = self._codes(given)
        return self.variants.by_skus.get(candidates[0]) if candidates else None

    def _product(self, given: Given, variant: Variant | None) -> Product | None:
        """Raises: UnknownProduct."""
        if id := given.get("product_id"):
            if id not in self.products:
                raise UnknownProduct(id).at("product_id")
            return self.products[id]
        wanted = [self.named(given["product_key"])] if given.get("product_key") else []
        wanted += given.get("product_external_ids") or ()
        for name in wanted:
            if name in self.keys:
                return self.products[self.keys[name]]
        if variant is not None:
            return self.products[variant.product_id]
        if self.run.kind is BulkKind.VARIANTS:
            needed(given, "product_key" if "product_key" in given else "product_id")
            raise UnknownProduct(self.run.id).at("product_key")
        return None

    def _create(self, row: ReadRow, barcodes: tuple[Barcode, ...] | None) -> None:
        given = row.given
        option_names = option_names_of(given) or ()
        has_variant = self._has_variant(given)
        sku = self._sku(given) if has_variant else ""
        title = given.get("title")
        if not title or not title.strip():
            title = sku or needed(given, "title")
            self.results.remark(row, "title", TITLE_MISSING, Severity.WARNING, RowAction.IMPORTED)
        draft = self._draft(given, option_names, VariantDraft(sku=sku), barcodes)
        found = list(given.get("product_external_ids") or ())
        if given.get("product_key") and self.named(given["product_key"]) not in found:
            found.append(self.named(given["product_key"]))
        made = CreateProduct(
            title=title,
            description=given.get("description") or "",
            brand=given.get("brand"),
            option_names=option_names,
            variants=(draft,) if has_variant else (),
            external_ids=tuple(found),
        )
        id = self.do(create_product, made)
        archived = given.get("variant_status") is ProductStatus.ARCHIVED
        if archived or self._is_named_again(row):
            for variant in queries.variants_of(self.uow.db, id):
                if archived:
                    self.do(archive_variant, ArchiveVariant(id=variant.id))
                self._note_variant(variant.id)
        if given.get("product_status") is ProductStatus.ARCHIVED:
            self.do(archive_product, ArchiveProduct(id=id))
        if self._is_named_again(row):
            self._reread(id)
            self.keys |= dict.fromkeys(found, id)

    def _change_product(self, row: ReadRow, product: Product) -> Product:
        """Write what differs of the product. A row without title is about its variant alone."""
        given = row.given
        if self.run.kind is not BulkKind.PRODUCTS or not given.get("title"):
            return product
        option_names = option_names_of(given)
        if option_names is not None and list(option_names) != list(product.option_names):
            raise OptionsMismatch(len(product.option_names), len(option_names)).at("option_names")
        after = replace(
            product,
            title=given["title"],
            description=(given["description"] or "")
            if "description" in given
            else product.description,
            brand=given.get("brand", product.brand),
        )
        known = tuple(self.product_names.get(product.id, ()))
        wanted = given.get("product_external_ids", known)
        wanted = tuple(sorted(wanted or (), key=lambda each: (each.system, each.key)))
        if after == product and wanted == known:
            return product
        command = UpdateProduct(
            id=product.id,
            title=after.title,
            description=after.description,
            brand=after.brand,
            external_ids=wanted,
        )
        self.do(update_product, command)
        return self._reread(product.id)

    def _change_variant(
        self,
        given: Given,
        product: Product,
        variant: Variant,
        barcodes: tuple[Barcode, ...] | None,
    ) -> None:
        status = given.get("variant_status") or variant.status
        before = self.drafts[variant.id]
        after = self._draft(given, product.option_names, before, barcodes)
        if given.get("variant_id") and given.get("sku"):
            after = replace(after, sku=given["sku"])
        if after.ordered() == before.ordered() and status is variant.status:
            return
        if status is ProductStatus.ACTIVE and variant.status is ProductStatus.ARCHIVED:
            self.do(restore_variant, RestoreVariant(id=variant.id))
        if after.ordered() != before.ordered():
            self.do(
                update_variant,
                UpdateVariant(
                    id=variant.id,
                    sku=after.sku,
                    option_values=after.option_values,
                    barcodes=after.barcodes,
                    prices=after.prices,
                    weight_g=after.weight_g,
                    length_mm=after.length_mm,
                    width_mm=after.width_mm,
                    height_mm=after.height_mm,
                    external_ids=after.external_ids,
                ),
            )
        if status is ProductStatus.ARCHIVED and variant.status is ProductStatus.ACTIVE:
            self.do(archive_variant, ArchiveVariant(id=variant.id))
        self._note_variant(variant.id)

    def _draft(
        self,
        given: Given,
        option_names: Sequence[str],
        before: VariantDraft,
        barcodes: tuple[Barcode, ...] | None,
    ) -> VariantDraft:
        """What the variant is to be: as before, but for what the row says."""
        changes: dict[str, Any] = {name: given[name] for name in _COPIED if name in given}
        if (options := option_values_of(given, option_names)) is not None:
            changes["option_values"] = options
        if barcodes is not None:
            changes["barcodes"] = barcodes
        if "variant_external_ids" in given:
            changes["external_ids"] = given["variant_external_ids"] or ()
        if (weight := weight_of(given)) is not None:
            changes["weight_g"] = weight.grams
        if "prices" in given:
            changes["prices"] = tuple(
                _price(amount, currency) for amount, currency in given["prices"] or ()
            )
        after = replace(before, **changes)
        if given.get("price") is not None:
            currency = given.get("currency") or self.run.currency or needed({}, "currency")
            after = with_price(after, currency, _price(given["price"], currency))
        return after

    def _is_named_again(self, row: ReadRow) -> bool:
        """Whether another row of the batch may be about the same product or variant."""
        return any(self._named[name] > 1 for name in _names(row))

    def _has_variant(self, given: Given) -> bool:
        return given.get("sku") is not None or bool(self._codes(given))

    def _sku(self, given: Given) -> str:
        """The SKU of a new variant: that of the row, or its first code where the file has none."""
        if (sku := given.get("sku")) is not None:
            return str(sku).strip()
        codes = self._codes(given)
        return codes[0] if codes else str(needed(given, "sku"))

    def _sku_candidates(self, row: ReadRow) -> Sequence[str]:
        return () if "sku" in row.given else self._codes(row.given)

    @staticmethod
    def _codes(given: Given) -> Sequence[str]:
        return [each for each in given.get("barcodes") or () if isinstance(each, str)]

    def _reread(self, id: UUID) -> Product:
        self._noted = True
        product = queries.product(self.uow.db, id)
        self.products[id] = product
        self.product_names[id] = names.by_subjects(self.uow.db, [id]).get(id, [])
        return product

    def _note_variant(self, id: UUID) -> None:
        self._noted = True
        variant = queries.variant(self.uow.db, id)
        self.variants.put(variant)
        self.drafts |= as_drafts(self.uow, [variant])


def _names(row: ReadRow) -> Iterator[Any]:
    """Everything by which rows name products and variants; ids find what was there before."""
    given = row.given
    for field in ("sku", "product_key"):
        if (name := given.get(field)) is not None:
            yield field, name.strip()
    yield from given.get("product_external_ids") or ()
    for code in given.get("barcodes") or ():
        if isinstance(code, str):
            yield "sku", code


def with_price(draft: VariantDraft, currency: str, price: UnitPrice | None) -> VariantDraft:
    """The draft with this price in the currency, and as it was in all others. None: no price."""
    others = tuple(each for each in draft.prices if each.currency != currency)
    return replace(draft, prices=(*others, price) if price else others)


def _price(amount: Decimal, currency: str) -> UnitPrice:
    price = price_of(amount, currency)
    assert price is not None, "only nothing has no price"
    return price
