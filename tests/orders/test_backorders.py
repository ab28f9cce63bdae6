"""Backorders: sold beyond the stock, filled as it arrives. On both databases."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.orders.commands.backorders import (
    FillBackorders,
    PrioritizeBackorder,
    fill_backorders,
    prioritize_backorder,
)
from backoffice_api.domain.orders.commands.buffers import (
    SetChannelStockRules,
    StockRuleDraft,
    set_channel_stock_rules,
)
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.model.backorders import Backorder
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.orders.queries import backorders as queries
from backoffice_api.domain.stock.checks import CHECKS as STOCK_CHECKS
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine
from tests import soundness
from tests.orders.shop import Shop, goods
from tests.purchasing.desk import Desk
from tests.stock.depot import shown
from tests.stock.test_stock_rights import is_forbidden
from tests.world import NOW, caller


def allow(shop: Shop, variant: UUID, limit: int) -> None:
    rule = StockRuleDraft(channel_id=shop.channel_id, variant_id=variant, backorder_limit=limit)
    shop.world.run(set_channel_stock_rules, SetChannelStockRules(rules=(rule,)))


def put(shop: Shop, variant: UUID, pieces: int) -> None:
    line = AdjustLine(variant_id=variant, location_id=shop.locations[0], delta=pieces)
    shop.world.run(adjust_stock, AdjustStock(lines=(line,)))


def fill(shop: Shop) -> int:
    filled: int = shop.world.run(fill_backorders, FillBackorders()).value
    return filled


def queue(shop: Shop) -> Sequence[Backorder]:
    rows: Sequence[Backorder] = shop.world.read(
        queries.backorder_list.page, PageRequest(size=250)
    ).rows
    return rows


def counts(shop: Shop) -> list[tuple[int, int, int, str]]:
    """Of each: waiting, filled and cancelled pieces, and the state."""
    return [(each.waiting, each.filled, each.cancelled, each.status.name) for each in queue(shop)]


def broken(shop: Shop) -> list[str]:
    of_stock = soundness.broken(shop.world.database, STOCK_CHECKS)
    return [*shop.broken(), *of_stock]


class TestPlacing:
    def test_sells_beyond_the_stock_up_to_the_limit(self, shop: Shop) -> None:
        mug = shop.variant("MUG", 5)
        allow(shop, mug, 4)

        shop.place(goods("MUG", 7))
        command = CreateOrder(channel="web", lines=(goods("MUG", 3),), place=True)
        refused = shop.refused(create_order, command)
        shop.place(goods("MUG", 2))

        assert refused == ["INSUFFICIENT_STOCK"]
        assert counts(shop) == [(2, 0, 0, "WAITING"), (2, 0, 0, "WAITING")]
        assert shop.position(mug).available == 0
        assert broken(shop) == []

    def test_lets_nobody_wait_without_a_rule(self, shop: Shop) -> None:
        shop.variant("MUG", 5)
        command = CreateOrder(channel="web", lines=(goods("MUG", 6),), place=True)

        assert shop.refused(create_order, command) == ["INSUFFICIENT_STOCK"]

    def test_lets_the_last_lines_wait(self, shop: Shop) -> None:
        mug = shop.variant("MUG", 5)
        allow(shop, mug, 10)

        order = shop.place(goods("MUG", 3), goods("MUG", 4))

        (backorder,) = queue(shop)
        assert backorder.line_id == shop.lines(order)[1].id
        assert backorder.waiting == 2
        assert broken(shop) == []


class TestFilling:
    def test_goes_by_priority_and_then_by_age(self, shop: Shop) -> None:
        mug = shop.variant("MUG", 0)
        allow(shop, mug, 100)
        orders = [shop.place(goods("MUG", 3)) for _ in range(3)]
        last = next(each for each in queue(shop) if each.order_id == orders[2])
        shop.world.run(prioritize_backorder, PrioritizeBackorder(id=last.id, priority=1))

        put(shop, mug, 4)
        filled = fill(shop)

        assert filled == 4
        shares = {each.order_id: each.filled for each in queue(shop)}
        assert [shares[id] for id in orders] == [1, 0, 3]
        assert fill(shop) == 0
        assert broken(shop) == []

    def test_ends_what_waits_for_nothing_more(self, shop: Shop) -> None:
        mug = shop.variant("MUG", 1)
        allow(shop, mug, 9)
        shop.place(goods("MUG", 3))

        put(shop, mug, 5)
        fill(shop)

        assert counts(shop) == [(0, 2, 0, "FILLED")]
        assert shop.position(mug).available == 3
        assert broken(shop) == []


class TestCancelling:
    @pytest.mark.parametrize(
        ("pieces", "expected", "reserved"),
        [
            (1, (1, 0, 1, "WAITING"), 3),
            (2, (0, 0, 2, "CANCELLED"), 3),
            (4, (0, 0, 2, "CANCELLED"), 1),
        ],
    )
    def test_takes_off_what_waits_first(self, shop: Shop, pieces, expected, reserved) -> None:
        mug = shop.variant("MUG", 3)
        allow(shop, mug, 9)
        order = shop.place(goods("MUG", 5))
        line = LineQuantity(shop.lines(order)[0].id, pieces)

        command = CancelOrder(id=order, lines=(line,), reason=CancelReason.OTHER)
        shop.world.run(cancel_order, command)

        assert counts(shop) == [expected]
        assert shop.position(mug).reserved == reserved
        assert broken(shop) == []

    def test_ends_what_waits_with_the_order(self, shop: Shop) -> None:
        mug = shop.variant("MUG", 3)
        allow(shop, mug, 9)
        order = shop.place(goods("MUG", 5))

        shop.world.run(cancel_order, CancelOrder(id=order, reason=CancelReason.OTHER))

        assert counts(shop) == [(0, 0, 2, "CANCELLED")]
        assert broken(shop) == []


class BackorderMachine(RuleBasedStateMachine):
    """One variant, of which six pieces may be sold beyond the stock."""

    def __init__(self, shop: Shop, mug: UUID) -> None:
        super().__init__()
        self.shop = shop
        self.mug = mug
        self.orders: list[UUID] = []

    @rule(pieces=st.integers(1, 5))
    def sell(self, pieces: int) -> None:
        command = CreateOrder(channel="web", lines=(goods("MUG", pieces),), place=True)
        self.attempt(lambda: self.orders.append(self.shop.world.run(create_order, command).value))

    @rule(pieces=st.integers(1, 6))
    def arrive(self, pieces: int) -> None:
        put(self.shop, self.mug, pieces)

    @rule()
    def fill(self) -> None:
        fill(self.shop)
        waiting = sum(each.waiting for each in queue(self.shop))
        assert not (waiting and self.shop.position(self.mug).available > 0)

    @rule(at=st.integers(0, 20), pieces=st.integers(1, 3))
    def cancel(self, at: int, pieces: int) -> None:
        if self.orders:
            order = self.orders[at % len(self.orders)]
            lines = (LineQuantity(self.shop.lines(order)[0].id, pieces),)
            command = CancelOrder(id=order, lines=lines, reason=CancelReason.OTHER)
            self.attempt(lambda: self.shop.world.run(cancel_order, command))

    @invariant()
    def everything_adds_up(self) -> None:
        assert broken(self.shop) == []
        assert sum(each.waiting for each in queue(self.shop)) <= 6

    def attempt(self, act: Any) -> None:
        codes = set()
        try:
            act()
        except DomainError as refusal:
            codes = {each.code for each in refusal.reasons()}
        assert codes <= {"INSUFFICIENT_STOCK", "QUANTITY_EXCEEDED", "INVALID_TRANSITION"}


def test_random_sales_and_arrivals_keep_the_sums(shop: Shop) -> None:
    mug = shop.variant("MUG", 0)
    allow(shop, mug, 6)

    run_state_machine_as_test(
        lambda: BackorderMachine(shop, mug),
        settings=settings(
            max_examples=4,
            derandomize=True,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class TestGraphQL:
    async def test_shows_who_waits_and_until_when(self, world) -> None:
        desk = Desk(world)
        shop = Shop.__new__(Shop)
        shop.world = world
        shop.locations = [desk.depot.north]
        await self.run_it(desk, shop)

    async def run_it(self, desk: Desk, shop: Shop) -> None:
        document = """
        mutation { channelCreate(input: {code: "web", name: "Web", currency: "EUR"}) {
          channel { id } } }
        """
        made = await desk.world.graphql(document)
        channel = made["channelCreate"]["channel"]["id"]
        rule = (
            f'mutation {{ channelStockRulesSet(input: {{rules: [{{channelId: "{channel}", '
            "backorderLimit: 20}]}) { rules { backorderLimit } userErrors { code } } }"
        )
        assert (await desk.world.graphql(rule))["channelStockRulesSet"]["userErrors"] == []
        later = date(2031, 5, 1)
        order = desk.sent((desk.a, 12), expected_on=later)
        desk.sent((desk.a, 6), expected_on=later + timedelta(days=9))
        for pieces in (10, 5):
            place = (
                'mutation { orderCreate(input: {channel: {code: "web"}, place: true, lines: '
                f'[{{sku: "A", quantity: {pieces}, unitPrice: {{amount: "2", currency: "EUR"}}}}]'
                "}) { order { id backorders { nodes { waiting } } } userErrors { code } } }"
            )
            placed = (await desk.world.graphql(place))["orderCreate"]
            assert placed["order"]["backorders"]["nodes"] == [{"waiting": pieces}]
        asked = """
        {
          backorders(filter: {status: [WAITING]}) {
            nodes { id waiting priority status variant { sku } forecast { ahead expectedOn }
              actions { name allowed } order { id } line { sku } timeline { nodes { type } } }
          }
          backordersCount { value }
        }
        """

        first = await desk.world.graphql(asked)
        desk.receive(order, (0, 12, 0))
        jobs = await desk.world.graphql("{ jobs { nodes { kind } } }")
        fill(shop)
        second = await desk.world.graphql(asked)

        nodes = first["backorders"]["nodes"]
        assert [(each["waiting"], each["forecast"]) for each in nodes] == [
            (10, {"ahead": 0, "expectedOn": "2031-05-01"}),
            (5, {"ahead": 10, "expectedOn": "2031-05-10"}),
        ]
        assert nodes[0]["actions"] == [{"name": "prioritize", "allowed": True}]
        assert first["backordersCount"] == {"value": 2}
        assert {"kind": "orders.fill_backorders"} in jobs["jobs"]["nodes"]
        (left,) = second["backorders"]["nodes"]
        assert (left["waiting"], left["forecast"]["ahead"]) == (3, 0)
        assert left["timeline"]["nodes"] == [
            {"type": "backorder.filled"},
            {"type": "backorder.made"},
        ]
        moved = await desk.world.graphql(
            f'mutation {{ backorderPrioritize(id: "{left["id"]}", input: {{priority: 7}}) '
            "{ backorder { priority version } userErrors { code } } }"
        )
        assert moved["backorderPrioritize"]["backorder"] == {"priority": 7, "version": 3}
        assert shown("bko", queue(shop)[0].id) == left["id"]
        assert NOW.year < later.year


class TestRights:
    async def test_are_those_of_orders(self, world) -> None:
        prioritize = (
            f'mutation {{ backorderPrioritize(id: "bko_{"0" * 32}", input: {{priority: 1}}) '
            "{ userErrors { code } } }"
        )
        for document, scope in (
            (prioritize, Scope.ORDERS_WRITE),
            ("{ backorders { nodes { id } } }", Scope.ORDERS_READ),
            ("{ backordersCount { value } }", Scope.ORDERS_READ),
        ):
            lacking = caller(*ALL_SCOPES - {scope})
            assert is_forbidden(await world.ask(document, caller=lacking))
            assert "errors" not in await world.ask(document, caller=caller(scope))


PAGE = Path(__file__).parent.parent.parent / "docs" / "backorders.md"


async def test_the_documents_of_the_page_run(shop: Shop) -> None:
    mug = shop.variant("MUG", 3)
    allow(shop, mug, 5)
    shop.place(goods("MUG", 4))
    found = []
    for document in re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL):
        given = {"channel": shown("chn", shop.channel_id), "variants": [shown("sku", mug)]}
        found.append(await shop.world.graphql(document, **(given if "$" in document else {})))

    assert found[0]["channelStock"][0]["quantity"] == 0
    assert found[1]["backorders"]["nodes"][0]["waiting"] == 1
