"""Categories, collections and products as the tests of the catalogue need them."""

from collections.abc import Mapping
from typing import Any

from backoffice_api.domain.catalog.checks import CHECKS
from backoffice_api.domain.catalog.commands.members import FollowEvents, follow_events
from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.products.commands.drafts import VariantDraft
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from tests import soundness
from tests.products.documents import PAYLOAD, done, one
from tests.world import World

CATEGORY = "id version name slug description parent { slug } ancestors { slug }"
COLLECTION = "id version name slug match rules { field operator value key } status productCount"
ERRORS = """userErrors { __typename code path
    ... on InvalidRuleError { field reason } ... on CategoryNotEmptyError { categories collections }
}"""


def on(field: str, answer: str, selection: str, *, id: bool = True, input: bool = True) -> str:
    """A mutation with an id or an input, named like its field."""
    kind = f"{field[0].upper()}{field[1:]}Input"
    variables = ["$meta: MutationMeta", *(["$id: ID!"] if id else [])]
    arguments = ["meta: $meta", *(["id: $id"] if id else [])]
    if input:
        variables.append(f"$input: {kind}!")
        arguments.append("input: $input")
    return (
        f"mutation ({', '.join(variables)}) {{ {field}({', '.join(arguments)}) {{ "
        f"{answer} {{ {selection} }} {PAYLOAD.replace('userErrors', 'plain: userErrors')}"
        f" {ERRORS} }} }}"
    )


ADD = on("categoryCreate", "category", CATEGORY, id=False)
CHANGE = on("categoryUpdate", "category", CATEGORY)
MOVE = on("categoryMove", "category", CATEGORY)
DELETE = on("categoryDelete", "category", "id", input=False)
FILE = on(
    "productSetCategories",
    "product",
    "version categories { slug } primaryCategory { slug } collections { slug }",
)
GATHER = on("collectionCreate", "collection", COLLECTION, id=False)
REGATHER = on("collectionUpdate", "collection", COLLECTION)
CHOOSE = on("collectionSetProducts", "collection", COLLECTION)
ARCHIVE = on("collectionArchive", "collection", COLLECTION, input=False)
RESTORE = on("collectionRestore", "collection", COLLECTION, input=False)


async def category(world: World, slug: str, parent: str | None = None) -> str:
    """A category with this slug, last under its parent. Its id."""
    given = {"name": slug.title(), "slug": slug, "parentId": parent}
    id: str = (await done(world, ADD, input=given))["category"]["id"]
    return id


async def collection(world: World, *rules: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    world.settle()
    given = {"name": "Mine", "slug": "mine", "rules": list(rules), **more}
    found: Mapping[str, Any] = (await done(world, GATHER, input=given))["collection"]
    return found


def rule(field: str, operator: str, value: Any, key: str | None = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value, "key": key}


def product(world: World, title: str, micro: int = 0, brand: str | None = None) -> str:
    """A product with one variant, which has its title for a SKU. Its id."""
    prices = (UnitPrice(micro, "EUR"),) if micro else ()
    draft = VariantDraft(sku=title.upper(), prices=prices)
    command = CreateProduct(title=title, brand=brand, variants=(draft,))
    return text("prd", world.run(create_product, command).value)


def follow(world: World) -> int:
    """Let the members of collections follow what has happened."""
    world.settle()
    found: int = world.run(follow_events, FollowEvents()).value
    return found


async def members(world: World, id: str) -> str:
    """First letters of the products of a collection, sorted."""
    document = """query ($id: ID!) { products(filter: {collectionId: {eq: $id}}) {
        nodes { title } } }"""
    nodes = (await one(world, document, id=id))["nodes"]
    return "".join(sorted(each["title"][0] for each in nodes))


def broken(world: World) -> list[str]:
    """Ids of the checks that do not hold."""
    return soundness.broken(world.database, CHECKS)
