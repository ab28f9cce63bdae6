"""Runs: one mutation on each of many things. On both databases."""

import os
import signal
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.schema.roots import ROOTS
from backoffice_api.tasks.views import RunWork
from tests import killing
from tests.databases import count_statements
from tests.views.desk import START, Desk
from tests.world import NOW, World, caller

CANCEL = "mutation ($id: ID!) { bulkRunCancel(id: $id) { bulkRun { status } userErrors { code } } }"
PREVIEW = """
query ($input: BulkRunInput!) {
  bulkRunPreview(input: $input, first: 3) {
    itemsTotal items { subjectId status effects errors { code path } }
  }
}
"""
ACTIONS = '{ bulkActions(list: "orders") { name idPrefix lists inputType scope opposite } }'
OPEN = {"list": {"target": "orders", "filter": {"status": ["OPEN"]}}}
HOLD = {"mutation": "orderHold", "items": OPEN, "input": {"note": "Wait."}}


class TestARun:
    async def test_does_it_on_all_that_passes_the_filter(self, desk):
        desk.orders(3)

        run = await desk.done(**HOLD)

        assert (run["status"], run["itemsSucceeded"], run["itemsFailed"]) == ("FINISHED", 3, 0)
        assert desk.events("order.held") == ["order.held"] * 3
        assert desk.events("bulk_run") == ["bulk_run.started", "bulk_run.ended"]
        assert [each["position"] for each in run["items"]["nodes"]] == [1, 2, 3]
        desk.assert_sound()

    async def test_touches_nothing_that_passes_the_filter_only_later(self, desk):
        desk.orders(2)
        id = await desk.started(**HOLD)
        (late,) = desk.orders(1)

        desk.work(id)

        run = await desk.shown(id)
        assert run["itemsTotal"] == 2
        assert late not in [each["subjectId"] for each in run["items"]["nodes"]]

    async def test_goes_on_behind_what_is_refused_and_says_why(self, desk):
        one, two = desk.orders(2)
        await desk.done(mutation="orderClose", items={"ids": [one]})

        run = await desk.done(mutation="orderClose", items={"ids": [one, two]})

        assert (run["itemsSucceeded"], run["itemsFailed"]) == (1, 1)
        refused, done = run["items"]["nodes"]
        assert refused["status"] == "FAILED"
        (error,) = refused["errors"]
        assert error["code"] == "INVALID_TRANSITION"
        assert error["data"]["action"] == "close"
        assert (done["status"], done["subjectId"], len(done["effects"])) == ("SUCCEEDED", two, 1)
        desk.assert_sound()

    async def test_takes_a_saved_view(self, desk):
        desk.orders(2)
        made = await desk.world.graphql(
            'mutation { savedViewCreate(input: {name: "All", target: "orders"}) '
            "{ savedView { id } } }"
        )

        view = {"viewId": made["savedViewCreate"]["savedView"]["id"]}
        run = await desk.done(mutation="orderClose", items=view)

        assert run["itemsSucceeded"] == 2

    async def test_does_only_the_first_if_asked(self, desk):
        desk.orders(3)

        run = await desk.done(**HOLD, first=2)

        assert run["itemsTotal"] == 2

    async def test_is_named_by_every_event_of_it(self, desk):
        desk.orders(1)

        run = await desk.done(**HOLD)

        shown = await desk.world.graphql(
            '{ eventLog(filter: {type: {eq: "order.held"}}) '
            "{ nodes { requestId actor { kind } } } }"
        )
        assert shown["eventLog"]["nodes"] == [{"requestId": run["id"], "actor": {"kind": "TOKEN"}}]

    async def test_in_a_dry_run_changes_nothing_but_itself(self, desk):
        desk.orders(2)

        run = await desk.done(**HOLD, dryRun=True)

        assert (run["dryRun"], run["itemsSucceeded"]) == (True, 2)
        assert run["items"]["nodes"][0]["effects"] != []
        assert desk.events("order.held") == []

    async def test_can_be_called_off(self, desk):
        desk.orders(2)
        id = await desk.started(**HOLD)
        answer = await desk.world.graphql(CANCEL, id=id)
        assert answer["bulkRunCancel"]["bulkRun"] == {"status": "CANCELLED"}

        desk.work(id)

        run = await desk.shown(id)
        assert (run["status"], run["itemsLeft"]) == ("CANCELLED", 2)
        assert run["actions"] == [{"name": "cancel", "allowed": False}]
        again = await desk.world.graphql(CANCEL, id=id)
        assert again["bulkRunCancel"]["userErrors"] == [{"code": "INVALID_TRANSITION"}]
        desk.assert_sound()

    async def test_is_done_by_the_worker(self, desk):
        desk.orders(2)
        id = await desk.started(**HOLD)

        while desk.worker.work(datetime.now(UTC) + timedelta(days=1)):
            pass

        assert (await desk.shown(id))["status"] == "FINISHED"

    async def test_started_twice_under_one_key_is_one_run(self, desk):
        desk.orders(1)
        meta = {"idempotencyKey": "k"}
        runs = {
            (await desk.world.graphql(START, input=HOLD, meta=meta))["bulkRun"]["bulkRun"]["id"]
            for _ in range(2)
        }

        assert len(runs) == 1

    async def test_started_in_a_dry_run_says_how_many_it_would_be(self, desk):
        desk.orders(3)

        answer = await desk.world.graphql(START, input=HOLD, meta={"dryRun": True})

        assert answer["bulkRun"]["bulkRun"]["itemsTotal"] == 3
        assert desk.events("bulk_run") == []


