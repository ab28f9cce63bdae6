"""Whatever is sent to the real schema over HTTP: a clean answer, and nothing is written.

For every field of the roots, right arguments are made from its types. Then each leaf of them in
turn is something hostile: one value where many root fields share an input, as that of `meta`, so
that each value is met by one of them, else several. Mutations are rehearsed first; what is refused
when it is run is then sent in earnest. And who lacks the one scope that a field takes is refused,
whatever else he may do.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.events import MASKED
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.rules import rules_of
from tests.proofs.bending import TestBentOperations
from tests.proofs.bounded import TestReach, bounded
from tests.proofs.canaries import breaking, listening, spilled, with_canaries
from tests.proofs.hostility import BODIES, CONTENT_TYPES, RIGHT, named, rehearsed
from tests.proofs.inputs import LONG, SQL, Leaf, document, inline, leaves
from tests.proofs.office import ROOTS, SHOWN, Office
from tests.serving import new_token
from tests.thorough import THOROUGH
from tests.together import together

__all__ = ["TestBentOperations", "TestReach", "bounded"]  # the same office serves them

# It takes seconds to furnish. What has a limit of its own comes first, on either database at one
# worker, so that there is one for each.
pytestmark = pytest.mark.timeout(120)

MUTATIONS = [name for name, (kind, _) in ROOTS.items() if kind == "mutation"]
QUERIES = [name for name, (kind, _) in ROOTS.items() if kind == "query"]
RULES = rules_of(schema)
NEEDED = {
    f"{name} {scope}": (name, scope)
    for name, (kind, _) in ROOTS.items()
    for scope in sorted(RULES.scopes_of_field(kind.title(), name))
}
# How many of the hostile values each leaf meets, drawn by a fixed seed.
VALUES_PER_LEAF = 2
TEXTS = {"String", "ID", "Secret", "CurrencyCode", "Decimal", "BigInt", "DateTime"}
NO_CHARACTERS = ("a\0b", "a\ud800b")
LEAVES: Mapping[str, Sequence[Leaf]] = {
    name: list(leaves(name, field)) for name, (_, field) in ROOTS.items()
}
# The leaves of all root fields by what declares them.
SHARING: dict[str, list[tuple[str, Leaf]]] = {}
for _name, _leaves in LEAVES.items():
    for _leaf in _leaves:
        SHARING.setdefault(_leaf.home, []).append((_name, _leaf))

REQUEST_CODES = {
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "COST_LIMIT",
}
# Takes or refuses each item of a batch by itself, and answers for each.
EACH_BY_ITSELF = frozenset({"trackingRecord"})
# They change what the log does not tell of: what is worked out anew, and what is of the moment.
WITHOUT_EFFECTS = {
    "mentionsMarkRead",
    "ticketNoticesMarkRead",
    "payoutMatch",
    "stockForgetSnapshots",
    "suggestionsFind",
    "ticketDraftDiscard",
    "ticketDraftSave",
    "ticketPresence",
}
# They tell that something was done that changes no field of what it was done to.
WITHOUT_CHANGES = {
    "audit_export.offered",
    "document.offered",
    "file.offered",
    "order.updated",
    "staff.password_set",
    "staff.provider_unlinked",
    "staff.recovery_codes_renewed",
    "staff.second_factor_confirmed",
    "staff.second_factor_enrolled",
    "staff.second_factor_removed",
    "staff.second_factor_reset",
    "staff.updated",
}
# What answers for each of several says there what is wrong with it.
ITEM_BY_ITEM = {"orderImportBatch": SHOWN.replace("{", "{ results { faults { code message } }", 1)}
ANSWER_BYTES_MAX = 60_000
MESSAGE_LENGTH_MAX = 500


def met(office: Office, name: str, leaf: Leaf) -> Sequence[Any]:
    """The values that one leaf meets here."""
    return by_turns(office, name, leaf, hostile(name, leaf))


def by_turns(office: Office, name: str, leaf: Leaf, values: Sequence[Any]) -> Sequence[Any]:
    """Those that one leaf meets on this database: on either every second one."""
    if THOROUGH:
        return values
    turn = LEAVES[name].index(leaf) + (office.database.dialect == "sqlite")
    return [value for at, value in enumerate(values, turn) if at % 2]


def hostile(name: str, leaf: Leaf) -> Sequence[Any]:
    """The values that one leaf meets. A text is always one of 100 kB, and one of SQL (A9), too.

    An id is always an empty one as well, which is not the same as none.
    """
    drawn = random.Random(f"{name} {leaf.name}").sample(leaf.hostile, VALUES_PER_LEAF)
    if SQL in leaf.hostile and SQL not in drawn:
        drawn[0] = SQL
    long = [LONG] if leaf.type in TEXTS else []
    long += [""] if leaf.type == "ID" and "" not in drawn else []
    return own_share(name, leaf, [*leaf.hostile, *long]) or [*drawn, *long]


def own_share(name: str, leaf: Leaf, values: Sequence[Any]) -> Sequence[Any]:
    """One of the values, if so many leaves share an input that together they meet all of them."""
    sharing = SHARING[leaf.home]
    if len(sharing) < len(values):
        return []
    return [values[sharing.index((name, leaf)) % len(values)]]


def refusals(answer: httpx2.Response, about: str) -> list[str]:
    """The codes of the refusals in an answer, which is clean. None: nothing was refused."""
    assert answer.status_code in (200, 400, 413, 415), f"{about}: {answer.text[:2_000]}"
    assert len(answer.content) < ANSWER_BYTES_MAX, about
    content = answer.json()
    errors = content.get("errors", [])
    codes = [error["extensions"]["code"] for error in errors]
    assert set(codes) <= REQUEST_CODES, f"{about}: {answer.text[:2_000]}"
    for payload in (content.get("data") or {}).values():
        if isinstance(payload, dict):
            errors += payload.get("userErrors", [])
            errors += [fault for each in payload.get("results", []) for fault in each["faults"]]
            codes += [error["code"] for error in errors if "code" in error]
    assert all(0 < len(error["message"]) <= MESSAGE_LENGTH_MAX for error in errors), about
    return codes


# What every mutation is told of itself: it must be in the log (A10).
TOLD = {"reason": "by a test", "reference": "https://example.org/7", "idempotencyKey": "a-key"}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """What goes into the log, in dry runs as well."""
    seen: list[Mapping[str, Any]] = []
    record = events.record

    def note(db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        seen.extend(rows)
        record(db, rows)

    monkeypatch.setattr(events, "record", note)
    return seen


def assert_auditable(row: Mapping[str, Any]) -> None:
    """A10: who, when, from where, under which key, why, and each field before and after."""
    assert row["actor_kind"] in ("staff", "token")
    assert row["actor_id"] is not None
    assert row["command"]
    assert row["request_id"]
    assert datetime.now(UTC) - row["occurred_at"] < timedelta(minutes=1)
    assert [row[name] for name in ("reason", "reference", "idempotency_key")] == [*TOLD.values()]
    for change in row["changes"]:
        is_hidden = "costs" in change or MASKED in str(change["before"])
        assert change["before"] != change["after"] or is_hidden or change["before"] is None
    assert row["changes"] or row["data"] or row["type"] in WITHOUT_CHANGES


class TestMutations:
    @together("name", dict(zip(MUTATIONS, MUTATIONS, strict=True)))
    def test_take_what_is_right(
        self, office: Office, name: str, logged: list[Mapping[str, Any]]
    ) -> None:
        """Else what is hostile would meet nobody but the first check."""
        kind, field = ROOTS[name]
        logged.clear()
        given = {**office.inputs.right(name, field), "meta": {**TOLD, "dryRun": True}}
        before = office.stored()

        answer = office.ask(
            document(kind, name, field, given, SHOWN), given, office.token_for(name)
        )

        assert refusals(answer, name) == []
        assert (answer.json()["data"][name]["effects"] == []) == (name in WITHOUT_EFFECTS)
        assert (logged == []) == (name in WITHOUT_EFFECTS)
        for row in logged:
            assert_auditable(row)
        assert office.stored() == before

    @pytest.mark.parametrize("name", MUTATIONS)
    def test_refuse_what_is_hostile(self, office: Office, name: str) -> None:
        kind, field = ROOTS[name]
        shown = ITEM_BY_ITEM.get(name, SHOWN)
        before, token = office.stored(), office.token_for(name)
        taken = []
        for leaf in LEAVES[name]:
            for value in met(office, name, leaf):
                about = f"{leaf.name} = {value!r:.100}"
                given = office.inputs.hostile(name, field, leaf, value)
                trial = rehearsed(leaf, given)
                answer = office.ask(document(kind, name, field, trial, shown), trial, token)
                if not refusals(answer, about):
                    taken.append((leaf.name, value))
                elif THOROUGH or "data" in answer.json():  # else nothing has been run at all
                    answer = office.ask(document(kind, name, field, given, shown), given, token)
                    assert refusals(answer, about) != []

        long = [where for where, value in taken if value is LONG]
        assert long == [] or name in EACH_BY_ITSELF
        assert office.stored() == before

    @together("name", dict(zip(MUTATIONS, MUTATIONS, strict=True)))
    def test_refuse_what_is_no_character(self, office: Office, name: str) -> None:
        """Written into the document, where JSON's own checks do not see it."""
        kind, field = ROOTS[name]
        before = office.stored()
        for leaf in LEAVES[name]:
            if leaf.type in TEXTS:
                signs = own_share(name, leaf, NO_CHARACTERS) or NO_CHARACTERS
                for sign in by_turns(office, name, leaf, signs):
                    given = office.inputs.hostile(name, field, leaf, sign)
                    answer = office.ask(
                        inline(kind, name, field, given, SHOWN), token=office.token_for(name)
                    )
                    assert refusals(answer, leaf.name) != [], leaf.name

        assert office.stored() == before


