"""Holds, and closing what no hold is on. On both databases."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands import holds
from backoffice_api.domain.orders.commands.closing import (
    CloseOrder,
    CommentOnOrder,
    ReopenOrder,
    close_order,
    comment_on_order,
    reopen_order,
)
from backoffice_api.domain.orders.commands.holds import (
    AssignHold,
    HoldOrder,
    ReleaseDueHolds,
    ReleaseHold,
    assign_hold,
    hold_order,
    release_due_holds,
    release_hold,
)
from backoffice_api.domain.orders.model.ending import LeftToSettle, MoneySettledBy
from backoffice_api.domain.orders.model.holds import HOLDS_MAX, HoldKind
from backoffice_api.domain.orders.model.orders import OrderStatus
from tests.databases import count_statements
from tests.identity.people import add_staff
from tests.orders.shop import POSTAGE, euros, goods
from tests.plans import all_indexed
from tests.world import CLERK, NOW, caller

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def placed(shop):
    shop.variant("MUG", 9)
    return shop.place(goods("MUG"))


def hold(shop, id, kind=HoldKind.MANUAL, **values):
    shop.world.run(hold_order, HoldOrder(id=id, kind=kind, **values))
    return open_holds(shop, id)[-1]


def open_holds(shop, id):
    return shop.world.read(queries.open_holds_by_orders, [id]).get(id, [])


class TestHoldOrder:
    def test_makes_an_order_wait_for_one_more_reason(self, shop, placed):
        first = hold(shop, placed, HoldKind.FRAUD, note="Looks odd.")
        second = hold(shop, placed, HoldKind.ADDRESS, release_at=LATER)

        assert shop.order(placed).has_hold is True
        assert [(each.kind, each.note, each.release_at) for each in (first, second)] == [
            (HoldKind.FRAUD, "Looks odd.", None),
            (HoldKind.ADDRESS, "", LATER),
        ]
        assert (first.placed_by_kind, first.placed_by_id) == ("token", CLERK.actor.id)
        assert shop.events(placed)[-2:] == ["order.held", "order.held"]
        assert shop.broken() == []

    def test_can_lie_on_drafts(self, shop):
        id = shop.create()

        hold(shop, id)

        assert shop.order(id).has_hold is True

    def test_refuses_the_past_and_long_notes(self, shop, placed):
        command = HoldOrder(id=placed, kind=HoldKind.OTHER, note="x" * 1_001, release_at=NOW)

        assert shop.refused(hold_order, command) == ["INVALID_TEXT", "NOT_IN_FUTURE"]

    def test_refuses_too_many(self, shop, placed):
        for _ in range(HOLDS_MAX):
            hold(shop, placed)

        command = HoldOrder(id=placed, kind=HoldKind.OTHER)
        assert shop.refused(hold_order, command) == ["TOO_MANY_HOLDS"]

    def test_refuses_orders_that_have_ended(self, shop):
        id = shop.place(POSTAGE)
        shop.world.run(close_order, CloseOrder(id=id, leave_open="Paid elsewhere."))

        command = HoldOrder(id=id, kind=HoldKind.OTHER)
        assert shop.refused(hold_order, command) == ["INVALID_TRANSITION"]


class TestReleaseHold:
    def test_takes_one_hold_off(self, shop, placed):
        first, second = hold(shop, placed), hold(shop, placed, HoldKind.STOCK)

        shop.world.run(release_hold, ReleaseHold(id=placed, hold_id=first.id))

        assert [each.id for each in open_holds(shop, placed)] == [second.id]
        assert shop.order(placed).has_hold is True
        ended = shop.world.read(queries.holds_by_ids, [first.id])[first.id]
        assert (ended.released_at, ended.released_by_kind) == (NOW, "token")
        assert ended.released_by_id == CLERK.actor.id
        assert shop.broken() == []

    def test_takes_all_of_them_off(self, shop, placed):
        hold(shop, placed)
        hold(shop, placed)

        shop.world.run(release_hold, ReleaseHold(id=placed))

        assert open_holds(shop, placed) == []
        assert shop.order(placed).has_hold is False
        assert shop.events(placed)[-2:] == ["order.hold_released", "order.hold_released"]
        assert shop.broken() == []

    def test_takes_the_right_to_review_where_it_might_be_fraud(self, shop, placed):
        odd, plain = hold(shop, placed, HoldKind.FRAUD), hold(shop, placed)
        somebody = caller(*ALL_SCOPES - {Scope.ORDERS_REVIEW})

        def codes(hold_id):
            command = ReleaseHold(id=placed, hold_id=hold_id)
            return shop.refused(release_hold, command, caller=somebody)

        assert codes(odd.id) == ["NOT_ALLOWED"]
        assert codes(None) == ["NOT_ALLOWED"]
        only = ReleaseHold(id=placed, hold_id=plain.id)
        shop.world.run(release_hold, only, caller=somebody)
        assert [each.id for each in open_holds(shop, placed)] == [odd.id]

    def test_refuses_what_is_not_on_it(self, shop, placed):
        other = shop.place(POSTAGE)
        theirs = hold(shop, other)
        mine = hold(shop, placed)
        shop.world.run(release_hold, ReleaseHold(id=placed))

        def codes(hold_id):
            return shop.refused(release_hold, ReleaseHold(id=placed, hold_id=hold_id))

        assert codes(None) == ["NOT_ON_HOLD"]
        assert codes(mine.id) == ["NOT_ON_HOLD"]
        assert codes(theirs.id) == ["UNKNOWN_HOLD"]
        assert codes(UUID(int=1)) == ["UNKNOWN_HOLD"]


class TestReleaseDueHolds:
    def run(self, shop, now=LATER):
        return shop.world.run(release_due_holds, ReleaseDueHolds(), caller=THE_SYSTEM, now=now)

    def test_takes_off_what_is_over_and_no_more(self, shop, placed):
        hold(shop, placed, release_at=LATER)
        other = shop.place(goods("MUG"))
        stays = hold(shop, other, release_at=LATER + timedelta(seconds=1))
        hold(shop, other, HoldKind.STOCK, release_at=LATER)
        hold(shop, other, HoldKind.FRAUD)

        answer = self.run(shop)

        assert answer.value == 2
        assert [each.kind for each in answer.effects] == ["order.hold_released"] * 2
        assert shop.order(placed).has_hold is False
        assert shop.order(other).has_hold is True
        assert stays.id in [each.id for each in open_holds(shop, other)]
        assert shop.order(placed).version == 4
        assert shop.broken() == []

    def test_does_nothing_twice(self, shop, placed):
        hold(shop, placed, release_at=LATER)

        assert [self.run(shop).value for _ in range(2)] == [1, 0]
        assert self.run(shop, NOW).value == 0

    def test_goes_on_in_another_job_when_there_are_many(self, shop, monkeypatch):
        monkeypatch.setattr(holds, "RELEASE_BATCH_MAX", 2)
        ids = [shop.place(POSTAGE) for _ in range(3)]
        for id in ids:
            hold(shop, id, release_at=LATER)

        assert [self.run(shop).value for _ in range(2)] == [2, 1]
        assert shop.jobs() == [holds.RELEASE_DUE_JOB]

    def test_takes_as_many_statements_for_many_orders_as_for_few(self, shop):
        def statements(count, now):
            for _ in range(count):
                hold(shop, shop.place(POSTAGE), release_at=now)
            with count_statements(shop.world.database) as seen:
                self.run(shop, now)
            return len(seen)

        assert statements(2, LATER) == statements(5, LATER + timedelta(hours=1))


class TestCloseOrder:
    def test_puts_away_what_is_done(self, shop, placed):
        shop.ship(placed, 1)

        shop.world.run(close_order, CloseOrder(id=placed, leave_open="Paid elsewhere."))

        assert shop.order(placed).status is OrderStatus.CLOSED
        assert shop.order(placed).closed_at == NOW
        assert shop.broken() == []

    def test_refuses_while_something_is_left_to_ship(self, shop, placed):
        assert shop.refused(close_order, CloseOrder(id=placed)) == ["LEFT_TO_SHIP"]

    def test_refuses_while_a_hold_is_on_it(self, shop):
        id = shop.place(POSTAGE)
        hold(shop, id)

        assert shop.refused(close_order, CloseOrder(id=id)) == ["ON_HOLD"]

    def test_refuses_while_money_is_open_and_says_what_would_settle_it(self, shop, placed):
        shop.ship(placed, 1)

        with pytest.raises(LeftToSettle) as refused:
            shop.world.run(close_order, CloseOrder(id=placed))

        assert refused.value.outstanding == euros(1_000)
        assert refused.value.settled_by == (MoneySettledBy.COLLECT, MoneySettledBy.WRITE_OFF)
        assert shop.order(placed).status is OrderStatus.OPEN

    def test_leaves_money_open_for_a_reason_that_is_kept(self, shop, placed):
        shop.ship(placed, 1)
        nobody = caller(*ALL_SCOPES - {Scope.RECEIVABLES_WRITE})
        command = CloseOrder(id=placed, leave_open="Paid elsewhere.")

        assert shop.refused(close_order, command, caller=nobody) == ["NOT_ALLOWED"]
        assert shop.refused(close_order, CloseOrder(id=placed, leave_open=" ")) == ["INVALID_TEXT"]
        shop.world.run(close_order, command)

        told = {"order": "W-1", "left_open": "10.00 EUR", "reason": "Paid elsewhere."}
        assert shop.log(placed)[-1].data == told
        assert shop.order(placed).outstanding == euros(1_000)

    def test_is_shown_as_blocked(self, shop, placed):
        hold(shop, placed)

        actions = {each.name: each for each in shop.order(placed).actions}

        assert actions["close"].blocked_by == (
            "Pieces that are neither shipped nor cancelled: 1.",
            "A hold is on the order.",
            "Money is open: 10.00 EUR outstanding, 0.00 EUR on its way back.",
        )
        assert actions["place"].blocked_by == ("state is OPEN",)
        assert actions["cancel"].allowed is True
        assert actions["release_hold"].allowed is True


class TestReopenOrder:
    def test_takes_a_closed_order_up_again(self, shop):
        id = shop.place(POSTAGE)
        shop.world.run(close_order, CloseOrder(id=id, leave_open="Paid elsewhere."))

        shop.world.run(reopen_order, ReopenOrder(id=id))

        assert shop.order(id).status is OrderStatus.OPEN
        assert shop.order(id).closed_at is None
        assert shop.events(id)[-2:] == ["order.closed", "order.reopened"]
        assert shop.broken() == []

    def test_refuses_open_ones(self, shop, placed):
        assert shop.refused(reopen_order, ReopenOrder(id=placed)) == ["INVALID_TRANSITION"]


class TestCommentOnOrder:
    def test_stands_in_the_timeline_and_changes_nothing(self, shop, placed):
        before = shop.order(placed)

        shop.world.run(comment_on_order, CommentOnOrder(id=placed, body="Called; comes Friday."))

        assert shop.order(placed) == before
        assert shop.log(placed)[-1].data == {"order": "W-1", "body": "Called; comes Friday."}

    def test_refuses_empty_ones_and_unknown_orders(self, shop, placed):
        command = CommentOnOrder(id=placed, body=" ")
        assert shop.refused(comment_on_order, command) == ["INVALID_TEXT"]
        command = CommentOnOrder(id=UUID(int=1), body="x")
        assert shop.refused(comment_on_order, command) == ["UNKNOWN_ORDER"]


class TestHoldsOfLines:
    def test_say_which_line_waits_and_who_looks(self, shop, placed):
        owner = add_staff(shop.world)
        (line,) = shop.lines(placed)

        made = hold(shop, placed, HoldKind.FISCAL, line_id=line.id, owner_id=owner)

        assert (made.line_id, made.owner_id) == (line.id, owner)
        blocking = shop.world.read(queries.blocking_holds, [placed])
        assert [each.id for each in blocking[placed]] == [made.id]
        assert shop.broken() == []

    def test_refuse_lines_and_people_that_are_not_there(self, shop, placed):
        other, draft = shop.place(goods("MUG")), shop.create(goods("MUG"))
        theirs, drafted = shop.lines(other)[0].id, shop.lines(draft)[0].id

        def refused(id, **values):
            return shop.refused(hold_order, HoldOrder(id=id, kind=HoldKind.OTHER, **values))

        assert refused(placed, line_id=theirs) == ["UNKNOWN_ORDER_LINE"]
        assert refused(draft, line_id=drafted) == ["LINE_OF_DRAFT"]
        assert refused(placed, owner_id=UUID(int=1)) == ["UNKNOWN_STAFF"]


class TestAssignHold:
    def test_says_who_has_to_look(self, shop, placed):
        made, owner = hold(shop, placed), add_staff(shop.world)

        command = AssignHold(id=placed, hold_id=made.id, owner_id=owner)
        shop.world.run(assign_hold, command)

        assert [each.owner_id for each in open_holds(shop, placed)] == [owner]
        told = shop.log(placed)[-1]
        assert (told.type, told.data["owner_id"]) == ("order.hold_assigned", owner.hex)

    def test_refuses_holds_that_have_ended(self, shop, placed):
        made = hold(shop, placed)
        shop.world.run(release_hold, ReleaseHold(id=placed))
        hold(shop, placed)

        command = AssignHold(id=placed, hold_id=made.id, owner_id=None)
        assert shop.refused(assign_hold, command) == ["NOT_ON_HOLD"]


HOLDS = """
query ($filter: HoldFilter, $sort: HoldSort) {
  holds(filter: $filter, sort: $sort) { nodes { kind order { number } line { sku } owner { id } } }
  holdsCount(filter: $filter) { value }
}
"""


class TestQueueOfHolds:
    async def test_is_filtered_and_sorted_by_indexes(self, shop, placed):
        owner = add_staff(shop.world)
        (line,) = shop.lines(placed)
        hold(shop, placed, HoldKind.FRAUD, owner_id=owner)
        hold(shop, placed, HoldKind.DELIVERY_DATE, line_id=line.id, release_at=LATER)
        soon = (LATER + timedelta(hours=1)).isoformat()

        async def kinds(**filter):
            with all_indexed(shop.world.database.reading, sorts=True, walks=["anon_1"]):
                answer = await shop.world.graphql(HOLDS, filter=filter)
            found = [each["kind"] for each in answer["holds"]["nodes"]]
            assert answer["holdsCount"]["value"] == len(found)
            return found

        assert await kinds(isOpen=True) == ["DELIVERY_DATE", "FRAUD"]
        assert await kinds(isOpen=False) == []
        assert await kinds(kind=["FRAUD"]) == ["FRAUD"]
        assert await kinds(ownerId={"eq": text("stf", owner)}) == ["FRAUD"]
        assert await kinds(lineId={"isNull": False}) == ["DELIVERY_DATE"]
        assert await kinds(releaseAt={"lt": soon}) == ["DELIVERY_DATE"]
        answer = await shop.world.graphql(HOLDS, sort={"key": "PLACED_AT", "direction": "ASC"})
        assert answer["holds"]["nodes"][1] == {
            "kind": "DELIVERY_DATE",
            "order": {"number": "W-1"},
            "line": {"sku": "MUG"},
            "owner": None,
        }