class TestItemsOfARun:
    async def test_that_failed_can_be_tried_again_alone(self, desk):
        one, two = desk.orders(2)
        await desk.done(mutation="orderHold", items={"ids": [one]}, input={})
        first = await desk.done(mutation="orderClose", items={"ids": [one, two]})
        assert first["itemsFailed"] == 1
        await desk.done(mutation="orderReleaseHold", items={"ids": [one]}, input={})

        failed = {"run": {"id": first["id"], "status": "FAILED"}}
        again = await desk.done(mutation="orderClose", items=failed)

        assert (again["itemsTotal"], again["itemsSucceeded"]) == (1, 1)

    async def test_that_succeeded_can_be_undone(self, desk):
        one, _ = desk.orders(2)
        await desk.done(mutation="orderClose", items={"ids": [one]})
        first = await desk.done(
            mutation="orderClose", items={"list": {"target": "orders", "filter": {}}}
        )
        assert (first["itemsSucceeded"], first["opposite"]) == (1, "orderReopen")

        undone = await desk.done(mutation=first["opposite"], items={"run": {"id": first["id"]}})

        assert undone["itemsSucceeded"] == 1
        assert desk.events("order.reopened") == ["order.reopened"]
        desk.assert_sound()


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "code", "path"),
        [
            ({"mutation": "orderCreate"}, "UNKNOWN_ACTION", ["mutation"]),
            ({"mutation": "staffUpdate"}, "UNKNOWN_ACTION", ["mutation"]),
            ({"input": {"colour": 1}}, "UNFIT_INPUT", ["input"]),
            ({"input": {"kind": "NONE"}}, "UNFIT_INPUT", ["input", "kind"]),
            ({"mutation": "orderPlace"}, "UNFIT_INPUT", ["input"]),
            ({"items": {"list": {"target": "nonsense"}}}, "UNKNOWN_LIST", None),
            ({"items": {"list": {"target": "channels"}}}, "OF_ANOTHER_KIND", ["items"]),
            ({"items": {"ids": ["sku_" + "0" * 32]}}, "OF_ANOTHER_KIND", ["items", "ids", "0"]),
            ({"items": {"run": {"id": "brn_" + "0" * 32}}}, "UNKNOWN_BULK_RUN", None),
            ({"items": {"viewId": "viw_" + "0" * 32}}, "UNKNOWN_SAVED_VIEW", None),
            ({"first": 0}, "OUT_OF_RANGE", ["first"]),
            (
                {"items": {"list": {"target": "orders", "filter": {"hasHold": True}}}},
                "NOTHING_TO_DO",
                ["items"],
            ),
        ],
    )
    async def test_say_what_is_wrong(self, desk, wrong, code, path):
        desk.orders(1)

        (found,) = await desk.refused(**{**HOLD, **wrong})

        assert found[0] == code
        if path is not None:
            assert found[1] == ["input", *path]

    async def test_bound_the_items(self, desk, monkeypatch):
        monkeypatch.setattr("backoffice_api.domain.views.commands.running.ITEMS_MAX", 2)
        desk.orders(3)

        assert await desk.refused(**HOLD) == [("TOO_MANY_ITEMS", ["input", "items"])]

    async def test_need_the_rights_to_the_mutation_and_to_the_list(self, desk):
        desk.orders(1)
        may = [Scope.VIEWS_READ, Scope.VIEWS_WRITE]

        for scopes in (may, [*may, Scope.ORDERS_READ], [*may, Scope.ORDERS_WRITE]):
            answer = await desk.world.ask(START, caller=caller(*scopes), input=HOLD)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert desk.events("bulk_run") == []


