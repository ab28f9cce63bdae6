"""One engine for what takes a second person: rules, decisions, delegation. On both databases."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.approvals import queries
from backoffice_api.domain.approvals.commands.asking import WithdrawApproval, withdraw_approval
from backoffice_api.domain.approvals.commands.deciding import (
    DecideApprovals,
    DeclineApproval,
    ExpireApprovals,
    GrantApproval,
    decide_approvals,
    decline_approval,
    expire_approvals,
    grant_approval,
)
from backoffice_api.domain.approvals.commands.delegating import (
    DelegateApprovals,
    EndDelegation,
    FollowDelegations,
    delegate_approvals,
    end_delegation,
    follow_delegations,
)
from backoffice_api.domain.approvals.commands.rules import (
    RemoveApprovalRule,
    SetApprovalRule,
    remove_approval_rule,
    set_approval_rule,
)
from backoffice_api.domain.approvals.model import (
    ApprovalKind,
    ApprovalRule,
    ApprovalStatus,
    needed_for,
)
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.identity.model.grants import Given, rights_of
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.reach import Bounds
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Actor, ActorKind, Caller
from backoffice_api.domain.orders.commands.cancelling import (
    CancelOrder,
    UncancelOrder,
    cancel_order,
    uncancel_order,
)
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.editing import EditOrder, LineChange, edit_order
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.commands.merging import MergeOrders, merge_orders
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.orders.model.orders import CancelReason
from tests.databases import count_statements
from tests.orders.shop import euros, goods
from tests.plans import all_indexed
from tests.world import CLERK, NOW, caller

ORDER = ApprovalKind.ORDER
LATER = NOW + timedelta(hours=2)


def rule(shop, limit=1_500, **values):
    command = SetApprovalRule(kind=ORDER, limit=euros(limit), **values)
    return shop.world.run(set_approval_rule, command).value


def waiting(shop, order_id):
    filter = Test("subject_id", Operator.EQ, order_id)
    rows = shop.world.read(queries.request_list.page, PageRequest(filter=filter)).rows
    return next((each for each in rows if each.status is ApprovalStatus.PENDING), None)


def request(shop, id):
    return shop.world.read(queries.requests_by_ids, [id])[id]


def decidable(shop, who):
    filter = Test("decidable_by", Operator.EQ, who.actor.id)
    page = shop.world.read(queries.request_list.page, PageRequest(filter=filter))
    return [each.label for each in page.rows]


@pytest.fixture
def asked(shop):
    """An order that waits, and its request."""
    rule(shop)
    id = shop.place(goods("MUG", 2))
    return id, waiting(shop, id).id


class TestNeededFor:
    @given(amount=st.integers(0, 10_000), limit=st.integers(0, 5_000), more=st.integers(1, 5_000))
    def test_grows_with_the_amount(self, amount, limit, more):
        made = ApprovalRule(
            UUID(int=1),
            1,
            NOW,
            NOW,
            ORDER,
            "EUR",
            None,
            limit,
            limit + more,
            None,
            names_staff=False,
            expires_after_h=None,
            is_active=True,
        )

        assert needed_for(made, euros(amount)) == (amount > limit) + (amount > limit + more)


class TestPlacing:
    def test_goes_on_up_to_the_limit(self, shop):
        rule(shop, 2_000)

        id = shop.place(goods("MUG", 2))

        assert shop.order(id).status == "open"
        assert waiting(shop, id) is None

    def test_waits_above_it_with_its_stock_promised(self, shop, asked):
        id, request_id = asked

        order = shop.order(id)
        assert (order.status, order.number, order.fulfillment_status) == (
            "pending_approval",
            "W-1",
            "allocated",
        )
        assert shop.events(id)[-2:] == ["order.placed", "order.awaits_approval"]
        made = request(shop, request_id)
        assert (made.label, made.amount_minor, made.needed) == ("Order W-1", 2_000, 1)
        assert (made.asked_by_kind, made.asked_by_id) == ("token", CLERK.actor.id)
        assert shop.broken() == []

    def test_asks_the_rule_of_its_channel_first(self, shop):
        rule(shop, 0)
        rule(shop, 9_999, channel_id=shop.channel_id)

        assert shop.order(shop.place(goods("MUG", 2))).status == "open"

    def test_is_asked_for_orders_that_are_merged(self, shop):
        ana = CreateCustomer(draft=CustomerDraft(kind=CustomerKind.PERSON, name="Ana"))
        customer_id = shop.world.run(create_customer, ana).value
        first, second = (shop.place(goods("MUG", 2), customer_id=customer_id) for _ in range(2))
        rule(shop, 3_000)

        shop.world.run(merge_orders, MergeOrders(id=first, order_ids=(second,)))

        assert shop.order(first).status == "pending_approval"
        assert request(shop, waiting(shop, first).id).amount_minor == 4_000
        assert shop.broken() == []

    def test_takes_no_statement_without_a_rule_and_one_with(self, shop):
        shop.place(goods("MUG"))
        with count_statements(shop.world.database) as plain:
            shop.place(goods("MUG"))
        rule(shop)
        with count_statements(shop.world.database) as ruled:
            shop.place(goods("MUG"))

        assert len(ruled) == len(plain) + 1
        assert len(plain) <= 20


class TestDeciding:
    def test_lets_an_order_go_on(self, shop, asked, staff):
        id, request_id = asked

        command = GrantApproval(id=request_id, note="Known customer.")
        shop.world.run(grant_approval, command, caller=staff[0])

        assert shop.order(id).status == "open"
        assert shop.events(id)[-1] == "order.approved"
        (decision,) = shop.world.read(queries.decisions_by_requests, [request_id])[request_id]
        assert (decision.actor_id, decision.note) == (staff[0].actor.id, "Known customer.")
        assert shop.broken() == []

    def test_calls_an_order_off_and_gives_its_stock_back(self, shop, asked, staff):
        id, request_id = asked

        shop.world.run(decline_approval, DeclineApproval(id=request_id), caller=staff[0])

        assert shop.order(id).status == "cancelled"
        assert request(shop, request_id).status is ApprovalStatus.DECLINED
        assert "order.cancelled" in shop.events(id)
        assert shop.broken() == []

    @pytest.mark.parametrize("shipped", [1, 2])
    def test_lets_an_order_go_on_with_what_has_left_the_house(self, shop, staff, shipped):
        id = shop.place(goods("MUG", 2))
        shop.ship(id, shipped)
        rule(shop, 0)
        shop.world.run(edit_order, EditOrder(id=id, note="Ring twice."))
        command = DeclineApproval(id=waiting(shop, id).id)

        shop.world.run(decline_approval, command, caller=staff[0])

        order = shop.order(id)
        assert (order.status, order.unshipped) == ("open", 0)
        assert shop.lines(id)[0].current_quantity == shipped
        assert shop.events(id)[-1] == "order.declined"
        assert shop.broken() == []

    def test_is_not_for_who_asked(self, shop, asked):
        command = GrantApproval(id=asked[1])

        assert shop.refused(grant_approval, command) == ["APPROVER_IS_CREATOR"]

    def test_takes_the_right(self, shop, asked):
        command = GrantApproval(id=asked[1])
        somebody = caller(*ALL_SCOPES - {Scope.APPROVALS_DECIDE})

        assert shop.refused(grant_approval, command, caller=somebody) == ["NOT_ALLOWED"]

    def test_is_done_once(self, shop, asked, staff):
        command = GrantApproval(id=asked[1])
        shop.world.run(grant_approval, command, caller=staff[0])

        assert shop.refused(grant_approval, command, caller=staff[1]) == ["INVALID_TRANSITION"]

    def test_takes_two_people_above_the_second_limit(self, shop, staff):
        rule(shop, 500, second_limit=euros(1_500))
        id = shop.place(goods("MUG", 2))
        command = GrantApproval(id=waiting(shop, id).id)

        shop.world.run(grant_approval, command, caller=staff[0])

        assert (shop.order(id).status, waiting(shop, id).granted) == ("pending_approval", 1)
        assert shop.refused(grant_approval, command, caller=staff[0]) == ["AGREED_BEFORE"]
        shop.world.run(grant_approval, command, caller=staff[1])
        assert shop.order(id).status == "open"
        assert shop.broken() == []

    def test_is_for_whom_the_rule_names(self, shop, staff):
        rule(shop, staff_ids=(staff[1].actor.id,))
        id = shop.place(goods("MUG", 2))
        command = GrantApproval(id=waiting(shop, id).id)

        assert shop.refused(grant_approval, command, caller=staff[0]) == ["NOT_THE_APPROVER"]
        assert (decidable(shop, staff[0]), decidable(shop, staff[1])) == ([], ["Order W-1"])
        shop.world.run(grant_approval, command, caller=staff[1])
        assert shop.order(id).status == "open"

    def test_takes_the_scope_that_the_rule_names(self, shop, staff):
        rule(shop, decider_scope=Scope.COSTS_READ)
        id = shop.place(goods("MUG", 2))
        command = GrantApproval(id=waiting(shop, id).id)
        somebody = caller(Scope.APPROVALS_DECIDE)

        assert shop.refused(grant_approval, command, caller=somebody) == ["NOT_THE_APPROVER"]
        assert decidable(shop, staff[0]) == ["Order W-1"]

    def test_takes_that_scope_for_what_is_asked_about(self, shop):
        """Who holds it for another channel is none of those whom the rule means."""
        rule(shop, decider_scope=Scope.REFUNDS_WRITE)
        command = GrantApproval(id=waiting(shop, shop.place(goods("MUG", 2))).id)
        pos = CreateChannel(code="pos", name="POS", currency="EUR", number_prefix="P-")
        other = shop.world.run(create_channel, pos).value

        def holder(channel_id):
            given = Given(
                frozenset({Scope.REFUNDS_WRITE}), Bounds(channels=frozenset({channel_id}))
            )
            rights = rights_of([Scope.APPROVALS_DECIDE], [given])
            return Caller(Actor(ActorKind.TOKEN, UUID(int=9), "lead"), rights.scopes, rights.reach)

        elsewhere, here = holder(other), holder(shop.channel_id)
        assert shop.refused(grant_approval, command, caller=elsewhere) == ["NOT_THE_APPROVER"]
        shop.world.run(grant_approval, command, caller=here)
        assert request(shop, command.id).status is ApprovalStatus.GRANTED

    def test_of_many_leaves_out_what_is_refused(self, shop, staff):
        rule(shop)
        orders = [shop.place(goods("MUG", 2)) for _ in range(2)]
        mine = shop.create(goods("MUG", 2), place=True)
        ids = tuple(waiting(shop, id).id for id in orders)
        shop.world.run(grant_approval, GrantApproval(id=ids[0]), caller=staff[1])
        command = DecideApprovals(ids=(*ids, UUID(int=1)), is_granted=True)

        done = shop.world.run(decide_approvals, command, caller=staff[0]).value

        assert [each.code for each in done.results] == [
            "INVALID_TRANSITION",
            None,
            "UNKNOWN_APPROVAL",
        ]
        assert [shop.order(id).status for id in (*orders, mine)] == [
            "open",
            "open",
            "pending_approval",
        ]
        assert shop.broken() == []


class TestEnding:
    def test_withdraws_what_was_called_off(self, shop, asked):
        id, request_id = asked

        command = CancelOrder(id=id, reason=CancelReason.CUSTOMER)
        shop.world.run(cancel_order, command)

        assert request(shop, request_id).status is ApprovalStatus.WITHDRAWN
        assert shop.broken() == []

    def test_calls_off_what_is_withdrawn(self, shop, asked, staff):
        id, request_id = asked
        command = WithdrawApproval(id=request_id)
        somebody = caller(Scope.APPROVALS_READ)

        assert shop.refused(withdraw_approval, command, caller=somebody) == ["NOT_WHO_ASKED"]
        shop.world.run(withdraw_approval, command)

        assert shop.order(id).status == "cancelled"
        assert shop.broken() == []

    def test_calls_off_what_nobody_decides_on_in_time(self, shop):
        rule(shop, expires_after_h=2)
        id = shop.place(goods("MUG", 2))
        request_id = waiting(shop, id).id

        early = shop.world.run(expire_approvals, ExpireApprovals(), caller=THE_SYSTEM)
        late = shop.world.run(expire_approvals, ExpireApprovals(), caller=THE_SYSTEM, now=LATER)

        assert (early.value, late.value) == (0, 1)
        assert request(shop, request_id).status is ApprovalStatus.EXPIRED
        assert shop.order(id).status == "cancelled"
        assert shop.broken() == []

    def test_releases_the_holds_of_what_is_declined(self, shop, asked, staff):
        id, request_id = asked
        shop.world.run(hold_order, HoldOrder(id=id, kind=HoldKind.HIGH_VALUE))

        shop.world.run(decline_approval, DeclineApproval(id=request_id), caller=staff[0])

        assert shop.order(id).has_hold is False
        assert shop.broken() == []


class TestChanging:
    def test_asks_again_about_what_is_edited_above_the_limit(self, shop, staff):
        rule(shop)
        id = shop.place(goods("MUG"))

        shop.world.run(edit_order, EditOrder(id=id, add_lines=(goods("MUG", 2),)))

        assert shop.order(id).status == "pending_approval"
        assert waiting(shop, id).amount_minor == 3_000
        assert shop.broken() == []
        command = GrantApproval(id=waiting(shop, id).id)
        shop.world.run(grant_approval, command, caller=staff[0])
        fewer = LineChange(line_id=shop.lines(id)[1].id, quantity=1)
        shop.world.run(edit_order, EditOrder(id=id, lines=(fewer,)))
        assert shop.order(id).status == "open"
        assert shop.broken() == []

    def test_asks_again_about_what_was_declined_and_is_taken_up(self, shop, asked, staff):
        id, request_id = asked
        shop.world.run(decline_approval, DeclineApproval(id=request_id), caller=staff[0])

        shop.world.run(uncancel_order, UncancelOrder(id=id))

        assert shop.order(id).status == "pending_approval"
        assert waiting(shop, id).id != request_id
        assert shop.broken() == []


class TestDelegating:
    def test_has_another_one_decide_for_a_time(self, shop, staff):
        away, deputy, other = staff
        rule(shop, staff_ids=(away.actor.id,))
        id = shop.place(goods("MUG", 2))
        grant = GrantApproval(id=waiting(shop, id).id)
        command = DelegateApprovals(to_staff_id=deputy.actor.id, ends_at=LATER)
        made = shop.world.run(delegate_approvals, command, caller=away).value

        assert decidable(shop, deputy) == ["Order W-1"]
        assert shop.refused(grant_approval, grant, caller=other) == ["NOT_THE_APPROVER"]
        late = shop.refused(grant_approval, grant, caller=deputy, now=LATER)
        assert late == ["NOT_THE_APPROVER"]
        shop.world.run(grant_approval, grant, caller=deputy)

        (decision,) = shop.world.read(queries.decisions_by_requests, [grant.id])[grant.id]
        assert (decision.actor_id, decision.for_staff_id) == (deputy.actor.id, away.actor.id)
        shop.world.run(end_delegation, EndDelegation(id=made), caller=away)
        assert shop.broken() == []

    def test_is_followed_by_the_clock(self, shop, staff):
        command = DelegateApprovals(
            to_staff_id=staff[1].actor.id, starts_at=NOW + timedelta(hours=1), ends_at=LATER
        )
        id = shop.world.run(delegate_approvals, command, caller=staff[0]).value

        def current(hours):
            now = NOW + timedelta(hours=hours)
            shop.world.run(follow_delegations, FollowDelegations(), caller=THE_SYSTEM, now=now)
            return shop.world.read(queries.delegations_by_ids, [id])[id].is_current

        assert [current(hours) for hours in (0, 1, 2)] == [False, True, False]

    def test_refuses_what_makes_no_sense(self, shop, staff):
        me = staff[0].actor.id

        def refused(who=staff[0], **values):
            given = {"to_staff_id": staff[1].actor.id, "ends_at": LATER, **values}
            return shop.refused(delegate_approvals, DelegateApprovals(**given), caller=who)

        assert refused(to_staff_id=me) == ["DELEGATED_TO_SELF"]
        assert refused(ends_at=NOW) == ["NOT_IN_ORDER"]
        assert refused(to_staff_id=UUID(int=1)) == ["UNKNOWN_STAFF"]
        assert refused(who=CLERK) == ["STAFF_TO_NAME"]
        somebody = caller(Scope.APPROVALS_DECIDE)
        assert refused(who=somebody, from_staff_id=me) == ["NOT_ALLOWED"]


class TestRules:
    def test_take_each_others_place(self, shop):
        first = rule(shop, 0, second_limit=euros(5))
        second = rule(shop, 7)

        stored = shop.world.read(queries.rules_by_ids, [first])[first]
        assert first == second
        assert (stored.limit_minor, stored.second_limit_minor, stored.version) == (7, None, 2)

    def test_ask_no_more_when_removed(self, shop):
        id = rule(shop, 0)

        shop.world.run(remove_approval_rule, RemoveApprovalRule(id=id))

        assert shop.order(shop.place(goods("MUG"))).status == "open"
        command = RemoveApprovalRule(id=id)
        assert shop.refused(remove_approval_rule, command) == ["UNKNOWN_APPROVAL_RULE"]

    def test_refuse_what_makes_no_sense(self, shop):
        def refused(**values):
            command = SetApprovalRule(**{"kind": ORDER, "limit": euros(5), **values})
            return shop.refused(set_approval_rule, command)

        assert refused(limit=euros(-1)) == ["LIMIT_BELOW_ZERO"]
        assert refused(second_limit=euros(5)) == ["SECOND_LIMIT_TOO_LOW"]
        assert refused(expires_after_h=0) == ["OUT_OF_RANGE"]
        assert refused(staff_ids=(UUID(int=1),)) == ["UNKNOWN_STAFF"]
        assert refused(channel_id=UUID(int=1)) == ["UNKNOWN_CHANNEL"]
        of_bills = {"kind": ApprovalKind.BILL, "channel_id": shop.channel_id}
        assert refused(**of_bills) == ["CHANNEL_WITHOUT_SALES"]


LIST = """
query ($filter: ApprovalFilter) {
  approvalRequests(filter: $filter) { nodes {
    label kind status needed granted amount { amount } subjectId subject { id }
    askedBy { kind } rule { limit { amount } staff { id } } decisions { isGranted note }
    actions { name allowed } timeline(first: 5) { nodes { type } }
  } }
  approvalRequestsCount(filter: $filter) { value }
}
"""


class TestGraphql:
    async def test_tells_what_waits_and_decides(self, shop, asked, staff):
        id, request_id = asked
        mine = {"decidableBy": {"eq": text("stf", staff[0].actor.id)}}
        answer = await shop.world.graphql(LIST, filter=mine)

        (node,) = answer["approvalRequests"]["nodes"]
        assert node["subjectId"] == node["subject"]["id"] == text("ord", id)
        assert node["rule"] == {"limit": {"amount": "15.00"}, "staff": []}
        assert [each["name"] for each in node["actions"]] == ["grant", "decline", "withdraw"]
        for words, count in (({"isNull": True}, 0), ({"isNull": False}, 1), ({"in": []}, 0)):
            found = await shop.world.graphql(LIST, filter={"decidableBy": words})
            assert found["approvalRequestsCount"]["value"] == count

        document = """
        mutation ($id: ID!) {
          approvalGrant(id: $id, input: {}, meta: {dryRun: true}) {
            approval { status subject { ... on Order { status } } } userErrors { code }
            effects { kind }
          }
        }
        """
        done = await shop.world.ask(document, id=text("apr", request_id), caller=staff[0])

        assert done["data"]["approvalGrant"] == {
            "approval": {"status": "GRANTED", "subject": {"status": "OPEN"}},
            "userErrors": [],
            "effects": [{"kind": "approval.granted"}, {"kind": "order.approved"}],
        }
        assert shop.order(id).status == "pending_approval"

    async def test_sets_rules_and_decides_on_many(self, shop, staff):
        document = """
        mutation ($ids: [ID!]!) {
          approvalRuleSet(input: {
            kind: ORDER, limit: {amount: "10", currency: "EUR"}, deciderScope: COSTS_READ
          }) { rule { deciderScope limit { amount } } userErrors { code } }
          approvalsDecide(input: {ids: $ids, grant: false}) { results { code } }
        }
        """
        answer = await shop.world.graphql(document, ids=["apr_" + "0" * 31 + "1"])

        assert answer["approvalRuleSet"] == {
            "rule": {"deciderScope": "COSTS_READ", "limit": {"amount": "10.00"}},
            "userErrors": [],
        }
        assert answer["approvalsDecide"] == {"results": [{"code": "UNKNOWN_APPROVAL"}]}

    async def test_lists_by_indexes(self, shop, asked, staff):
        words = [
            {"status": ["PENDING"]},
            {"kind": ["ORDER"]},
            {"subjectId": {"eq": text("ord", asked[0])}},
            {"askedById": {"eq": text("stf", staff[0].actor.id)}},
            {"decidableBy": {"eq": text("stf", staff[0].actor.id)}},
        ]
        for word in words:
            with all_indexed(shop.world.database.reading, sorts=True, walks=["anon_1"]):
                await shop.world.graphql(LIST, filter=word)

    async def test_reads_lists_in_as_many_statements_whatever_their_length(self, shop, asked):
        with count_statements(shop.world.database) as one:
            await shop.world.graphql(LIST)
        for _ in range(3):
            shop.place(goods("MUG", 2))
        with count_statements(shop.world.database) as several:
            await shop.world.graphql(LIST)

        assert len(several) == len(one)
