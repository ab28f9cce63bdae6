"""Drafts: what variants are to be. Checked, compared and written, any number at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, tuple_, update

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId, ExternalIdTaken
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import TooMany, check_distinct, check_size, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.model import (
    MACHINE,
    VARIANTS_MAX,
    Barcode,
    BarcodeTaken,
    OptionsMismatch,
    OptionsTaken,
    Product,
    ProductStatus,
    SkuTaken,
    Variant,
    VariantArchived,
    VariantCreated,
    VariantRestored,
    VariantUpdated,
    barcode_key,
    check_barcodes,
    check_measures,
    check_prices,
    options_key,
)
from backoffice_api.domain.products.model.merging import MergedAway
from backoffice_api.domain.products.tables import barcodes, price_history, prices, variants

K = TypeVar("K")

# Where in the input something stands.
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """What a variant is to be. Sizes in millimetres, weight in grams."""

    sku: str
    option_values: tuple[str, ...] = ()
    barcodes: tuple[Barcode, ...] = ()
    prices: tuple[UnitPrice, ...] = ()
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    external_ids: tuple[ExternalId, ...] = ()

    def ordered(self) -> "VariantDraft":
        """The same with its lists in the order in which they are read back."""
        return replace(
            self,
            barcodes=tuple(sorted(self.barcodes, key=lambda each: each.code)),
            prices=tuple(sorted(self.prices, key=lambda each: each.currency)),
            external_ids=tuple(sorted(self.external_ids, key=lambda each: (each.system, each.key))),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A variant as it is, and what it is to be. `place`: where that stands in the input."""

    variant: Variant
    before: VariantDraft
    after: VariantDraft
    place: Place


def as_drafts(uow: UnitOfWork, present: Sequence[Variant]) -> Mapping[UUID, VariantDraft]:
    """What would have to be drafted for the variants to be as they are. Three statements."""
    ids = [variant.id for variant in present]
    codes = queries.barcodes_by_variants(uow.db, ids)
    amounts = queries.prices_by_variants(uow.db, ids)
    named = names.by_subjects(uow.db, ids)
    return {
        each.id: VariantDraft(
            sku=each.sku,
            option_values=tuple(each.option_values),
            barcodes=tuple(codes.get(each.id, ())),
            prices=tuple(price.unit_price for price in amounts.get(each.id, ())),
            weight_g=each.weight_g,
            length_mm=each.length_mm,
            width_mm=each.width_mm,
            height_mm=each.height_mm,
            external_ids=tuple(named.get(each.id, ())),
        )
        for each in present
    }


def check_draft(
    faults: Faults, option_names: Sequence[str], draft: VariantDraft, *path: str | int
) -> None:
    """Note what is wrong with a draft by itself."""
    check_text(draft.sku, faults, *path, "sku", maximum=CODE_LENGTH_MAX)
    if len(draft.option_values) != len(option_names):
        mismatch = OptionsMismatch(len(option_names), len(draft.option_values))
        faults.add(mismatch.at(*path, "option_values"))
    for position, value in enumerate(draft.option_values):
        check_text(value, faults, *path, "option_values", position)
    check_barcodes(faults, draft.barcodes, *path)
    check_prices(faults, draft.prices, *path)
    check_measures(
        faults,
        *path,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
    )
    names.check(draft.external_ids, faults, *path)


def check_drafts(
    faults: Faults, option_names: Sequence[str], drafts: tuple[VariantDraft, ...], *path: str
) -> None:
    """Note what is wrong with all variants of one product, taken by themselves."""
    check_size(drafts, faults, *path, maximum=VARIANTS_MAX)
    check_distinct(tuple(draft.sku for draft in drafts), faults, *path)
    for position, draft in enumerate(drafts):
        check_draft(faults, option_names, draft, *path, position)