class TestRights:
    async def test_that_are_lost_stop_it(self, desk):
        desk.orders(2)
        id = await desk.started(**HOLD)
        desk.let_in(*(ALL_SCOPES - {Scope.ORDERS_WRITE}))

        desk.work(id)

        run = await desk.shown(id)
        assert (run["status"], run["itemsLeft"]) == ("STOPPED", 2)
        assert run["error"] == "This needs the scope orders:write."
        assert desk.events("order.held") == []
        desk.assert_sound()

    async def test_that_are_revoked_stop_it(self, desk):
        desk.orders(1)
        id = await desk.started(**HOLD)
        desk.revoke()

        desk.work(id)

        run = await desk.shown(id)
        assert (run["status"], run["error"]) == (
            "STOPPED",
            "Who asked for it has no access any more.",
        )

    async def test_that_were_gained_later_are_not_used(self, desk):
        desk.orders(1)
        scopes = ALL_SCOPES - {Scope.COSTS_READ}
        answer = await desk.world.ask(START, caller=caller(*scopes), input=HOLD)
        id = ids.parse("brn", answer["data"]["bulkRun"]["bulkRun"]["id"])

        run = desk.world.read(lambda db: desk.run_work._read(id, 1))[0]

        assert frozenset(run.scopes) == scopes

    async def test_decide_who_sees_what_was_given(self, desk):
        desk.orders(1)
        id = await desk.started(**HOLD)
        document = "query ($id: ID!) { bulkRun(id: $id) { mutation input filter search } }"
        seers = (Scope.COSTS_READ, Scope.PERSONAL_READ)

        for scopes, shown in (((), None), (seers[:1], None), (seers, HOLD["input"])):
            who = caller(Scope.VIEWS_READ, *scopes)
            answer = await desk.world.ask(document, caller=who, id=id)
            assert answer["data"]["bulkRun"]["input"] == shown
        own = (await desk.world.graphql(document, id=id))["bulkRun"]
        assert (own["input"], own["filter"]) == (HOLD["input"], OPEN["list"]["filter"])


class TestAPreview:
    async def test_tries_the_first_items_and_keeps_nothing(self, desk):
        one, *_ = orders = desk.orders(4)
        await desk.done(mutation="orderClose", items={"ids": [one]})
        before = desk.events()

        given = {"mutation": "orderClose", "items": {"ids": orders}}
        answer = (await desk.world.graphql(PREVIEW, input=given))["bulkRunPreview"]

        assert answer["itemsTotal"] == 4
        assert [each["status"] for each in answer["items"]] == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
        assert answer["items"][0]["errors"] == [{"code": "INVALID_TRANSITION", "path": None}]
        assert desk.events() == before


class TestActions:
    async def test_are_read_off_the_schema(self, desk):
        found = (await desk.world.graphql(ACTIONS))["bulkActions"]

        hold = next(each for each in found if each["name"] == "orderHold")
        assert hold == {
            "name": "orderHold",
            "idPrefix": "ord",
            "lists": ["orders"],
            "inputType": "OrderHoldInput",
            "scope": "orders:write",
            "opposite": "orderReleaseHold",
        }
        assert "orderCreate" not in {each["name"] for each in found}

    @pytest.mark.parametrize(
        "name", [each.name for each in ROOTS.actions.values() if each.input is None]
    )
    def test_are_done_on_the_kind_of_thing_that_names_them(self, name):
        order = ROOTS.order(name, ROOTS_ID, None)

        assert type(order.command).scope is ROOTS.scope(name)
        assert ROOTS_ID in [getattr(order.command, each.name) for each in fields(order.command)]

    def test_are_known_by_the_table_of_their_command(self):
        assert ROOTS.kind("purchaseReturnCreate") == "por"
        assert ROOTS.kind("countPost") == "cnt"
        assert "productMediaRemove" not in ROOTS.actions  # no list of the root shows media

    def test_give_no_rights(self):
        assert {each.scope for each in ROOTS.actions.values()}.isdisjoint({Scope.ACCESS_WRITE})


