"""Two variants that are the same thing become one. On both databases."""

from datetime import timedelta

import pytest

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.kits import SetComponents
from backoffice_api.domain.products.commands.merging import MergeVariant
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import (
    ArchiveVariant,
    RestoreVariant,
    VariantDraft,
    archive_variant,
    restore_variant,
)
from backoffice_api.domain.products.model import Barcode, BarcodeKind
from backoffice_api.domain.products.model.kits import Component
from backoffice_api.domain.products.model.merging import MergeBlock
from backoffice_api.domain.stock.commands.kits import set_components
from backoffice_api.domain.stock.commands.merging import merge_variant
from backoffice_api.domain.stock.model.movements import MovementKind
from tests import soundness
from tests.databases import count_statements
from tests.stock.depot import line, shown
from tests.world import NOW, caller

MERGE = """
mutation ($id: ID!, $into: ID!, $meta: MutationMeta) {
  variantMerge(id: $id, input: {intoId: $into}, meta: $meta) {
    variant { sku status mergedInto { sku barcodes { code } stock { onHand } } }
    userErrors { code path ... on MergeBlockedError { block } }
    effects { summary } replayed
  }
}
"""


@pytest.fixture
def pair(depot):
    """A cup that was entered twice, with 3 and 4 pieces of the one and 5 of the other."""

    def variant(sku, *on_hand, **values):
        draft = VariantDraft(sku=sku, **values)
        depot.world.run(create_product, CreateProduct(title=sku, variants=(draft,)))
        id = depot.world.read(products.variants_by_skus, [sku])[sku].id
        depot.put(id, *on_hand)
        return id

    depot.twice = variant(
        "TWICE",
        3,
        4,
        barcodes=(Barcode("T-1", BarcodeKind.OTHER, 1),),
        external_ids=(ExternalId("erp", "2"), ExternalId("old", "2")),
    )
    depot.cup = variant(
        "CUP",
        5,
        barcodes=(Barcode("C-1", BarcodeKind.OTHER, 1),),
        external_ids=(ExternalId("erp", "1"),),
    )
    return depot


def broken(depot):
    return soundness.broken(depot.world.database, CHECKS)


def merge(depot, **how):
    command = MergeVariant(id=depot.twice, into_id=depot.cup)
    return depot.world.run(merge_variant, command, **how)


class TestVariantMerge:
    async def test_moves_what_there_is(self, pair):
        given = {"id": shown("sku", pair.twice), "into": shown("sku", pair.cup)}
        dry = await pair.world.graphql(MERGE, **given, meta={"dryRun": True})
        assert dry["variantMerge"]["variant"]["status"] == "ARCHIVED"
        assert pair.counts(pair.twice) == [(3, 0), (4, 0)]

        answer = await pair.world.graphql(MERGE, **given, meta={"idempotencyKey": "k"})

        assert answer["variantMerge"] == {
            "variant": {
                "sku": "TWICE",
                "status": "ARCHIVED",
                "mergedInto": {
                    "sku": "CUP",
                    "barcodes": [{"code": "C-1"}, {"code": "T-1"}],
                    "stock": {"onHand": 12},
                },
            },
            "userErrors": [],
            "effects": [
                {"summary": "Variant TWICE was merged into CUP."},
                {"summary": "Variant TWICE was merged into CUP."},
            ],
            "replayed": False,
        }
        again = await pair.world.graphql(MERGE, **given, meta={"idempotencyKey": "k"})
        assert again["variantMerge"]["replayed"]
        assert pair.counts(pair.twice) == [(0, 0), (0, 0)]
        assert pair.counts(pair.cup) == [(8, 0), (4, 0)]
        assert broken(pair) == []

    def test_keeps_the_ledger_and_adds_to_it(self, pair):
        before = pair.movements()

        merge(pair)

        after = pair.movements()
        assert list(after[: len(before)]) == list(before)
        added = after[len(before) :]
        assert {each.kind for each in added} == {MovementKind.MERGE}
        assert sorted((each.variant_id == pair.cup, each.quantity) for each in added) == [
            (False, 3),
            (False, 4),
            (True, 3),
            (True, 4),
        ]

    def test_leads_external_ids_to_the_one_that_stays(self, pair):
        merge(pair)

        found = pair.world.read(names.by_subjects, [pair.twice, pair.cup])
        assert found == {
            pair.cup: [ExternalId("erp", "1"), ExternalId("old", "2")],
            pair.twice: [ExternalId("erp", "2")],
        }

    def test_is_for_good(self, pair):
        merge(pair)

        refused = pair.refusals(
            lambda: pair.world.run(restore_variant, RestoreVariant(id=pair.twice))
        )
        assert [each.code for each in refused] == ["MERGED_AWAY"]
        assert [each.code for each in pair.refusals(lambda: merge(pair))] == ["INVALID_TRANSITION"]

    def test_waits_until_nothing_is_promised(self, pair):
        pair.reserve((1, pair.twice, 2), expires_at=NOW + timedelta(hours=1))

        (refused,) = pair.refusals(lambda: merge(pair))

        assert (refused.code, refused.block) == ("MERGE_BLOCKED", MergeBlock.RESERVED)

    def test_leaves_kits_alone(self, pair):
        (tray,) = pair.variants("TRAY")
        parts = (Component(pair.twice, 2),)
        pair.world.run(set_components, SetComponents(id=tray, components=parts))

        (refused,) = pair.refusals(lambda: merge(pair))

        assert (refused.code, refused.block) == ("MERGE_BLOCKED", MergeBlock.KIT)

    def test_takes_two_that_are_in_use(self, pair):
        itself = MergeVariant(id=pair.cup, into_id=pair.cup)
        refused = pair.refusals(lambda: pair.world.run(merge_variant, itself))
        assert [each.code for each in refused] == ["MERGE_INTO_ITSELF"]
        nobody = MergeVariant(id=pair.cup, into_id=pair.north)
        refused = pair.refusals(lambda: pair.world.run(merge_variant, nobody))
        assert [each.code for each in refused] == ["UNKNOWN_VARIANT"]
        pair.world.run(archive_variant, ArchiveVariant(id=pair.cup))
        refused = pair.refusals(lambda: merge(pair))
        assert [each.code for each in refused] == ["INVALID_TRANSITION"]

    async def test_takes_the_right(self, pair):
        answer = await pair.world.ask(
            MERGE,
            caller=caller(*ALL_SCOPES - {Scope.PRODUCTS_WRITE}),
            id=shown("sku", pair.twice),
            into=shown("sku", pair.cup),
        )

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

    def test_takes_as_many_statements_for_many_locations_as_for_two(self, pair):
        with count_statements(pair.world.database) as few:
            merge(pair)
        places = [pair.location(f"L{number}") for number in range(8)]
        many = pair.variants("MANY")[0]
        pair.adjust(*(line(many, place, set_to=2) for place in places))
        pair.twice = many

        with count_statements(pair.world.database) as seen:
            merge(pair)

        assert len(seen) <= len(few)
