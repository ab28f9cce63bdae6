"""A2, SEC-01: what is out of reach is as what does not exist, by channel, location and team."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from backoffice_api.domain.bulk.model.runs import BulkKind
from backoffice_api.domain.bulk.queries.sheets import pages
from backoffice_api.domain.identity.model.grants import Given, rights_of
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.reach import Bounds, OutOfReach, Reach
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.orders.model.settlement import Settlement
from backoffice_api.domain.reaching import is_seen, seen_by
from backoffice_api.domain.scanning.model.scans import ScanKind
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.domain.stock.model.locations import LocationKind
from tests.databases import count_statements
from tests.orders.shop import Shop, goods
from tests.payments.till import Till
from tests.scanning.floor import Floor, scan
from tests.trust.callers import bounded, within
from tests.world import CLERK, World

ORDERS = """
query ($id: ID!) {
  orders(first: 5, search: "W") {
    nodes { number channel { code } lines { nodes { quantity } } timeline { nodes { type } } }
  }
  ordersCount { value }
  node(id: $id) { id }
  order(by: {id: $id}) { id }
  events(first: 100) { nodes { subjectId } }
  channels { nodes { code } }
  holds { nodes { id } }
}
"""
CANCEL = """
mutation ($id: ID!, $version: Int) {
  orderCancel(id: $id, input: {reason: CUSTOMER}, meta: {expectedVersion: $version}) {
    order { id } userErrors { code message path }
  }
}
"""
STOCK = """
{
  locations { nodes { code } }
  stockLevels { nodes { onHand location { code } } }
  movements { nodes { fromLocation { kind } toLocation { code } } }
  variants { nodes { sku } }
}
"""


def other_channel(world: World) -> UUID:
    command = CreateChannel(code="pos", name="POS", currency="EUR", number_prefix="P-")
    id: UUID = world.run(create_channel, command).value
    return id


class TestChannels:
    async def test_hold_what_was_sold_in_them(self, world: World) -> None:
        shop = Shop(world)
        shop.variant("A", 5)
        order = ids.text("ord", shop.place(goods("A")))
        stranger = within(channels=[other_channel(world)])
        world.settle()
        mine = within(channels=[shop.channel_id])

        whole = await world.graphql(ORDERS, id=order)
        seen = await world.graphql(ORDERS, caller=mine, id=order)
        assert seen["orders"] == whole["orders"]
        assert (seen["node"], seen["order"]) == ({"id": order}, {"id": order})
        assert [each["code"] for each in seen["channels"]["nodes"]] == ["web"]

        nothing = await world.graphql(ORDERS, caller=stranger, id=order)
        assert nothing["orders"]["nodes"] == []
        assert nothing["ordersCount"] == {"value": 0}
        assert (nothing["node"], nothing["order"]) == (None, None)
        assert [each["code"] for each in nothing["channels"]["nodes"]] == ["pos"]
        told = {each["subjectId"] for each in nothing["events"]["nodes"]}
        assert not {each for each in told if each.startswith("ord_")}
        assert {each[:3] for each in told} > {"loc", "sku"}

    async def test_are_written_by_who_reaches_them(self, world: World) -> None:
        shop = Shop(world)
        shop.variant("A", 5)
        order, never = ids.text("ord", shop.place(goods("A"))), ids.text("ord", UUID(int=1))
        stranger = within(channels=[other_channel(world)])

        answers = [
            await world.graphql(CANCEL, caller=stranger, id=id, version=version)
            for id in (order, never)
            for version in (None, 99)
        ]
        assert answers == [answers[0]] * 4
        assert answers[0]["orderCancel"]["userErrors"][0]["code"] == "UNKNOWN_ORDER"
        command = CreateOrder(channel="web", lines=(goods("A"),))
        with pytest.raises(UnknownChannel):
            world.run(create_order, command, caller=stranger)
        other = CreateChannel(code="x", name="X", currency="EUR", number_prefix="X-")
        with pytest.raises(OutOfReach):
            world.run(create_channel, other, caller=stranger)
        mine = within(channels=[shop.channel_id])
        done = await world.graphql(CANCEL, caller=mine, id=order, version=None)
        assert done["orderCancel"] == {"order": {"id": order}, "userErrors": []}

    async def test_are_closed_where_nothing_tells_them_apart(self, world: World) -> None:
        answer = await world.ask(
            "{ payouts { nodes { id } } }", caller=within(channels=[other_channel(world)])
        )
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

    async def test_keep_the_log_to_what_may_be_read(self, world: World) -> None:
        """The log of somebody who audits one channel tells nothing of the rest of the shop."""
        till = Till(world)
        order = till.order()
        till.pay(order)
        other_channel(world)
        bounds = Bounds(channels=frozenset({till.shop.channel_id}))
        told = []
        for scopes in (
            {Scope.EVENTS_READ},
            {Scope.EVENTS_READ, Scope.ORDERS_READ},
            {Scope.EVENTS_READ, Scope.ORDERS_READ, Scope.CUSTOMERS_READ, Scope.LEDGER_READ},
        ):
            rights = rights_of((), [Given(frozenset(scopes), bounds)])
            caller = Caller(CLERK.actor, rights.scopes, rights.reach)
            answer = await world.graphql(
                "{ events(first: 250) { nodes { subjectId } } }", caller=caller
            )
            told.append({each["subjectId"][:3] for each in answer["events"]["nodes"]})

        assert told == [set(), {"chn", "ord"}, {"chn", "ord", "cus"}]

    def test_bound_what_a_command_takes_besides(self, world: World) -> None:
        till = Till(world)
        order = till.order()
        till.pay(order)
        command = CancelOrder(id=order, reason=CancelReason.CUSTOMER, settlement=Settlement.REFUND)
        for channel, refuses in ((other_channel(world), True), (till.shop.channel_id, False)):
            rights = rights_of(
                (Scope.ORDERS_READ, Scope.ORDERS_WRITE),
                [Given(frozenset({Scope.REFUNDS_WRITE}), Bounds(channels=frozenset({channel})))],
            )
            caller = Caller(CLERK.actor, rights.scopes, rights.reach)
            if refuses:
                with pytest.raises(OutOfReach):
                    world.run(cancel_order, command, caller=caller)
            else:
                assert world.run(cancel_order, command, caller=caller).value == order


class TestLocations:
    async def test_hold_what_lies_in_them_and_their_parts(self, world: World) -> None:
        shop = Shop(world)
        north, south = shop.locations
        made = CreateLocation(code="N-1", name="Bin", kind=LocationKind.BIN, parent_id=north)
        bin = world.run(create_location, made).value
        variant = shop.variant("A", 5, 7)
        line = AdjustLine(variant_id=variant, location_id=bin, set_to=2)
        picker = within(locations=[north])
        world.run(adjust_stock, AdjustStock(lines=(line,)), caller=picker)

        seen = await world.graphql(STOCK, caller=picker)

        assert {each["code"] for each in seen["locations"]["nodes"]} >= {"NORTH", "N-1"}
        assert "SOUTH" not in str(seen)
        levels = {each["location"]["code"]: each["onHand"] for each in seen["stockLevels"]["nodes"]}
        assert levels == {"NORTH": 5, "N-1": 2}
        assert len(seen["movements"]["nodes"]) == 2
        assert len(seen["variants"]["nodes"]) == 1
        before = shop.position(variant)
        foreign = AdjustLine(variant_id=variant, location_id=south, set_to=0)
        with pytest.raises(Exception, match="no such location"):
            world.run(adjust_stock, AdjustStock(lines=(line, foreign)), caller=picker)
        assert shop.position(variant) == before

    def test_bound_what_devices_scan(self, world: World) -> None:
        floor = Floor(world)
        floor.holder = replace(within(locations=[floor.north]), actor=floor.holder.actor)

        said = floor.said(
            scan(1, quantity=9),
            scan(2, location="SOUTH"),
            scan(3, location=ids.text("loc", floor.south)),
            scan(4, ScanKind.MOVE, location="NORTH", to_location="SOUTH"),
        )

        assert said == ["accepted", *["UNKNOWN_PLACE"] * 3]
        assert floor.stock() == {("MUG", "NORTH"): 9}

    async def test_of_several_grants_unite(self, world: World) -> None:
        shop = Shop(world)
        both = bounded(*(Bounds(locations=frozenset({each})) for each in shop.locations))
        seen = await world.graphql("{ locations { nodes { code } } }", caller=both)
        assert {each["code"] for each in seen["locations"]["nodes"]} >= {"NORTH", "SOUTH"}


class TestTeams:
    async def test_hold_their_tickets(self, world: World) -> None:
        team = """mutation ($n: String!) { ticketTeamCreate(input: {name: $n}) { team { id } } }"""
        made = [
            (await world.graphql(team, n=name))["ticketTeamCreate"]["team"]["id"]
            for name in ("one", "two")
        ]
        opened = """
        mutation ($team: ID) {
          ticketOpen(input: {subject: "Hello", body: "Help!", teamId: $team}) {
            ticket { id } userErrors { code message path } } }
        """
        tickets = []
        for each in (*made, None):
            answer = (await world.graphql(opened, team=each))["ticketOpen"]
            assert answer["userErrors"] == []
            tickets.append(answer["ticket"]["id"])
        agent = within(teams=[ids.parse("tem", made[0])])

        listed = "{ tickets { nodes { id } } ticketTeams { nodes { name } } }"
        seen = await world.graphql(listed, caller=agent)

        assert seen["tickets"]["nodes"] == [{"id": tickets[0]}]
        assert seen["ticketTeams"]["nodes"] == [{"name": "one"}]
        tag = """mutation ($id: ID!) { ticketTag(id: $id, input: {added: ["x"]}) {
          userErrors { code } } }"""
        codes = [
            [each["code"] for each in (await self._tag(world, tag, agent, id))] for id in tickets
        ]
        assert codes == [[], ["UNKNOWN_TICKET"], ["UNKNOWN_TICKET"]]

    @staticmethod
    async def _tag(world: World, document: str, agent: Any, id: str) -> Any:
        return (await world.graphql(document, caller=agent, id=id))["ticketTag"]["userErrors"]


class TestCosts:
    async def test_are_none_without_bounds(self, world: World) -> None:
        """The statements of callers without bounds are those of before, and not looked at."""
        shop = Shop(world)
        texts: list[str] = []

        def note(_db: Any, _cursor: Any, text: str, *_: Any) -> None:
            texts.append(text)

        event.listen(world.database.reading, "before_cursor_execute", note)
        try:
            await world.graphql("{ orders { nodes { id } } }", caller=CLERK)
            free = list(texts)
            texts.clear()
            caller = within(channels=[shop.channel_id])
            await world.graphql("{ orders { nodes { id } } }", caller=caller)
        finally:
            event.remove(world.database.reading, "before_cursor_execute", note)
        assert free
        assert not any("NOT MATERIALIZED" in each for each in free)
        assert all("NOT MATERIALIZED" in each for each in texts if " orders" in each)
        assert len(texts) == len(free)

    def test_are_one_statement_for_a_command(self, world: World) -> None:
        shop = Shop(world)
        variant = shop.variant("A", 5)
        counts: list[int] = []
        for caller in (CLERK, within(locations=[shop.locations[0]])):
            line = AdjustLine(variant_id=variant, location_id=shop.locations[0], set_to=len(counts))
            with count_statements(world.database) as statements:
                world.run(adjust_stock, AdjustStock(lines=(line,)), caller=caller)
            counts.append(len(statements))
        assert counts[1] == counts[0] + 1


class TestElsewhere:
    def test_exports_and_webhooks_end_where_reading_does(self, world: World) -> None:
        shop = Shop(world)
        shop.variant("A", 5)
        order = shop.place(goods("A"))
        told = []
        for channel in (shop.channel_id, other_channel(world)):
            caller = within(channels=[channel])
            with world.database.reading.connect() as connection:
                with seen_by(connection, caller) as db:
                    rows = [row for page in pages(db, BulkKind.ORDERS, None, None) for row in page]
                told.append((len(rows), is_seen(connection, caller, "ord", order)))
        assert told == [(1, True), (0, False)]

    async def test_what_always_leads_somewhere_is_forbidden_where_that_is_out_of_reach(
        self, world: World
    ) -> None:
        till = Till(world)
        till.pay(till.order())
        narrow = within(channels=[other_channel(world)])
        orders = tuple(each for each in narrow.reach.bounded if each[0] is Scope.ORDERS_READ)
        caller = replace(narrow, reach=Reach(orders))

        answer = await world.ask("{ payments { nodes { order { id } } } }", caller=caller)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
        assert world.bugs == []

    async def test_dry_runs_show_no_more(self, world: World) -> None:
        shop = Shop(world)
        shop.variant("A", 5)
        order = ids.text("ord", shop.place(goods("A")))
        text = """mutation ($id: ID!) {
          orderCancel(id: $id, input: {reason: CUSTOMER}, meta: {dryRun: true}) {
            order { channel { code } } userErrors { code } effects { subject { id } } } }"""
        mine = await world.graphql(text, caller=within(channels=[shop.channel_id]), id=order)
        theirs = await world.graphql(text, caller=within(channels=[other_channel(world)]), id=order)
        assert mine["orderCancel"]["order"] == {"channel": {"code": "web"}}
        assert theirs["orderCancel"]["userErrors"] == [{"code": "UNKNOWN_ORDER"}]
        assert theirs["orderCancel"]["order"] is None
