"""Saved views: kept, shared, counted, watched. On both databases."""

import pytest
from sqlalchemy import select, update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.views.tables import saved_views
from tests.databases import count_statements
from tests.orders.shop import POSTAGE
from tests.world import CLERK, caller

CREATE = """
mutation ($input: SavedViewCreateInput!, $meta: MutationMeta) {
  savedViewCreate(input: $input, meta: $meta) {
    savedView { id name target filter search sort position sharing count { value precision } }
    userErrors { code message path } effects { kind }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $input: SavedViewUpdateInput!, $meta: MutationMeta) {
  savedViewUpdate(id: $id, input: $input, meta: $meta) {
    savedView { name filter version } userErrors { code path }
  }
}
"""
SHARE = """
mutation ($id: ID!, $input: SavedViewShareInput!) {
  savedViewShare(id: $id, input: $input) {
    savedView { sharing readers { staffId staff { name } } } userErrors { code path }
  }
}
"""
REMOVE = """
mutation ($id: ID!) {
  savedViewRemove(id: $id) { savedView { id } userErrors { code } effects { kind } }
}
"""
LIST = """
query ($target: String) {
  savedViews(target: $target) {
    id name target problems alertedAt owner { kind } count { value precision }
  }
}
"""
ONE = "query ($id: ID!) { savedView(id: $id) { name } node(id: $id) { id } }"
OPEN = {"status": ["OPEN"]}


async def saved(desk, who=CLERK, **input):
    given = {"name": "Open", "target": "orders", "filter": OPEN, **input}
    answer = await desk.world.ask(CREATE, caller=who, input=given)
    assert "errors" not in answer, answer
    made = answer["data"]["savedViewCreate"]
    assert made["userErrors"] == []
    return made["savedView"]


async def refused(desk, document, name, **variables):
    answer = (await desk.world.graphql(document, **variables))[name]
    return [(each["code"], each["path"]) for each in answer["userErrors"]]


async def names(desk, who, target="orders"):
    answer = await desk.world.ask(LIST, caller=who, target=target)
    return [each["name"] for each in answer["data"]["savedViews"]]


class TestSaving:
    async def test_keeps_the_arguments_of_a_list_as_they_were_given(self, desk):
        desk.orders(2)
        sort = {"key": "TOTAL", "direction": "ASC"}

        view = await saved(desk, search="POST", sort=sort, position=3)

        assert view.pop("id").startswith("viw_")
        assert view == {
            "name": "Open",
            "target": "orders",
            "filter": OPEN,
            "search": "POST",
            "sort": sort,
            "position": 3,
            "sharing": "PRIVATE",
            "count": {"value": 2, "precision": "EXACT"},
        }

    async def test_can_be_given_to_the_list_again(self, desk):
        (order,) = desk.orders(1)
        view = await saved(desk)

        found = await desk.world.graphql(
            "query ($filter: OrderFilter) { orders(filter: $filter) { nodes { id } } }",
            filter=view["filter"],
        )

        assert found["orders"]["nodes"] == [{"id": order}]

    @pytest.mark.parametrize(
        ("wrong", "code", "path"),
        [
            ({"target": "nonsense"}, "UNKNOWN_LIST", ["target"]),
            ({"target": "jobs", "search": "a", "filter": None}, "UNFIT_FILTER", ["search"]),
            ({"filter": {"status": ["LOST"]}}, "UNFIT_FILTER", ["filter", "status", "0"]),
            ({"filter": {"colour": "red"}}, "UNFIT_FILTER", ["filter"]),
            ({"filter": [1]}, "UNFIT_FILTER", ["filter"]),
            ({"filter": {"number": {"eq": "\0"}}}, "UNFIT_FILTER", ["filter"]),
            ({"filter": {"channelId": {"eq": "web"}}}, "UNFIT_FILTER", ["filter"]),
            ({"filter": {"and": [{"or": []}] * 60}}, "FILTER_TOO_LARGE", ["filter"]),
            ({"sort": {"key": "COLOUR"}}, "UNFIT_FILTER", ["sort", "key"]),
            ({"name": " "}, "INVALID_TEXT", ["name"]),
            ({"alertAbove": -1}, "OUT_OF_RANGE", ["alertAbove"]),
        ],
    )
    async def test_is_refused_where_the_list_has_nothing_like_it(self, desk, wrong, code, path):
        given = {"name": "Open", "target": "orders", "filter": OPEN, **wrong}

        answer = await refused(desk, CREATE, "savedViewCreate", input=given)

        assert answer == [(code, ["input", *path])]
        assert desk.events("saved_view") == []

    async def test_of_too_deep_a_filter_is_refused(self, desk):
        deep = {}
        for _ in range(40):
            deep = {"not": deep}

        answer = await refused(
            desk, CREATE, "savedViewCreate", input={"name": "x", "target": "orders", "filter": deep}
        )

        assert answer == [("UNFIT_FILTER", ["input", "filter"])]

    async def test_takes_the_right_to_the_list_and_to_its_words(self, desk):
        may = [Scope.VIEWS_WRITE, Scope.VIEWS_READ]
        given = {"name": "Lots", "target": "orders", "filter": {"lotId": {"isNull": False}}}

        for scopes in (may, [*may, Scope.ORDERS_READ]):
            answer = await desk.world.ask(CREATE, caller=caller(*scopes), input=given)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_keeps_what_is_looked_for_out_of_the_log(self, desk):
        view = await saved(desk, search="Ana Silva", filter={"number": {"eq": "W-77"}})
        await desk.world.graphql(UPDATE, id=view["id"], input={"search": "Bea Souza"})

        assert desk.events("saved_view") == ["saved_view.created", "saved_view.updated"]
        for word in ("Silva", "Souza", "W-77"):
            assert word not in desk.logged()


