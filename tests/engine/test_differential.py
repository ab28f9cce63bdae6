"""Compiled operations against graphql-core: documents made at random, answers byte by byte."""

import os
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
from tests.engine.documents import Documents
from tests.world import CLERK, REQUEST_ID, World

# Each database gets half of them.
DOCUMENTS = int(os.environ.get("BACKOFFICE_DIFFERENTIAL_DOCUMENTS", "300"))
_ROWS = 5

PREPARER = Preparer(
    schema._schema,
    rules_of(schema),
    Limits(cost=10**9, aliases=1_000, directives=1_000, depth=50, fields=10_000),
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
    for number in range(6):
        product = {
            "title": f"Shirt {number}",
            "brand": None if number % 2 else "Ours",
            "optionNames": ["Size"],
            "externalIds": [{"system": "shop", "key": str(number)}],
            "variants": [
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
            ],
        }
        await world.graphql(CREATE, input=product)


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
    async def test_answer_like_graphql_core(self, world: World) -> None:
        await fill(world)
        documents = Documents(schema._schema, await pool_of(world), seed=20_261_122)
        before = COMPILER.counts.compiled
        count = DOCUMENTS // 2

        asked = failed = 0
        while asked < count:
            made = documents.make()
            if validate(schema._schema, parse(made.text)):
                continue  # Two fields of one name that do not merge.
            answer = await ask(world, made.text, made.variables)
            asked += 1
            failed += "errors" in answer

        compiled = COMPILER.counts.compiled - before
        print(asked, compiled, failed, COMPILER.counts.fallbacks)
        assert compiled > asked / 2