def add_variants(
    uow: UnitOfWork, product: Product, drafts: Iterable[tuple[VariantDraft, Place]]
) -> Sequence[Variant]:
    """Make checked drafts variants of a product, with a constant number of statements.

    Raises:
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
    """
    made = {uow.new_id(): (draft, place) for draft, place in drafts}
    if not made:
        return ()
    check_free(uow, product, made)
    rows = [_made(uow, product, id, draft) for id, (draft, _) in made.items()]
    add(uow, variants, rows, options_key=[key_of(row) for row in rows])
    note_prices(uow, {id: ((), draft.prices) for id, (draft, _) in made.items()})
    _put_parts(uow, {id: draft for id, (draft, _) in made.items()})
    index_variants(uow, product, rows)
    for row in rows:
        draft, _ = made[row.id]
        uow.emit(VariantCreated(row.id, row.version, row.sku), after=draft.ordered())
    return rows


def change_variants(
    uow: UnitOfWork, product: Product, changes: Sequence[Change]
) -> Sequence[Variant]:
    """Make variants of a product what checked drafts say, with a constant number of statements.

    Those that were archived are in use again. They may exchange options and barcodes.

    Raises:
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
    """
    if not changes:
        return ()
    check_free(uow, product, {each.variant.id: (each.after, each.place) for each in changes})
    ids = [each.variant.id for each in changes]
    if len(ids) > 1:
        # Nobody has options for a moment, so that they can be exchanged.
        uow.db.execute(update(variants).where(variants.c.id.in_(ids)).values(options_key=None))
    pairs = [(each.variant, _changed(each.variant, each.after)) for each in changes]
    saved = save_all(uow, variants, pairs, options_key=[key_of(after) for _, after in pairs])
    note_prices(uow, {each.variant.id: (each.before.prices, each.after.prices) for each in changes})
    _put_parts(uow, {each.variant.id: each.after for each in changes})
    index_variants(uow, product, saved)
    for change, after in zip(changes, saved, strict=True):
        was_archived = change.variant.status is ProductStatus.ARCHIVED
        kind = VariantRestored if was_archived else VariantUpdated
        event = kind(after.id, after.version, after.sku)
        uow.emit(event, before=change.before.ordered(), after=change.after.ordered())
    return saved


def archive_variants(uow: UnitOfWork, present: Sequence[Variant]) -> None:
    """Take variants out of use, with a constant number of statements.

    Raises:
        InvalidTransition: one of them is out of use already.
    """
    pairs = [
        (each, replace(each, status=MACHINE.check("archive", each.status))) for each in present
    ]
    saved = save_all(uow, variants, pairs, options_key=[key_of(after) for _, after in pairs])
    for before, after in zip(present, saved, strict=True):
        event = VariantArchived(after.id, after.version, after.sku)
        uow.emit(event, before=before, after=after)


def index_variants(uow: UnitOfWork, product: Product, changed: Sequence[Variant]) -> None:
    """Let the search find variants by SKU, by the product's title and by their options."""
    search.put(
        uow.db,
        "sku",
        {each.id: (each.sku, product.title, *each.option_values) for each in changed},
    )


def key_of(variant: Variant) -> str | None:
    """The key of its options. Archived variants leave theirs to others."""
    active = variant.status is ProductStatus.ACTIVE
    return options_key(variant.option_values) if active else None


def check_free(
    uow: UnitOfWork, product: Product, wanted: Mapping[UUID, tuple[VariantDraft, Place]]
) -> None:
    """Refuse what other variants have: SKUs, options, barcodes, external ids.

    `wanted` are variants that are to be so in place of what they are now, if they are at all.

    Raises:
        SkuTaken, BarcodeTaken, OptionsTaken, ExternalIdTaken: another one has it.
        TooMany: the product would have more than `VARIANTS_MAX` variants in use.
    """
    faults = Faults()
    drafts = [draft for draft, _ in wanted.values()]
    skus = queries.variants_by_skus(uow.db, [draft.sku for draft in drafts])
    codes = queries.variants_by_barcodes(
        uow.db, {barcode_key(code) for draft in drafts for code in draft.barcodes}
    )
    named = names.find(uow.db, "sku", [name for draft in drafts for name in draft.external_ids])
    # What is given up by one of them may be taken by another.
    taken_codes = _by_others({key: owner.id for key, owner in codes.items()}, wanted)
    taken_names = _by_others(named, wanted)
    others = [
        each
        for each in queries.variants_of(uow.db, product.id)
        if each.id not in wanted and each.status is ProductStatus.ACTIVE
    ]
    taken_options = {options_key(each.option_values): each.id for each in others}
    if len(others) + len(wanted) > VARIANTS_MAX:
        faults.add(TooMany(VARIANTS_MAX))
    for id, (draft, place) in wanted.items():
        if (owner := skus.get(draft.sku)) and owner.id != id:
            faults.add(SkuTaken(draft.sku).at(*place, "sku"))
        if taken_options.setdefault(options_key(draft.option_values), id) != id:
            taken = OptionsTaken(" / ".join(draft.option_values))
            faults.add(taken.at(*place, "option_values"))
        seen: set[str] = set()
        for position, code in enumerate(draft.barcodes):
            key = barcode_key(code)
            if key in seen or taken_codes.setdefault(key, id) != id:
                faults.add(BarcodeTaken(code.code).at(*place, "barcodes", position, "code"))
            seen.add(key)
        for position, name in enumerate(draft.external_ids):
            if taken_names.setdefault(name, id) != id:
                refusal = ExternalIdTaken(name.system, name.key)
                faults.add(refusal.at(*place, "external_ids", position))
    faults.check()