class TestChanging:
    async def test_changes_what_is_given(self, desk):
        view = await saved(desk)

        answer = await desk.world.graphql(
            UPDATE, id=view["id"], input={"name": "All", "filter": None}
        )

        shown = answer["savedViewUpdate"]["savedView"]
        assert shown == {"name": "All", "filter": None, "version": 2}

    async def test_is_for_whom_it_belongs_to(self, desk):
        view = await saved(desk, desk.ana)
        await desk.world.ask(SHARE, caller=desk.ana, id=view["id"], input={"sharing": "EVERYBODY"})

        answer = await refused(
            desk, UPDATE, "savedViewUpdate", id=view["id"], input={"name": "Mine"}
        )

        assert answer == [("NOT_YOUR_VIEW", None)]

    async def test_compares_the_version(self, desk):
        view = await saved(desk)

        answer = await refused(
            desk,
            UPDATE,
            "savedViewUpdate",
            id=view["id"],
            input={"name": "x"},
            meta={"expectedVersion": 9},
        )

        assert answer == [("STALE_VERSION", ["meta", "expectedVersion"])]

    async def test_removes_it_with_its_readers(self, desk):
        view = await saved(desk)
        staff = [ids.text("stf", desk.ana.actor.id)]
        await desk.world.graphql(
            SHARE, id=view["id"], input={"sharing": "STAFF", "staffIds": staff}
        )

        answer = (await desk.world.graphql(REMOVE, id=view["id"]))["savedViewRemove"]

        assert answer == {
            "savedView": None,
            "userErrors": [],
            "effects": [{"kind": "saved_view.removed"}],
        }
        assert await names(desk, CLERK) == []
        desk.assert_sound()


class TestSharing:
    async def test_lets_those_see_it_who_are_named(self, desk):
        view = await saved(desk)
        assert await names(desk, desk.ana) == []
        staff = [ids.text("stf", desk.ana.actor.id)]

        answer = await desk.world.graphql(
            SHARE, id=view["id"], input={"sharing": "STAFF", "staffIds": staff}
        )

        assert answer["savedViewShare"]["savedView"] == {
            "sharing": "STAFF",
            "readers": [{"staffId": staff[0], "staff": {"name": "Ana"}}],
        }
        assert await names(desk, desk.ana) == ["Open"]
        assert await names(desk, desk.bea) == []
        desk.assert_sound()

    async def test_with_everybody_shows_it_to_everybody(self, desk):
        view = await saved(desk, desk.ana)
        for who in (CLERK, desk.bea):
            hidden = await desk.world.ask(ONE, caller=who, id=view["id"])
            assert hidden["data"] == {"savedView": None, "node": None}

        await desk.world.ask(SHARE, caller=desk.ana, id=view["id"], input={"sharing": "EVERYBODY"})

        shown = await desk.world.ask(ONE, id=view["id"])
        assert shown["data"] == {"savedView": {"name": "Open"}, "node": {"id": view["id"]}}
        assert await names(desk, desk.bea) == ["Open"]

    @pytest.mark.parametrize(
        ("input", "code"),
        [
            ({"sharing": "STAFF"}, "READERS_WITHOUT_SHARING"),
            ({"sharing": "STAFF", "staffIds": ["stf_" + "9" * 32]}, "UNKNOWN_COLLEAGUE"),
        ],
    )
    async def test_is_refused_where_nobody_is_named(self, desk, input, code):
        view = await saved(desk)

        answer = await refused(desk, SHARE, "savedViewShare", id=view["id"], input=input)

        assert [each for each, _ in answer] == [code]


