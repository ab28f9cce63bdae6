"""Products and variants as another system knew them: taken over in bulk, as history.

Its article numbers become SKUs, and what it files them under becomes the external id of the
product. What is known already stays as it is, so that taking over the same again changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add, save_all
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import TooMany, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import key_of
from backoffice_api.domain.products.model import (
    MACHINE,
    VARIANTS_MAX,
    OptionsMismatch,
    Product,
    ProductCreated,
    ProductStatus,
    ProductUpdated,
    Variant,
    VariantCreated,
    VariantUpdated,
    options_key,
)
from backoffice_api.domain.products.tables import products, variants

# The one option of recorded products: what their variants were called.
OPTION_NAME = "Description"


@dataclass(frozen=True, slots=True)
class RecordedVariant:
    """A variant of another system, and the product under which that system files it.

    `title` is None where the system had none: the variant is then called by its SKU and its
    product by `product_key`, until a later record knows better. `recorded_at`: since when it
    existed.
    """

    product_key: str
    product_title: str | None
    sku: str
    title: str | None
    recorded_at: datetime


def record_variants(
    uow: UnitOfWork, system: str, recorded: Iterable[RecordedVariant]
) -> Mapping[str, UUID]:
    """Take over variants and their products; ids of the variants by SKU.

    A SKU that exists is that variant, whoever made it; of two records with one SKU the first
    counts. What has a title keeps it. A constant number of statements.

    Raises:
        NotAllowed: the caller lacks the scope imports:write.
        InvalidText: a key, SKU or title is empty or too long.
        OptionsMismatch: somebody has changed the options of a product that gets a new variant.
        TooMany: a product would get more than `VARIANTS_MAX` variants.
        StaleVersion: somebody else gave a title at the same moment.
    """
    uow.require(Scope.IMPORTS_WRITE)
    wanted: dict[str, RecordedVariant] = {}
    for each in recorded:
        wanted.setdefault(each.sku, each)
    _check(wanted.values())
    known = queries.variants_by_skus(uow.db, wanted)
    fresh = [each for sku, each in wanted.items() if sku not in known]
    named_late = [
        each
        for sku, each in wanted.items()
        if each.title and sku in known and tuple(known[sku].option_values) == (sku,)
    ]
    if not fresh and not named_late:
        return {sku: variant.id for sku, variant in known.items()}

    owners = _owners_of_fresh(uow, system, fresh)
    owners |= _owners_of_known(uow, [known[each.sku] for each in named_late])
    titled = _title_products(uow, [*fresh, *named_late], owners)
    options = _Options(uow, titled.values())
    _title_variants(uow, named_late, known, titled, options)
    added = _add_variants(uow, fresh, titled, options)
    _index_variants(uow, titled.values())
    return {sku: variant.id for sku, variant in known.items()} | {
        variant.sku: variant.id for variant in added
    }


class _Options:
    """Chooses the option of each variant, different from those of its product's others."""

    def __init__(self, uow: UnitOfWork, owners: Collection[Product]) -> None:
        ids = {product.id for product in owners}
        present = queries.variants_by_products(uow.db, ids)
        self._counts = {id: len(present.get(id, ())) for id in ids}
        self._taken = {
            (id, options_key(each.option_values))
            for id, siblings in present.items()
            for each in siblings
            if each.status is ProductStatus.ACTIVE
        }

    def choose(self, product: Product, each: RecordedVariant) -> tuple[str, ...]:
        """The title, with the SKU behind it where a sibling is called the same."""
        if len(product.option_names) != 1:
            raise OptionsMismatch(len(product.option_names), 1)
        value = each.title or each.sku
        if (product.id, options_key((value,))) in self._taken:
            value = f"{value[: NAME_LENGTH_MAX - len(each.sku) - 3]} ({each.sku})"
        self._taken.add((product.id, options_key((value,))))
        return (value,)

    def choose_for_one_more(self, product: Product, each: RecordedVariant) -> tuple[str, ...]:
        """The same for a variant that is new."""
        self._counts[product.id] += 1
        if self._counts[product.id] > VARIANTS_MAX:
            raise TooMany(VARIANTS_MAX)
        return self.choose(product, each)


def _check(recorded: Iterable[RecordedVariant]) -> None:
    faults = Faults()
    for position, each in enumerate(recorded):
        here = ("variants", position)
        check_text(each.sku, faults, *here, "sku", maximum=CODE_LENGTH_MAX)
        check_text(each.product_key, faults, *here, "product_key")
        check_text(each.product_title, faults, *here, "product_title")
        check_text(each.title, faults, *here, "title")
    faults.check()


