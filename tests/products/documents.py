"""The documents that the tests of products send, and a few things to sell."""

from collections.abc import Mapping
from typing import Any

from tests.world import World

PAYLOAD = """
    userErrors { __typename code message path }
    effects { kind summary }
    replayed requestId
"""
PRODUCT = """
    id version title description brand optionNames status
    actions { name allowed blockedBy }
    externalIds { system key }
    variants(first: 250) { nodes { sku status optionValues } }
"""
VARIANT = """
    id version sku title optionValues status weightG lengthMm widthMm heightMm
    actions { name allowed blockedBy }
    barcodes { code kind packQuantity }
    prices { unitPrice { amount currency } }
    externalIds { system key }
    product { id }
"""


def on_product(field: str, *, input: str | None = None) -> str:
    """A mutation that answers a product; with `input` of this type."""
    return _mutation(field, "product", PRODUCT, input, by_id=field != "productCreate")


def on_variant(field: str, *, input: str | None = None) -> str:
    """A mutation that answers a variant; with `input` of this type."""
    return _mutation(field, "variant", VARIANT, input, by_id=field != "variantCreate")


def _mutation(field: str, name: str, selection: str, input: str | None, *, by_id: bool) -> str:
    by_id = by_id and field != "productSet"
    variables = ["$meta: MutationMeta"]
    arguments = ["meta: $meta"]
    if by_id:
        variables.append("$id: ID!")
        arguments.append("id: $id")
    if input:
        variables.append(f"$input: {input}!")
        arguments.append("input: $input")
    return (
        f"mutation ({', '.join(variables)}) {{ {field}({', '.join(arguments)}) "
        f"{{ {name} {{ {selection} }} {PAYLOAD} }} }}"
    )


CREATE = on_product("productCreate", input="ProductCreateInput")
UPDATE = on_product("productUpdate", input="ProductUpdateInput")
SET = on_product("productSet", input="ProductSetInput")
ARCHIVE = on_product("productArchive")
RESTORE = on_product("productRestore")
ADD = on_variant("variantCreate", input="VariantCreateInput")
CHANGE = on_variant("variantUpdate", input="VariantUpdateInput")
RETIRE = on_variant("variantArchive")
REVIVE = on_variant("variantRestore")

SHIRT: Mapping[str, Any] = {
    "title": "Shirt",
    "brand": "Ours",
    "description": "Cotton.",
    "optionNames": ["Size"],
    "externalIds": [{"system": "erp", "key": "17"}],
    "variants": [
        {
            "sku": "SHIRT-M",
            "optionValues": ["M"],
            "prices": [
                {"amount": "19.90", "currency": "EUR"},
                {"amount": "0.0375", "currency": "BRL"},
            ],
            "barcodes": [{"code": "4006381333931"}],
            "weightG": 200,
            "externalIds": [{"system": "erp", "key": "17-M"}],
        },
        {"sku": "SHIRT-L", "optionValues": ["L"]},
    ],
}


async def one(world: World, document: str, **variables: Any) -> Mapping[str, Any]:
    """What the only field of a document answers."""
    (answer,) = (await world.graphql(document, **variables)).values()
    found: Mapping[str, Any] = answer
    return found


async def done(world: World, document: str, **variables: Any) -> Mapping[str, Any]:
    """The same, where nothing was refused."""
    answer = await one(world, document, **variables)
    assert answer["userErrors"] == []
    return answer


async def refused(world: World, document: str, **variables: Any) -> list[tuple[str, Any]]:
    """Codes and paths of a refusal, after which everything is as it was."""
    answer = await one(world, document, **variables)
    assert answer.get("product") is None
    assert answer.get("variant") is None
    assert answer["effects"] == []
    return [(each["code"], each["path"]) for each in answer["userErrors"]]


async def make(world: World, **changes: Any) -> Mapping[str, Any]:
    """A product, as `SHIRT` but for `changes`."""
    product: Mapping[str, Any] = (await done(world, CREATE, input={**SHIRT, **changes}))["product"]
    return product


async def variant(world: World, sku: str) -> Mapping[str, Any]:
    """The variant that has a SKU."""
    document = f"query ($sku: String!) {{ variant(by: {{sku: $sku}}) {{ {VARIANT} }} }}"
    return await one(world, document, sku=sku)


async def product(world: World, id: str) -> Mapping[str, Any]:
    """The product that has an id."""
    document = f"query ($id: ID!) {{ product(by: {{id: $id}}) {{ {PRODUCT} }} }}"
    return await one(world, document, id=id)
