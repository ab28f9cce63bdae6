"""`productSet`: a product becomes what is described, whatever it was before."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import VariantDraft, as_drafts
from backoffice_api.domain.products.commands.products import SetProduct, set_product
from backoffice_api.domain.products.model import Barcode, BarcodeKind, ProductStatus
from tests.databases import count_statements
from tests.execute.steps import at_once, dump, run
from tests.products.documents import ARCHIVE, SET, done, make, product, refused, variant
from tests.world import World

KEY = {"system": "erp", "key": "17"}
S: Mapping[str, Any] = {"sku": "S", "optionValues": ["Small"]}
M: Mapping[str, Any] = {"sku": "M", "optionValues": ["Medium"]}
SHIRT = {"externalId": KEY, "title": "Shirt", "optionNames": ["Size"], "variants": [S, M]}


async def set_(world: World, **changes: Any) -> Mapping[str, Any]:
    return await done(world, SET, input={**SHIRT, **changes})


def kinds(answer: Mapping[str, Any]) -> list[str]:
    return [each["kind"] for each in answer["effects"]]


class TestProductSet:
    async def test_makes_what_is_not_there(self, world: World) -> None:
        answer = await set_(world)

        assert kinds(answer) == ["product.created", "variant.created", "variant.created"]
        assert answer["product"]["externalIds"] == [KEY]

    async def test_does_nothing_the_second_time(self, world: World) -> None:
        rich = {
            **S,
            "barcodes": [{"code": "X", "kind": "OTHER"}, {"code": "4006381333931"}],
            "prices": [{"amount": "2", "currency": "USD"}, {"amount": "1", "currency": "EUR"}],
            "externalIds": [{"system": "web", "key": "1"}, {"system": "erp", "key": "9"}],
            "weightG": 3,
        }
        first = await set_(world, variants=[rich, M], brand="Ours")
        before = dump(world.database)
        second = await set_(world, variants=[M, rich], brand="Ours")

        assert second["effects"] == []
        assert second["product"] == first["product"]
        assert dump(world.database) == before

    async def test_changes_only_what_differs(self, world: World) -> None:
        await set_(world)

        answer = await set_(world, variants=[S, {**M, "weightG": 5}])

        assert answer["effects"] == [
            {"kind": "variant.updated", "summary": "Variant M was changed."}
        ]
        assert answer["product"]["version"] == 1
        assert (await variant(world, "M"))["weightG"] == 5
        assert (await variant(world, "S"))["version"] == 1

    async def test_archives_what_is_not_named_and_takes_it_back(self, world: World) -> None:
        await set_(world)

        without = await set_(world, variants=[S])
        again = await set_(world)

        assert kinds(without) == ["variant.archived"]
        assert kinds(again) == ["variant.restored"]
        assert [each["status"] for each in again["product"]["variants"]["nodes"]] == [
            "ACTIVE",
            "ACTIVE",
        ]

    async def test_takes_an_archived_product_into_use(self, world: World) -> None:
        id = (await set_(world))["product"]["id"]
        await done(world, ARCHIVE, id=id)

        answer = await set_(world, title="Jersey")

        assert kinds(answer) == ["product.restored", "product.updated"]
        assert (answer["product"]["status"], answer["product"]["title"]) == ("ACTIVE", "Jersey")

    async def test_lets_variants_exchange_options_and_barcodes(self, world: World) -> None:
        x, y = [{"code": "X", "kind": "OTHER"}], [{"code": "Y", "kind": "OTHER"}]
        await set_(world, variants=[{**S, "barcodes": x}, {**M, "barcodes": y}])

        answer = await set_(
            world,
            variants=[
                {"sku": "S", "optionValues": ["Medium"], "barcodes": y},
                {"sku": "M", "optionValues": ["Small"], "barcodes": x},
            ],
        )

        assert kinds(answer) == ["variant.updated", "variant.updated"]
        small = await variant(world, "M")
        assert (small["title"], small["barcodes"][0]["code"]) == ("Small", "X")

    async def test_lets_a_new_variant_have_the_options_of_one_that_goes(self, world: World) -> None:
        await set_(world)

        answer = await set_(world, variants=[S, {"sku": "M2", "optionValues": ["Medium"]}])

        assert kinds(answer) == ["variant.archived", "variant.created"]

    async def test_takes_back_a_variant_whose_old_options_are_taken(self, world: World) -> None:
        await set_(world)
        await set_(world, variants=[S])
        await set_(world, variants=[{"sku": "S", "optionValues": ["Medium"]}])

        answer = await set_(
            world, variants=[{"sku": "S", "optionValues": ["Medium"]}, {**M, "optionValues": ["L"]}]
        )

        assert kinds(answer) == ["variant.restored"]
        assert (await variant(world, "M"))["title"] == "L"

    async def test_changes_options_of_the_product_with_those_of_its_variants(
        self, world: World
    ) -> None:
        await set_(world)

        answer = await set_(
            world,
            optionNames=["Size", "Colour"],
            variants=[
                {"sku": "S", "optionValues": ["Small", "Red"]},
                {"sku": "M", "optionValues": ["Small", "Blue"]},
            ],
        )

        assert kinds(answer) == ["product.updated", "variant.updated", "variant.updated"]
        assert answer["product"]["optionNames"] == ["Size", "Colour"]

    async def test_leaves_other_external_ids_of_the_product_alone(self, world: World) -> None:
        both = [KEY, {"system": "web", "key": "a"}]
        made = await make(world, externalIds=both, variants=[])

        await set_(world)

        assert (await product(world, made["id"]))["externalIds"] == both

    @pytest.mark.parametrize(
        ("changes", "faults"),
        [
            ({"title": ""}, [("INVALID_TEXT", ["input", "title"])]),
            (
                {"externalId": {"system": "", "key": "k" * 251}},
                [
                    ("INVALID_TEXT", ["input", "externalId", "system"]),
                    ("INVALID_TEXT", ["input", "externalId", "key"]),
                ],
            ),
            (
                {"variants": [S, {"sku": "M", "optionValues": []}]},
                [("OPTIONS_MISMATCH", ["input", "variants", "1", "optionValues"])],
            ),
            (
                {"variants": [M, {"sku": "TAKEN", "optionValues": ["L"]}]},
                [("SKU_TAKEN", ["input", "variants", "1", "sku"])],
            ),
            (
                {"variants": [{**S, "optionValues": ["Medium"]}, M]},
                [("OPTIONS_TAKEN", ["input", "variants", "0", "optionValues"])],
            ),
        ],
    )
    async def test_is_refused_as_a_whole(
        self, world: World, changes: dict[str, Any], faults: list[Any]
    ) -> None:
        await set_(world)
        await make(world, optionNames=[], externalIds=[], variants=[{"sku": "TAKEN"}])
        before = dump(world.database)

        wrong = {**SHIRT, "title": "Jersey", **changes}
        assert await refused(world, SET, input=wrong) == faults
        assert dump(world.database) == before

    async def test_takes_250_variants_and_no_more(self, world: World) -> None:
        many = [{"sku": f"S{n}", "optionValues": [f"{n}"]} for n in range(250)]
        await set_(world, variants=many)
        before = dump(world.database)

        one_more = [*many, {"sku": "S", "optionValues": ["S"]}]
        found = await refused(world, SET, input={**SHIRT, "variants": one_more})

        assert found == [("TOO_MANY", ["input", "variants"])]
        assert dump(world.database) == before

    def test_takes_as_many_statements_for_many_variants_as_for_few(self, world: World) -> None:
        def statements(count: int, title: str) -> int:
            drafts = tuple(
                VariantDraft(
                    sku=f"{count}-{n}",
                    option_values=(f"{n} {title}",),
                    barcodes=(Barcode(f"{count}-{n} {title}", BarcodeKind.OTHER, 1),),
                    external_ids=(ExternalId("erp", f"{count}-{n}"),),
                )
                for n in range(count)
            )
            command = SetProduct(
                external_id=ExternalId("erp", f"{count}"),
                title=title,
                option_names=("Size",),
                variants=drafts,
            )
            with count_statements(world.database) as seen:
                world.run(set_product, command)
            return len(seen)

        assert statements(3, "New") == statements(100, "New")
        assert statements(3, "Changed") == statements(100, "Changed")

    def test_of_two_at_once_makes_one_product(self, world: World) -> None:
        command = SetProduct(
            external_id=ExternalId("erp", "17"),
            title="Shirt",
            variants=(VariantDraft(sku="S"),),
        )

        first, second = at_once(*[lambda: run(world.database, set_product, command)] * 2)

        assert first.value == second.value
        assert sorted(len(each.effects) for each in (first, second)) == [0, 2]


class TestAnyTwo:
    """Whatever a product was set to before, it becomes what is described."""

    skus = st.sampled_from(["A", "B", "C", "D"])
    options = st.sampled_from([("S",), ("M",), ("L",), ("XL",)])
    codes = st.lists(
        st.builds(
            Barcode, st.sampled_from(["1", "2", "3"]), st.just(BarcodeKind.OTHER), st.just(1)
        ),
        max_size=1,
    ).map(tuple)
    drafts = st.lists(
        st.builds(VariantDraft, sku=skus, option_values=options, barcodes=codes),
        max_size=4,
        unique_by=(
            lambda draft: draft.sku,
            lambda draft: draft.option_values,
            lambda draft: draft.barcodes or draft.sku,
        ),
    ).map(tuple)

    def test_ends_as_described(self, world: World) -> None:
        keys = iter(range(10_000))

        @settings(max_examples=25, deadline=None)
        @given(self.drafts, self.drafts)
        def check(first: tuple[VariantDraft, ...], second: tuple[VariantDraft, ...]) -> None:
            key = next(keys)
            name = ExternalId("erp", f"{key}")
            for drafts in (own(first, key), own(second, key), own(second, key)):
                command = SetProduct(
                    external_id=name, title="T", option_names=("Size",), variants=drafts
                )
                answer = world.run(set_product, command)
            assert answer.effects == []
            assert state(world, answer.value) == {each.sku: each for each in own(second, key)}

        check()


def own(drafts: tuple[VariantDraft, ...], key: int) -> tuple[VariantDraft, ...]:
    """The drafts with SKUs and barcodes that no other product has; barcodes stay with a SKU."""
    return tuple(
        VariantDraft(
            sku=f"{key}-{each.sku}",
            option_values=each.option_values,
            barcodes=tuple(
                Barcode(f"{key}-{each.sku}-{code.code}", code.kind, 1) for code in each.barcodes
            ),
        )
        for each in drafts
    )


def state(world: World, id: Any) -> dict[str, VariantDraft]:
    """The variants in use, by SKU."""

    class Unit:
        def __init__(self, db: Any) -> None:
            self.db = db

    present = [
        each for each in world.read(queries.variants_of, id) if each.status is ProductStatus.ACTIVE
    ]
    drafts = world.read(lambda db: as_drafts(Unit(db), present))  # type: ignore[arg-type]
    return {each.sku: each for each in drafts.values()}