class TestCounting:
    async def test_of_all_views_of_a_screen_takes_one_statement(self, desk):
        desk.orders(3)
        for number in range(3):
            await saved(desk, name=f"V{number}", position=number)
        await saved(desk, name="None", filter={"status": ["CANCELLED"]}, position=9)
        desk.world.bugs.clear()

        with count_statements(desk.world.database) as statements:
            answer = await desk.world.graphql(LIST, target="orders")

        counts = [each["count"]["value"] for each in answer["savedViews"]]
        assert counts == [3, 3, 3, 0]
        assert len([each for each in statements if each.startswith("SELECT")]) == 2

    async def test_stops_at_its_limit(self, desk, monkeypatch):
        monkeypatch.setattr("backoffice_api.schema.views.COUNT_LIMIT", 2)
        desk.orders(3)

        view = await saved(desk)

        assert view["count"] == {"value": 2, "precision": "AT_LEAST"}

    async def test_is_for_those_whom_the_list_answers(self, desk):
        view = await saved(desk, desk.ana, filter={"lotId": {"isNull": True}})
        await desk.world.ask(SHARE, caller=desk.ana, id=view["id"], input={"sharing": "EVERYBODY"})

        for scopes in ((), (Scope.ORDERS_READ,), (Scope.STOCK_READ,)):
            answer = await desk.world.ask(LIST, caller=caller(Scope.VIEWS_READ, *scopes))
            assert [each["count"] for each in answer["data"]["savedViews"]] == [None]
        both = caller(Scope.VIEWS_READ, Scope.ORDERS_READ, Scope.STOCK_READ)
        answer = await desk.world.ask(LIST, caller=both)
        assert answer["data"]["savedViews"][0]["count"] == {"value": 0, "precision": "EXACT"}

    async def test_says_so_where_a_filter_does_not_fit_any_more(self, desk):
        await saved(desk)
        with desk.world.database.writing.begin() as db:
            db.execute(update(saved_views).values(filter={"colour": "red"}))

        (view,) = (await desk.world.graphql(LIST))["savedViews"]

        assert view["count"] is None
        assert len(view["problems"]) == 1
        assert "colour" in view["problems"][0]


class TestWatching:
    async def test_tells_once_when_a_list_grows_above_its_threshold(self, desk):
        await saved(desk, alertAbove=1)
        desk.orders(1)
        desk.watch()
        assert desk.events("saved_view.alerted") == []

        desk.orders(1)
        desk.watch()
        desk.watch()

        assert desk.events("saved_view.alerted") == ["saved_view.alerted"]
        (view,) = (await desk.world.graphql(LIST))["savedViews"]
        assert view["alertedAt"] == "2025-03-01T09:30:00Z"

    async def test_tells_again_after_it_was_below(self, desk):
        view = await saved(desk, alertAbove=0, filter={"hasHold": True})
        (order,) = desk.orders(1)
        hold = "mutation ($id: ID!) { orderHold(id: $id, input: {}) { userErrors { code } } }"
        free = "mutation ($id: ID!) { orderReleaseHold(id: $id, input: {}) { replayed } }"
        for _ in range(2):
            await desk.world.graphql(hold, id=order)
            desk.watch()
            await desk.world.graphql(free, id=order)
            desk.watch()

        assert desk.events("saved_view.alerted") == ["saved_view.alerted"] * 2
        with desk.world.database.reading.connect() as db:
            assert db.execute(select(saved_views.c.alerted_at)).scalar() is None
        assert view["id"].startswith("viw_")

    async def test_looks_under_the_rights_of_the_owner(self, desk):
        await saved(desk, alertAbove=0)
        desk.shop.place(POSTAGE)
        desk.let_in(*(ALL_SCOPES - {Scope.ORDERS_READ}))

        desk.watch()

        assert desk.events("saved_view.alerted") == []