def _owners_of_fresh(
    uow: UnitOfWork, system: str, fresh: Sequence[RecordedVariant]
) -> dict[str, Product]:
    """The product of each new variant, by SKU. Those that are missing are made."""
    by_key = {each.product_key: ExternalId(system, each.product_key) for each in fresh}
    found = names.find(uow.db, "prd", by_key.values())
    by_id = queries.products_by_ids(uow.db, found.values())
    owners = {key: by_id[found[name]] for key, name in by_key.items() if name in found}
    made: dict[str, Product] = {}
    for each in fresh:
        if each.product_key not in owners and each.product_key not in made:
            made[each.product_key] = _made_product(uow, each)
    add(uow, products, list(made.values()))
    names.add(uow.db, "prd", {product.id: (by_key[key],) for key, product in made.items()})
    _index_products(uow, made.values())
    for product in made.values():
        uow.emit(ProductCreated(product.id, product.version, product.title), after=product)
    owners |= made
    return {each.sku: owners[each.product_key] for each in fresh}


def _owners_of_known(uow: UnitOfWork, known: Sequence[Variant]) -> dict[str, Product]:
    by_id = queries.products_by_ids(uow.db, {each.product_id for each in known})
    return {each.sku: by_id[each.product_id] for each in known}


def _title_products(
    uow: UnitOfWork, recorded: Iterable[RecordedVariant], owners: Mapping[str, Product]
) -> Mapping[str, Product]:
    """Owners by SKU, where those that were called by their key have the first title there is."""
    changes: dict[UUID, tuple[Product, Product]] = {}
    for each in recorded:
        before = owners[each.sku]
        if each.product_title and before.title == each.product_key:
            changes.setdefault(before.id, (before, replace(before, title=each.product_title)))
    titled = save_all(uow, products, list(changes.values()))
    _index_products(uow, titled)
    for after in titled:
        event = ProductUpdated(after.id, after.version, after.title)
        uow.emit(event, before=changes[after.id][0], after=after)
    now = {after.id: after for after in titled}
    return {sku: now.get(product.id, product) for sku, product in owners.items()}


def _title_variants(
    uow: UnitOfWork,
    recorded: Sequence[RecordedVariant],
    known: Mapping[str, Variant],
    owners: Mapping[str, Product],
    options: _Options,
) -> None:
    """Give variants that were called by their SKU the title that is known now."""
    changes = []
    for each in recorded:
        before = known[each.sku]
        values = options.choose(owners[each.sku], each)
        changes.append((before, replace(before, option_values=values)))
    keys = [key_of(after) for _, after in changes]
    for after in save_all(uow, variants, changes, options_key=keys):
        event = VariantUpdated(after.id, after.version, after.sku)
        uow.emit(event, before=known[after.sku], after=after)


def _add_variants(
    uow: UnitOfWork,
    fresh: Sequence[RecordedVariant],
    owners: Mapping[str, Product],
    options: _Options,
) -> Sequence[Variant]:
    made = [
        Variant(
            id=uow.new_id(),
            version=1,
            created_at=each.recorded_at,
            updated_at=uow.now,
            product_id=owners[each.sku].id,
            sku=each.sku,
            option_values=options.choose_for_one_more(owners[each.sku], each),
            status=MACHINE.start,
            weight_g=None,
            length_mm=None,
            width_mm=None,
            height_mm=None,
        )
        for each in fresh
    ]
    add(uow, variants, made, options_key=[key_of(variant) for variant in made])
    for variant in made:
        uow.emit(VariantCreated(variant.id, variant.version, variant.sku), after=variant)
    return made


def _made_product(uow: UnitOfWork, recorded: RecordedVariant) -> Product:
    return Product(
        id=uow.new_id(),
        version=1,
        created_at=recorded.recorded_at,
        # Not when it was there: who follows the list by this time is to notice what came in.
        updated_at=uow.now,
        title=recorded.product_title or recorded.product_key,
        description="",
        brand=None,
        option_names=(OPTION_NAME,),
        status=MACHINE.start,
    )


def _index_products(uow: UnitOfWork, changed: Iterable[Product]) -> None:
    search.put(uow.db, "prd", {each.id: (each.title,) for each in changed})


def _index_variants(uow: UnitOfWork, owners: Iterable[Product]) -> None:
    """All variants of the products: their titles are among the words of each."""
    titles = {product.id: product.title for product in owners}
    siblings = queries.variants_by_products(uow.db, titles)
    texts = {
        each.id: (each.sku, titles[id], *each.option_values)
        for id, of_one in siblings.items()
        for each in of_one
    }
    search.put(uow.db, "sku", texts)