class TestReports:
    """A6. Of all else that is sent here, the log is looked at when the office is closed."""

    def test_of_a_failing_database_repeat_no_value(self, office: Office) -> None:
        """Though its words, and those of SQLAlchemy, hold every value of the statement."""
        names = MUTATIONS if THOROUGH else random.Random(9).sample(MUTATIONS, 60)
        with listening() as said, breaking():
            for name in names:
                kind, field = ROOTS[name]
                right = with_canaries(office.inputs.right(name, field))
                given = {**right, "meta": {"dryRun": True}}
                office.ask(document(kind, name, field, given, SHOWN), given, office.token_for(name))

        assert said.getvalue().count('"event":"graphql.bug"') > len(names) / 2
        assert spilled(said.getvalue()) == []


class TestQueries:
    @pytest.mark.parametrize("name", QUERIES)
    def test_find_nothing_or_say_what_is_wrong(self, office: Office, name: str) -> None:
        kind, field = ROOTS[name]
        right = office.inputs.right(name, field)
        shown = "{ __typename }"
        assert refusals(office.ask(document(kind, name, field, right, shown), right), name) == []
        for leaf in LEAVES[name]:
            for value in met(office, name, leaf):
                given = office.inputs.hostile(name, field, leaf, value)
                answer = office.ask(document(kind, name, field, given, shown), given)
                refusals(answer, f"{leaf.name} = {value!r:.100}")
            for sign in by_turns(office, name, leaf, ["a\0b"] if leaf.type in TEXTS else []):
                given = office.inputs.hostile(name, field, leaf, sign)
                refusals(office.ask(inline(kind, name, field, given, shown)), leaf.name)


