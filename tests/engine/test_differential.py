"""Compiled operations against graphql-core: documents made at random, answers byte by byte."""

import gc
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from graphql import parse, validate
from sqlalchemy import String, select

from backoffice_api.context import Context
from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.nodes import KINDS
from backoffice_api.schema.rules import rules_of
from tests.both import COMPILER, ask_both
from tests.customers import people
from tests.engine.documents import Documents
from tests.orders.shop import POSTAGE, Shop, address, goods
from tests.thorough import THOROUGH
from tests.world import CLERK, REQUEST_ID, World

# Each database gets half of them.
DOCUMENTS = 5_000 if THOROUGH else 150
_ROWS = 5

# Every field can be compiled, so that whatever graphql-core runs has met an error. Arguments are
# looked at once, before it is known whether there are parents at all: below an empty list, the
# compiled run meets a fault that graphql-core never comes to, and leaves it the answer.
REFUSED = {"InvalidCursor", "InvalidPage", "MalformedId", "TooManyValues", "TooPrecise"}
# What no compiled operation answers, as tests.engine.test_compiler says.
LEFT = {"Query.bulkRunPreview"}

PREPARER = Preparer(
    schema._schema,
    rules_of(schema),
    Limits(cost=2_000, aliases=1_000, directives=1_000, query_time_s=60),
)

CREATE = """
mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) { userErrors { code message } }
}
"""


async def ask(world: World, text: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    def make_context() -> Context:
        return Context(
            world.database, world.threads, CLERK, Cursors(b"secret of the tests"), REQUEST_ID
        )

    def no_bug(bug: Exception, _: str) -> None:
        raise bug

    return await ask_both(PREPARER, text, dict(variables), make_context, no_bug)


async def fill(world: World) -> None:
    """A few rows of what there is, with nulls and without."""
    for number in range(4):
        await world.graphql(CREATE, input=_product(number))
    shop = Shop(world)
    variants = [shop.variant(f"T-{number}", 10 * number, 5) for number in range(3)]
    customer = people.create(
        world,
        email="ana@example.com",
        tax_ids=(people.CPF,),
        addresses=(people.address(is_default_shipping=True), people.address(label="Work")),
        external_ids=(people.SHOP,),
    )
    people.create(world, name="Nobody")
    lines = [goods(f"T-{number}", number + 1) for number in range(3)]
    shop.place(lines[1], POSTAGE, customer_id=customer, shipping_address=address())
    shop.place(*lines[1:])
    shop.create(lines[0], customer_id=customer)
    shop.ship(shop.place(lines[2]), 1)
    assert len(variants) == 3


def _product(number: int) -> Mapping[str, Any]:
    variants = [
        {
            "sku": f"S-{number}-{size}",
            "optionValues": [size],
            "prices": [
                {"amount": f"{number}.50", "currency": "EUR"},
                {"amount": "1500", "currency": "JPY"},
            ][: number % 3],
            "barcodes": [{"code": f"C{number}{size}", "kind": "OTHER"}],
            "weightG": 100 if number % 2 else None,
        }
        for size in "SML"[: number % 3 + 1]
    ]
    return {
        "title": f"Shirt {number}",
        "brand": None if number % 2 else "Ours",
        "optionNames": ["Size"],
        "externalIds": [{"system": "shop", "key": str(number)}],
        "variants": variants,
    }


async def pool_of(world: World) -> Mapping[str, Sequence[str]]:
    """Ids, texts and cursors that the database knows."""
    texts: set[str] = set()
    with world.database.reading.connect() as db:
        for table in metadata.sorted_tables:
            columns = [each for each in table.c if type(each.type) is String]
            for row in db.execute(select(*columns).limit(_ROWS)) if columns else ():
                texts.update(each for each in row if each)
        known = db.execute(select(events.c.subject_kind, events.c.subject_id).distinct()).all()
    answer = await world.graphql("{ products(first: 3) { edges { cursor } } }")
    found = [each["cursor"] for each in answer["products"]["edges"]]
    by_type: dict[str, list[str]] = {}
    for kind, id in known:
        by_type.setdefault(KINDS[kind].name, []).append(ids.text(kind, id))
    return {
        **by_type,
        "ID": sorted(ids.text(kind, id) for kind, id in known),
        "String": sorted(texts),
        "cursor": found,
    }


class TestCompiledOperations:
    @pytest.mark.timeout(3_600)
    # Where an error ends an operation, graphql-core lets go of fields that it has begun.
    @pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    async def test_answer_like_graphql_core(self, world: World) -> None:
        await fill(world)
        seed = len(world.database.dialect)  # Each database has documents of its own.
        documents = Documents(schema._schema, await pool_of(world), seed)
        left: Counter[str] = Counter()

        asked = answered = compiled = 0
        while asked < DOCUMENTS // 2:
            made = documents.make()
            if validate(schema._schema, parse(made.text)):
                continue  # Two fields of one name that do not merge.
            before = Counter(COMPILER.counts.fallbacks)
            answer = await ask(world, made.text, made.variables)
            fallback = COMPILER.counts.fallbacks - before
            if "data" not in answer:
                continue  # Too expensive: nothing was run.
            asked += 1
            if "errors" not in answer:
                answered += 1
                compiled += not fallback
                left += fallback

        gc.collect()
        assert set(left) <= REFUSED | LEFT
        # Many ask for what is refused, and graphql-core says so.
        assert answered > asked / 3
        assert compiled > answered * 0.9
