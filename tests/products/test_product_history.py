"""Products and variants that are taken over from another system. On both databases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.texts import InvalidText, TooMany
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.history import RecordedVariant, record_variants
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import ArchiveVariant, archive_variant
from backoffice_api.domain.products.model import VARIANTS_MAX, OptionsMismatch, ProductStatus
from tests.databases import count_statements
from tests.world import NOW, caller

THEN = NOW.replace(year=2011)
SYSTEM = "old-shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Command):
    scope = None
    variants: Sequence[RecordedVariant]


def _record(uow, command):
    return dict(record_variants(uow, SYSTEM, command.variants))


def record(world, *recorded, **meta):
    return world.run(_record, Record(variants=recorded), **meta)


def mug(sku="10001A", title="WHITE MUG", product_key="10001"):
    return RecordedVariant(product_key, title, sku, title, THEN)


def variants_of(world, *skus):
    found = world.read(queries.variants_by_skus, skus)
    return [found.get(sku) for sku in skus]


def product_of(world, key):
    name = ExternalId(SYSTEM, key)
    return world.read(queries.products_by_external_ids, [name]).get(name)


class TestRecordVariants:
    def test_makes_the_product_and_its_variants(self, world):
        ids = record(world, mug(), mug("10001B", "BLUE MUG")).value

        white, blue = variants_of(world, "10001A", "10001B")
        product = product_of(world, "10001")
        assert ids == {"10001A": white.id, "10001B": blue.id}
        assert (product.title, product.option_names, product.created_at, product.updated_at) == (
            "WHITE MUG",
            ["Description"],
            THEN,
            NOW,
        )
        assert (white.product_id, blue.product_id) == (product.id, product.id)
        assert (white.title, blue.title) == ("WHITE MUG", "BLUE MUG")
        assert (white.version, white.status, white.created_at) == (1, ProductStatus.ACTIVE, THEN)

    def test_tells_of_each(self, world):
        effects = record(world, mug(), mug("10001B", "BLUE MUG")).effects

        assert [each.kind for each in effects] == [
            "product.created",
            "variant.created",
            "variant.created",
        ]

    def test_lets_them_be_found(self, world):
        record(world, mug(), mug("10001B", "BLUE MUG"))

        def skus(words):
            page = world.read(queries.variant_list.page, PageRequest(search=words))
            return sorted(each.sku for each in page.rows)

        assert skus("blue") == ["10001B"]
        assert skus("white mug") == ["10001A", "10001B"]  # by the title of their product
        products = world.read(queries.product_list.page, PageRequest(search="white"))
        assert [each.title for each in products.rows] == ["WHITE MUG"]

    def test_changes_nothing_the_second_time(self, world):
        first = record(world, mug())
        second = record(world, mug(title="ANOTHER MUG"))

        assert second.value == first.value
        assert second.effects == []
        assert variants_of(world, "10001A")[0].title == "WHITE MUG"

    def test_takes_the_first_of_two_with_one_sku(self, world):
        record(world, mug(), mug(title="ANOTHER MUG"))

        assert variants_of(world, "10001A")[0].title == "WHITE MUG"

    def test_adds_to_a_product_that_is_known(self, world):
        record(world, mug())
        effects = record(world, mug("10001B", "BLUE MUG")).effects

        assert [each.kind for each in effects] == ["variant.created"]
        assert variants_of(world, "10001B")[0].product_id == product_of(world, "10001").id

    def test_knows_a_sku_whoever_made_it(self, world):
        world.run(
            create_product, CreateProduct(title="Mine", variants=(VariantDraft(sku="10001A"),))
        )

        ids = record(world, mug()).value

        assert ids == {"10001A": variants_of(world, "10001A")[0].id}
        assert product_of(world, "10001") is None

    def test_calls_it_by_its_numbers_until_it_has_a_title(self, world):
        record(world, mug(title=None))
        assert (product_of(world, "10001").title, variants_of(world, "10001A")[0].title) == (
            "10001",
            "10001A",
        )

        effects = record(world, mug()).effects

        product, variant = product_of(world, "10001"), variants_of(world, "10001A")[0]
        assert (product.title, variant.title) == ("WHITE MUG", "WHITE MUG")
        assert (product.version, variant.version) == (2, 2)
        assert [each.kind for each in effects] == ["product.updated", "variant.updated"]

    def test_titles_a_product_by_a_sibling(self, world):
        record(world, mug(title=None))
        record(world, mug("10001B", "BLUE MUG"))

        found = world.read(queries.variant_list.page, PageRequest(search="10001A blue"))
        assert product_of(world, "10001").title == "BLUE MUG"
        assert variants_of(world, "10001A")[0].title == "10001A"
        assert [each.sku for each in found.rows] == ["10001A"]

    def test_tells_siblings_of_one_title_apart(self, world):
        record(world, mug(), mug("10001B", "White Mug"), mug("10001C", "X" * 250))
        record(world, mug("10001D", "X" * 250))

        assert [each.title for each in variants_of(world, "10001B", "10001D")] == [
            "White Mug (10001B)",
            "X" * 241 + " (10001D)",
        ]

    def test_leaves_archived_variants_archived(self, world):
        id = record(world, mug(title=None)).value["10001A"]
        world.run(archive_variant, ArchiveVariant(id=id))

        record(world, mug())

        variant = variants_of(world, "10001A")[0]
        assert (variant.status, variant.title) == (ProductStatus.ARCHIVED, "WHITE MUG")

    @pytest.mark.parametrize(
        "wrong",
        [mug(sku=""), mug(sku="X" * 81), replace(mug(), title="X" * 251), mug(product_key="")],
        ids=["no SKU", "long SKU", "long title", "no key"],
    )
    def test_refuses_texts_that_do_not_fit(self, world, wrong):
        with pytest.raises(InvalidText):
            record(world, mug("10002A", product_key="10002"), wrong)

        assert variants_of(world, "10002A") == [None]

    def test_refuses_more_variants_than_a_product_may_have(self, world):
        many = [mug(f"10001-{number}", f"MUG {number}") for number in range(VARIANTS_MAX)]
        record(world, *many)

        with pytest.raises(TooMany):
            record(world, mug())

        assert variants_of(world, "10001A") == [None]

    def test_refuses_to_add_to_a_product_with_other_options(self, world):
        name = ExternalId(SYSTEM, "10001")
        world.run(create_product, CreateProduct(title="Mine", external_ids=(name,)))

        with pytest.raises(OptionsMismatch):
            record(world, mug())

        assert variants_of(world, "10001A") == [None]

    def test_needs_the_right_to_import(self, world):
        with pytest.raises(NotAllowed):
            record(world, mug(), caller=caller(*(ALL_SCOPES - {Scope.IMPORTS_WRITE})))

        assert variants_of(world, "10001A") == [None]

    def test_takes_a_constant_number_of_statements(self, world):
        def statements(start, count):
            with count_statements(world.database) as seen:
                record(
                    world,
                    *(
                        mug(f"{number}A", f"THING {number}", f"{number}")
                        for number in range(start, start + count)
                    ),
                )
            return len(seen)

        assert statements(20_000, 50) == statements(30_000, 5)