class TestCursors:
    LIST = "query ($after: String) { orders(first: 1, after: $after) { pageInfo { endCursor } } }"

    @pytest.fixture
    def cursor(self, office: Office) -> str:
        page = office.ask(self.LIST).json()["data"]["orders"]
        cursor: str = page["pageInfo"]["endCursor"]
        return cursor

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("orders(after: $after)", []),
            ("products(after: $after)", ["BAD_USER_INPUT"]),
            ("orders(after: $after, sort: {key: NUMBER})", ["BAD_USER_INPUT"]),
        ],
    )
    def test_are_good_for_one_list(
        self, office: Office, cursor: str, field: str, expected: list[str]
    ) -> None:
        text = f"query ($after: String) {{ {field} {{ nodes {{ id }} }} }}"

        assert refusals(office.ask(text, {"after": cursor}), field) == expected

    def test_are_refused_when_any_of_it_is_changed(self, office: Office, cursor: str) -> None:
        changed = [cursor[:-4], cursor[4:], cursor[::-1], cursor * 2, f"AAAA{cursor}", "A" * 99]
        for at, old in enumerate(cursor[:-1]):  # of the last, base64 leaves some bits unused
            changed.append(f"{cursor[:at]}{'B' if old == 'A' else 'A'}{cursor[at + 1 :]}")

        for each in changed:
            assert refusals(office.ask(self.LIST, {"after": each}), each) == ["BAD_USER_INPUT"]