def _by_others(owners: Mapping[K, UUID], ours: Collection[UUID]) -> dict[K, UUID]:
    return {key: owner for key, owner in owners.items() if owner not in ours}


def _made(uow: UnitOfWork, product: Product, id: UUID, draft: VariantDraft) -> Variant:
    return Variant(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        product_id=product.id,
        sku=draft.sku,
        option_values=draft.option_values,
        status=MACHINE.start,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
    )


def _changed(before: Variant, draft: VariantDraft) -> Variant:
    """Raises: MergedAway: it has become another variant, which there is in its place."""
    if before.merged_into_id:
        raise MergedAway(before.sku)
    action = "restore" if before.status is ProductStatus.ARCHIVED else "update"
    return replace(
        before,
        status=MACHINE.check(action, before.status),
        sku=draft.sku,
        option_values=draft.option_values,
        weight_g=draft.weight_g,
        length_mm=draft.length_mm,
        width_mm=draft.width_mm,
        height_mm=draft.height_mm,
    )


def note_prices(
    uow: UnitOfWork, changes: Mapping[UUID, tuple[Sequence[UnitPrice], Sequence[UnitPrice]]]
) -> None:
    """Keep what each price is from now on, where it is another one than before."""
    rows = []
    for id, (before, after) in changes.items():
        old = {each.currency: each.micro for each in before}
        new = {each.currency: each.micro for each in after}
        rows += [
            {
                "variant_id": id,
                "currency": currency,
                "valid_from": uow.now,
                "price_micro": new.get(currency),
            }
            for currency in sorted(old.keys() | new.keys())
            if old.get(currency) != new.get(currency)
        ]
    if rows:
        at = price_history.c
        keys = [(row["variant_id"], row["currency"]) for row in rows]
        same = tuple_(at.variant_id, at.currency).in_(keys)
        uow.db.execute(delete(price_history).where(at.valid_from == uow.now, same))
        uow.db.execute(price_history.insert(), rows)


def _put_parts(uow: UnitOfWork, drafts: Mapping[UUID, VariantDraft]) -> None:
    """Replace barcodes, prices and external ids of the variants."""
    ids = list(drafts)
    uow.db.execute(delete(barcodes).where(barcodes.c.variant_id.in_(ids)))
    codes = [
        {
            "key": barcode_key(each),
            "variant_id": id,
            "code": each.code,
            "kind": each.kind,
            "level": each.level,
            "pack_quantity": each.pack_quantity,
        }
        for id, draft in drafts.items()
        for each in draft.barcodes
    ]
    if codes:
        uow.db.execute(barcodes.insert(), codes)
    uow.db.execute(delete(prices).where(prices.c.variant_id.in_(ids)))
    amounts = [
        {"variant_id": id, "currency": each.currency, "price_micro": each.micro}
        for id, draft in drafts.items()
        for each in draft.prices
    ]
    if amounts:
        uow.db.execute(prices.insert(), amounts)
    names.replace(uow.db, "sku", {id: draft.external_ids for id, draft in drafts.items()})