ROOTS_ID = ids.parse("ord", "ord_" + "7" * 32)


class TestLists:
    async def test_of_items_take_a_constant_number_of_statements(self, desk):
        desk.orders(2)
        few = await desk.done(**HOLD)
        desk.orders(4)
        many = await desk.done(**HOLD)

        counted = []
        for run in (few, many):
            with count_statements(desk.world.database) as statements:
                await desk.shown(run["id"])
            counted.append(len([each for each in statements if each.startswith("SELECT")]))
        assert counted[0] == counted[1] <= 3


def killed_after(url: str, id: str, items: int) -> None:
    """What a child does: dies after so many items were done, before they are noted."""
    database = open_database(url, pool_size=1)
    work = RunWork(database, ROOTS, now=lambda: NOW)
    done = []
    do_one = work._do_one

    def die(*given):  # type: ignore[no-untyped-def]
        outcome = do_one(*given)
        done.append(outcome)
        if len(done) == items:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    work._do_one = die  # type: ignore[method-assign]
    work(ids.parse("brn", id), lambda *_: True)


def work_on(url: str, id: str) -> None:
    """What a child does: a run to its end."""
    database = open_database(url, pool_size=1)
    RunWork(database, ROOTS, now=lambda: NOW, slice_s=60)(ids.parse("brn", id), lambda *_: True)
    database.dispose()


class TestAKilledRun:
    @pytest.fixture
    def own(self, database_url, opens):
        database = opens(database_url)
        threads = Threads(database, pool_size=2)
        yield Desk(World(database, threads))
        threads.shutdown()

    async def test_goes_on_and_does_nothing_twice(self, own, database_url):
        own.orders(14)
        id = await own.started(**HOLD)
        child = killing.start(killed_after, database_url, id, 13)
        assert killing.exit_code(child) == -signal.SIGKILL
        assert (await own.shown(id))["itemsSucceeded"] == 10
        assert own.events("order.held") == ["order.held"] * 13

        own.work(id)

        run = await own.shown(id)
        assert (run["status"], run["itemsSucceeded"]) == ("FINISHED", 14)
        assert own.events("order.held") == ["order.held"] * 14
        assert all(each["effects"] for each in run["items"]["nodes"])
        own.assert_sound()

    async def test_and_called_off_knows_what_was_done(self, own, database_url):
        own.orders(5)
        id = await own.started(**HOLD)
        child = killing.start(killed_after, database_url, id, 2)
        assert killing.exit_code(child) == -signal.SIGKILL
        await own.world.graphql(CANCEL, id=id)

        own.work(id)

        run = await own.shown(id)
        assert (run["status"], run["itemsSucceeded"], run["itemsLeft"]) == ("CANCELLED", 2, 3)
        own.assert_sound()

    async def test_before_any_statement_does_nothing_twice(self, own, database_url):
        own.orders(3)
        id = await own.started(**HOLD)

        deaths = list(killing.killed_at_each_step(work_on, database_url, id, every=6))

        assert len(deaths) > 3
        run = await own.shown(id)
        assert (run["status"], run["itemsSucceeded"]) == ("FINISHED", 3)
        assert own.events("order.held") == ["order.held"] * 3
        own.assert_sound()


class TestTwoWorkers:
    async def test_on_one_run_do_each_item_once(self, desk):
        desk.orders(12)
        id = await desk.started(**HOLD)
        start = Barrier(2)

        def work():
            start.wait()
            desk.run_work(ids.parse("brn", id), lambda *_: True)

        both = [Thread(target=work) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()

        run = await desk.shown(id)
        assert (run["status"], run["itemsSucceeded"]) == ("FINISHED", 12)
        assert desk.events("order.held") == ["order.held"] * 12
        desk.assert_sound()
