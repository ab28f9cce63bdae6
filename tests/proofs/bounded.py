"""A2: what is not within somebody's reach is to him as what does not exist. For every root field.

B holds every right that can be bounded, for a channel, a location and a team in which there is
nothing. All that the office has is somebody else's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type
from sqlalchemy import select

from backoffice_api.domain.identity.model.limitable import LIMITABLE
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.places import Place
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.placed_kinds import KINDS
from backoffice_api.domain.places import PLACES
from backoffice_api.domain.stock.model.locations import VIRTUAL_IDS
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.rules import rules_of
from tests.proofs.inputs import document
from tests.proofs.office import ROOTS, SHOWN, Office

RULES = rules_of(schema)
ID = re.compile(r"\b(" + "|".join(KINDS) + r")_[0-9a-f]{16}([0-9a-f]{16})\b")
# Their rows may be everybody's to see, and are then nobody's to change who has bounds.
EVERYBODYS = ("approvalRule", "discountCode", "ticketMacro")
IDS_PER_KIND = 3
# Suppliers, customers, scrap: the other end of many movements.
VIRTUAL = frozenset(ids.text("loc", each) for each in VIRTUAL_IDS.values())


def scopes_of(name: str) -> frozenset[str]:
    return frozenset(RULES.scopes_of_field(ROOTS[name][0].title(), name))


# What can be asked and done under rights that B holds for his part only.
BOUNDED = [
    name for name in ROOTS if scopes_of(name) & LIMITABLE.keys() and not name.startswith(EVERYBODYS)
]
QUERIES = [name for name in BOUNDED if ROOTS[name][0] == "query"]
MUTATIONS = [name for name in BOUNDED if ROOTS[name][0] == "mutation"]


def elsewhere(value: Any) -> Any:
    """The same with ids of things that do not exist, where they are ids of what has a place."""
    text = orjson.dumps(value).decode()
    return orjson.loads(ID.sub(rf"\1_{'f' * 16}\2", text))


def masked(answer: httpx2.Response) -> str:
    """What was answered, without ids, numbers of requests and what is left to be spent."""
    told = {key: each for key, each in answer.json().items() if key != "extensions"}
    return re.sub(r"[0-9a-f]{32}", "", ID.sub(r"\1_", orjson.dumps(told).decode()))


def shown(field: GraphQLField) -> str:
    """A selection of the plain fields of what a root field answers, and of its rows."""
    named = get_named_type(field.type)
    if not isinstance(named, GraphQLObjectType):
        return "{ __typename ... on Node { id } }" if named.name == "Node" else ""
    if "nodes" in named.fields:
        return f"{{ nodes {shown(named.fields['nodes'])} }}"
    plain = [key for key, each in named.fields.items() if _is_plain(each)]
    return f"{{ __typename {' '.join(plain)} }}"


def _is_plain(field: GraphQLField) -> bool:
    return not field.args and not hasattr(get_named_type(field.type), "fields")


@dataclass(frozen=True, slots=True)
class Bounded:
    """B: the secret, and the ids of what B's rights hold for."""

    secret: str
    own: frozenset[str]


@pytest.fixture(scope="module")
def bounded(office: Office) -> Bounded:
    channel = {"code": "b", "name": "B", "currency": "EUR"}
    made = {
        "channelIds": office._id("channelCreate", "channel", input=channel),
        "locationIds": office._id("locationCreate", "location", input={"code": "B", "name": "B"}),
        "teamIds": office._id("ticketTeamCreate", "team", input={"name": "B"}),
    }
    text = 'mutation { tokenCreate(input: {name: "B", scopes: []}) { token { id } secret } }'
    token = office.ask(text).json()["data"]["tokenCreate"]
    given = {
        "holder": {"tokenId": token["token"]["id"]},
        "role": {"template": "OWNER"},
        **{name: [id] for name, id in made.items()},
    }
    office._id("roleGrant", "grant", input=given)
    office.keep_still()
    return Bounded(token["secret"], frozenset(made.values()))


class TestReach:
    def test_leads_to_no_node_of_others(self, office: Office, bounded: Bounded) -> None:
        wanted = list(_known(office))
        assert len({each[:3] for each in wanted}) > 40

        answers = [
            office.ask(
                "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
                {"ids": wanted[at : at + 50]},
                bounded.secret,
            ).json()
            for at in range(0, len(wanted), 50)
        ]

        found = {each["id"] for answer in answers for each in answer["data"]["nodes"] if each}
        assert found <= bounded.own | VIRTUAL

    @pytest.mark.parametrize("name", QUERIES)
    def test_ends_before_what_others_have(
        self, office: Office, bounded: Bounded, name: str
    ) -> None:
        kind, field = ROOTS[name]
        given = office.inputs.right(name, field)
        text = document(kind, name, field, given, shown(field))

        mine = office.ask(text, given, bounded.secret)
        absent = office.ask(text, elsewhere(given), bounded.secret)

        assert masked(mine) == masked(absent), f"{mine.text}\n{absent.text}"
        codes = {each["extensions"]["code"] for each in mine.json().get("errors", [])}
        assert codes <= {"BAD_USER_INPUT", "FORBIDDEN"}, mine.text
        if not codes:
            assert {each[0] for each in ID.finditer(mine.text)} <= bounded.own | VIRTUAL

    @pytest.mark.parametrize("name", MUTATIONS)
    def test_lets_nothing_of_others_be_changed(
        self, office: Office, bounded: Bounded, name: str
    ) -> None:
        kind, field = ROOTS[name]
        given = office.inputs.right(name, field)
        text = document(kind, name, field, given, SHOWN)
        before = office.stored()

        mine = office.ask(text, given, bounded.secret)
        absent = office.ask(text, elsewhere(given), bounded.secret)

        assert office.stored() == before
        assert masked(mine) == masked(absent), f"{mine.text}\n{absent.text}"
        answer = mine.json()
        codes = [each["extensions"]["code"] for each in answer.get("errors", [])]
        assert set(codes) <= {"FORBIDDEN"}, mine.text
        assert codes or answer["data"][name]["userErrors"]


def _known(office: Office) -> Iterator[str]:
    """Ids of rows of each kind that has a place, as the office has them."""
    with office.database.reading.connect() as db:
        for prefix, table in KINDS.items():
            place = PLACES.placed[table]
            if isinstance(place, Place) and not any("?" in each for each in place.ways.values()):
                column = metadata.tables[table].c.id
                others = select(column).where(column.not_in(place.everybodys))
                for id in db.execute(others.order_by(column).limit(IDS_PER_KIND)).scalars():
                    yield ids.text(prefix, id)
