"""The variants that follow from options. On both databases."""

import pytest

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.matrix import GenerateVariants, generate_variants
from backoffice_api.domain.products.commands.products import (
    ArchiveProduct,
    CreateProduct,
    archive_product,
    create_product,
)
from backoffice_api.domain.products.commands.variants import VariantDraft
from backoffice_api.domain.products.model.matrix import OptionValues
from tests.databases import count_statements
from tests.execute.steps import dump
from tests.world import caller

GENERATE = """
mutation ($id: ID!, $input: ProductVariantsGenerateInput!, $meta: MutationMeta) {
  productVariantsGenerate(id: $id, input: $input, meta: $meta) {
    product { title } variants { sku optionValues prices { unitPrice { amount } } }
    userErrors { code path } effects { summary } replayed
  }
}
"""
OPTIONS = [
    {"name": "Colour", "values": ["Sky blue", "Red"]},
    {"name": "Size", "values": ["S", "M"]},
]
INPUT = {
    "options": OPTIONS,
    "skuPattern": "TEE-{Size}-{Colour}",
    "prices": [{"amount": "9.5", "currency": "EUR"}],
}


@pytest.fixture
def tee(world):
    """A T-shirt of which there is one, small and red."""
    draft = VariantDraft(sku="OLD", option_values=("S", "Red"))
    command = CreateProduct(title="Tee", option_names=("Size", "Colour"), variants=(draft,))
    return world.run(create_product, command).value


def skus(world, product_id):
    return [each.sku for each in world.read(queries.variants_of, product_id)]


class TestGenerate:
    async def test_makes_what_is_missing(self, world, tee):
        answer = await world.graphql(GENERATE, id=text("prd", tee), input=INPUT)

        made = answer["productVariantsGenerate"]
        price = [{"unitPrice": {"amount": "9.50"}}]
        assert made["variants"] == [
            {"sku": "TEE-S-SKY-BLUE", "optionValues": ["S", "Sky blue"], "prices": price},
            {"sku": "TEE-M-SKY-BLUE", "optionValues": ["M", "Sky blue"], "prices": price},
            {"sku": "TEE-M-RED", "optionValues": ["M", "Red"], "prices": price},
        ]
        assert made["product"] == {"title": "Tee"}
        assert made["effects"][0] == {"summary": "Variant TEE-S-SKY-BLUE was created."}
        assert skus(world, tee) == ["OLD", "TEE-S-SKY-BLUE", "TEE-M-SKY-BLUE", "TEE-M-RED"]

    async def test_makes_nothing_the_second_time(self, world, tee):
        await world.graphql(GENERATE, id=text("prd", tee), input=INPUT)

        answer = await world.graphql(GENERATE, id=text("prd", tee), input=INPUT)

        assert answer["productVariantsGenerate"]["variants"] == []
        assert answer["productVariantsGenerate"]["effects"] == []
        assert len(skus(world, tee)) == 4

    async def test_shows_in_a_dry_run_what_it_would_make(self, world, tee):
        before = dump(world.database)

        answer = await world.graphql(
            GENERATE, id=text("prd", tee), input=INPUT, meta={"dryRun": True}
        )

        assert len(answer["productVariantsGenerate"]["variants"]) == 3
        assert dump(world.database) == before

    async def test_is_done_once_by_its_key(self, world, tee):
        meta = {"idempotencyKey": "k", "expectedVersion": 1}
        first, again = [
            await world.graphql(GENERATE, id=text("prd", tee), input=INPUT, meta=meta)
            for _ in range(2)
        ]

        assert again["productVariantsGenerate"]["replayed"]
        key = "variants"
        assert again["productVariantsGenerate"][key] == first["productVariantsGenerate"][key]

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"options": OPTIONS[:1]}, ["OPTIONS_MISMATCH"]),
            ({"options": [*OPTIONS, OPTIONS[0]]}, ["OPTIONS_MISMATCH"]),
            (
                {"options": [OPTIONS[0], {"name": "Size", "values": ["S", "S"]}]},
                ["DUPLICATE"],
            ),
            ({"options": [OPTIONS[0], {"name": "Size", "values": [""]}]}, ["INVALID_TEXT"]),
            (
                {"options": [OPTIONS[0], {"name": "Size", "values": [f"{n}" for n in range(251)]}]},
                ["TOO_MANY"],
            ),
            (
                {"options": [OPTIONS[0], {"name": "Size", "values": [f"{n}" for n in range(126)]}]},
                ["TOO_MANY"],
            ),
            ({"skuPattern": ""}, ["INVALID_TEXT"]),
            ({"skuPattern": "TEE-{Length}"}, ["INVALID_SKU_PATTERN"]),
            ({"skuPattern": "TEE-{Size!r}"}, ["INVALID_SKU_PATTERN"]),
            ({"skuPattern": "TEE-{Size"}, ["INVALID_SKU_PATTERN"]),
            ({"skuPattern": "TEE-{Size}"}, ["INVALID_SKU_PATTERN"]),
            ({"prices": [{"amount": "-1", "currency": "EUR"}]}, ["NEGATIVE_PRICE"]),
        ],
    )
    async def test_refuses(self, world, tee, wrong, codes):
        before = dump(world.database)

        answer = await world.graphql(GENERATE, id=text("prd", tee), input={**INPUT, **wrong})

        errors = answer["productVariantsGenerate"]["userErrors"]
        assert [each["code"] for each in errors] == codes
        assert dump(world.database) == before

    async def test_refuses_skus_of_others_and_products_out_of_use(self, world, tee):
        other = CreateProduct(title="Other", variants=(VariantDraft(sku="TEE-M-RED"),))
        world.run(create_product, other)
        answer = await world.graphql(GENERATE, id=text("prd", tee), input=INPUT)
        assert answer["productVariantsGenerate"]["userErrors"][0]["code"] == "SKU_TAKEN"

        world.run(archive_product, ArchiveProduct(id=tee))

        answer = await world.graphql(GENERATE, id=text("prd", tee), input=INPUT)
        assert answer["productVariantsGenerate"]["userErrors"][0]["code"] == "INVALID_TRANSITION"

    async def test_takes_the_right(self, world, tee):
        answer = await world.ask(
            GENERATE,
            caller=caller(*ALL_SCOPES - {Scope.PRODUCTS_WRITE}),
            id=text("prd", tee),
            input=INPUT,
        )

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

    def test_takes_as_many_statements_for_many_as_for_two(self, world):
        counts = []
        for title, sizes in (("A", 2), ("B", 40)):
            product = CreateProduct(title=title, option_names=("Size",))
            id = world.run(create_product, product).value
            values = tuple(f"{number}" for number in range(sizes))
            command = GenerateVariants(
                id=id,
                options=(OptionValues("Size", values),),
                sku_pattern=f"{title}-{{Size}}",
                prices=(UnitPrice(1, "EUR"),),
            )
            with count_statements(world.database) as statements:
                world.run(generate_variants, command)
            counts.append(len(statements))

        assert counts[0] == counts[1]