class TestBodies:
    def test_that_are_right_are_taken(self, office: Office) -> None:
        """Else the others would be refused for nothing."""
        trial = RIGHT.replace("}) {", "}, meta: {dryRun: true}) {")

        assert refusals(office.send(named(trial)), "") == []

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_that_are_hostile_are_refused(self, office: Office, body: bytes) -> None:
        before = office.stored()

        assert refusals(office.send(body), "") != []

        assert office.stored() == before

    @pytest.mark.parametrize("content_type", CONTENT_TYPES)
    def test_of_another_type_are_refused(self, office: Office, content_type: str) -> None:
        before = office.stored()

        answer = office.send(named(RIGHT), **{"content-type": content_type})

        assert answer.status_code == 415
        assert refusals(answer, content_type) == ["BAD_USER_INPUT"]
        assert office.stored() == before


@pytest.fixture(scope="module")
def lacking(office: Office) -> dict[str, str]:
    """Tokens by the one scope that they lack."""
    tokens = {scope.value: new_token(office.database, *ALL_SCOPES - {scope}) for scope in Scope}
    office.keep_still()
    return tokens


class TestScopes:
    @together("name, scope", NEEDED)
    def test_are_needed_by_roots(
        self, office: Office, lacking: dict[str, str], name: str, scope: str
    ) -> None:
        kind, field = ROOTS[name]
        given = office.inputs.right(name, field)
        text = document(kind, name, field, given, SHOWN if kind == "mutation" else "{ __typename }")
        before = office.stored()

        answer = office.ask(text, given, lacking[scope])

        assert answer.status_code == 403
        assert set(answer.json()) == {"errors"}
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "scopes": [scope]}
        assert office.stored() == before

    def test_are_refused_before_anybody_looks_at_the_input(
        self, office: Office, lacking: dict[str, str]
    ) -> None:
        text = "mutation ($id: ID!) { orderPlace(id: $id) { replayed } }"

        answer = office.ask(text, {"id": ["no id"]}, lacking["orders:write"])

        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["FORBIDDEN"]

    def test_end_a_session_of_somebody_else_only_with_the_scope(
        self, office: Office, lacking: dict[str, str]
    ) -> None:
        kind, field = ROOTS["sessionEnd"]
        given = office.inputs.right("sessionEnd", field)
        before = office.stored()

        answer = office.ask(
            document(kind, "sessionEnd", field, given, SHOWN), given, lacking["access:write"]
        )

        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["FORBIDDEN"]
        assert office.stored() == before
