"""Price sets: agreed to, begun, undone; and what they do to margins. On both databases."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.approvals.commands.deciding import (
    DeclineApproval,
    GrantApproval,
    decline_approval,
    grant_approval,
)
from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.queries import request_list
from backoffice_api.domain.customers.commands.groups import (
    ChangeCustomerGroupMembers,
    CreateCustomerGroup,
    change_customer_group_members,
    create_customer_group,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.checks import verify
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.pricing import queries as pricing
from backoffice_api.domain.pricing.checks import CHECKS
from backoffice_api.domain.pricing.commands.beginning import (
    RunDuePriceSets,
    UndoPriceSet,
    run_due_price_sets,
    undo_price_set,
)
from backoffice_api.domain.pricing.commands.sets import (
    CreatePriceSet,
    SetPricesOfSet,
    SubmitPriceSet,
    create_price_set,
    set_prices_of_set,
    submit_price_set,
)
from backoffice_api.domain.pricing.model.lists import PriceDraft
from backoffice_api.domain.pricing.model.sets import EntryDraft, PriceSet, PriceSetStatus, Target
from backoffice_api.domain.pricing.queries import sets as queries
from backoffice_api.domain.products.commands.variants import (
    SetCost,
    UpdateVariant,
    set_cost,
    update_variant,
)
from tests.databases import count_statements
from tests.pricing.market import DAY, euro
from tests.world import NOW, caller

BOSS = Caller(Actor(ActorKind.STAFF, UUID(int=99), "boss"), ALL_SCOPES)


def entry(variant_id, amount, list_id=None, minimum=1):
    price = None if amount is None else euro(amount)
    return EntryDraft(target=Target(list_id, variant_id, minimum), unit_price=price)


def make(market, *entries, now=NOW, code="SPRING", **values):
    command = CreatePriceSet(code=code, name="Spring", currency="EUR", **values)
    id = market.world.run(create_price_set, command, now=now).value
    market.world.run(set_prices_of_set, SetPricesOfSet(id=id, prices=entries), now=now)
    return id


def submit(market, id, now=NOW):
    market.world.run(submit_price_set, SubmitPriceSet(id=id), now=now)


def begun(market, *entries, now=NOW, **values):
    id = make(market, *entries, now=now, **values)
    submit(market, id, now=now)
    return id


def undo(market, id, now):
    market.world.run(undo_price_set, UndoPriceSet(id=id), now=now)


def due(market, now):
    return market.world.run(run_due_price_sets, RunDuePriceSets(), now=now).value


def shown(market, id) -> PriceSet:
    return market.world.read(queries.price_set, id)


def rule(market):
    limit = SetApprovalRule(kind=ApprovalKind.PRICE_SET, limit=Money(100, "EUR"))
    market.world.run(set_approval_rule, limit)


def request(market):
    return market.world.read(request_list.page, PageRequest(size=1)).rows[0]


class TestBeginning:
    def test_puts_base_prices_and_lists_into_force_at_once_and_undo_restores_them(self, market):
        sale = market.list("SALE", market.price(9), market.price(8, 10))
        id = begun(market, entry(market.cup, 6), entry(market.cup, 5, sale, 10), now=NOW + DAY)

        assert [market.costs(at=NOW + 2 * DAY), market.costs(10, at=NOW + 2 * DAY)] == [9, 5]
        assert market.costs(at=NOW + 2 * DAY, quantity=1) == 9
        undo(market, id, NOW + 3 * DAY)
        after = [market.costs(10, at=NOW + days * DAY) for days in (0, 1, 2, 3)]
        assert after == [8, 5, 5, 8]
        assert shown(market, id).left_alone == 0
        prices = market.world.read(queries.present_prices, "EUR", [Target(None, market.cup)], NOW)
        assert prices == {Target(None, market.cup): 10_000_000}
        with market.world.database.reading.connect() as db:
            assert [each.rows for each in verify(db, CHECKS)] == [[]]

    def test_keeps_the_lowest_price_of_30_days_as_it_was(self, market):
        id = begun(market, entry(market.cup, 6), now=NOW + 10 * DAY)
        undo(market, id, NOW + 12 * DAY)

        lowest = market.answer(at=NOW + 20 * DAY).lowest
        assert (lowest.current, lowest.since) == (euro(10), NOW + 12 * DAY)
        assert lowest.lowest == euro(6)

    def test_waits_for_its_moment_and_ends_by_itself(self, market):
        id = begun(market, entry(market.cup, 7), starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)

        assert (shown(market, id).status, due(market, NOW)) == (PriceSetStatus.SCHEDULED, 0)
        assert due(market, NOW + DAY) == 1
        assert market.costs(at=NOW + DAY) == 7
        assert due(market, NOW + DAY + timedelta(hours=1)) == 0
        assert due(market, NOW + 2 * DAY) == 1
        assert shown(market, id).status is PriceSetStatus.UNDONE
        assert market.costs(at=NOW + 2 * DAY) == 10

    def test_does_not_come_after_its_end(self, market):
        id = begun(market, entry(market.cup, 7), starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)

        assert due(market, NOW + 3 * DAY) == 1
        assert (shown(market, id).status, market.costs()) == (PriceSetStatus.CANCELLED, 10)
        assert due(market, NOW + 3 * DAY) == 0

    def test_takes_the_same_number_of_statements_for_many(self, market):
        def run(*skus):
            entries = [entry(market.variant(sku), 1) for sku in skus]
            id = make(market, *entries, code=skus[0])
            with count_statements(market.world.database) as made:
                submit(market, id)
            return len(made)

        assert run("A") == run("B", "C", "D")


class TestUndoing:
    def test_leaves_alone_what_somebody_changed_since(self, market):
        sale = market.list("SALE", market.price(9))
        id = begun(market, entry(market.cup, 6), entry(market.cup, 5, sale), now=NOW + DAY)
        later = NOW + 2 * DAY
        change = UpdateVariant(id=market.cup, prices=(euro(4),))
        market.world.run(update_variant, change, now=later)
        market.set(sale, PriceDraft(variant_id=market.cup, unit_price=euro(3)), now=later)

        undo(market, id, NOW + 3 * DAY)

        assert shown(market, id).left_alone == 2
        assert market.costs(at=NOW + 3 * DAY) == 3

    @pytest.mark.parametrize("second", [7, 8])
    def test_of_sets_that_overlap_ends_at_what_was_before_both(self, market, second):
        first = begun(market, entry(market.cup, 8), now=NOW + DAY, code="A")
        over = begun(market, entry(market.cup, second), now=NOW + 2 * DAY, code="B")

        undo(market, first, NOW + 3 * DAY)
        assert (market.costs(at=NOW + 3 * DAY), shown(market, first).left_alone) == (second, 1)
        undo(market, over, NOW + 4 * DAY)

        assert market.costs(at=NOW + 4 * DAY) == 10
        assert shown(market, over).left_alone == 0

    def test_twice_is_refused(self, market):
        id = begun(market, entry(market.cup, 6))
        undo(market, id, NOW + DAY)

        assert market.refused(undo_price_set, UndoPriceSet(id=id)) == ["INVALID_TRANSITION"]


class TestApproval:
    def test_is_asked_for_above_the_limit_and_begins_what_is_due(self, market):
        rule(market)
        id = begun(market, entry(market.cup, 6))

        assert (shown(market, id).status, market.costs()) == (PriceSetStatus.PENDING_APPROVAL, 10)
        asked = request(market)
        assert (asked.subject_id, asked.amount) == (id, Money(400, "EUR"))
        grant = GrantApproval(id=asked.id)
        assert market.refused(grant_approval, grant) == ["APPROVER_IS_CREATOR"]
        market.world.run(grant_approval, grant, caller=BOSS)
        assert (shown(market, id).status, market.costs()) == (PriceSetStatus.ACTIVE, 6)

    def test_makes_it_a_draft_again_if_refused(self, market):
        rule(market)
        id = begun(market, entry(market.cup, 6))

        decline = DeclineApproval(id=request(market).id)
        market.world.run(decline_approval, decline, caller=BOSS)

        assert (shown(market, id).status, market.costs()) == (PriceSetStatus.DRAFT, 10)

    def test_is_not_asked_for_below_the_limit(self, market):
        rule(market)

        assert shown(market, begun(market, entry(market.cup, 9))).status is PriceSetStatus.ACTIVE


class TestSetPrices:
    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"variant_id": UUID(int=1)}, ["UNKNOWN_VARIANT"]),
            ({"list_id": UUID(int=1)}, ["UNKNOWN_PRICE_LIST"]),
            ({"minimum": 2}, ["BASE_PRICE_OF_MANY"]),
            ({"amount": -1}, ["NEGATIVE_PRICE"]),
        ],
    )
    def test_refuses(self, market, wrong, codes):
        id = make(market)
        given = entry(**{"variant_id": market.cup, "amount": 1, **wrong})
        command = SetPricesOfSet(id=id, prices=(given,))

        assert market.refused(set_prices_of_set, command) == codes

    def test_refuses_what_is_named_twice_and_lists_in_other_currencies(self, market):
        id = make(market)
        dollars = market.draft_list("USD", currency="USD")
        twice = SetPricesOfSet(id=id, prices=(entry(market.cup, 1), entry(market.cup, 2)))
        foreign = SetPricesOfSet(id=id, prices=(entry(market.cup, 1, dollars),))

        assert market.refused(set_prices_of_set, twice) == ["DUPLICATE"]
        assert market.refused(set_prices_of_set, foreign) == ["LIST_IN_OTHER_CURRENCY"]
        submitting = SubmitPriceSet(id=id)
        assert market.refused(submit_price_set, submitting) == ["EMPTY_PRICE_SET"]


CREATE = """
mutation ($input: PriceSetCreateInput!, $meta: MutationMeta) {
  priceSetCreate(input: $input, meta: $meta) {
    priceSet { id code status actions { name } } userErrors { code path } replayed
  }
}
"""
FILL = """
mutation ($id: ID!, $input: PriceSetSetPricesInput!) {
  priceSetSetPrices(id: $id, input: $input) {
    priceSet { prices { nodes { minimumQuantity unitPrice { amount } variant { sku } } } }
    userErrors { code path }
  }
}
"""
SIMULATE = """
query ($id: ID!, $below: Boolean!) {
  priceSetSimulation(id: $id, belowCost: $below, first: 1) {
    changes raised lowered belowCost withoutCost
    oldMargin { amount } newMargin { amount } hasMore
    lines {
      oldPrice { amount } newPrice { amount } unitCost { amount } isBelowCost
      newMargin { margin { amount } percent } variant { sku }
    }
  }
}
"""
SUBMIT = """
mutation ($id: ID!, $meta: MutationMeta) {
  priceSetSubmit(id: $id, meta: $meta) {
    priceSet { status approvals { nodes { amount { amount } } } } userErrors { code }
  }
}
"""


class TestOverGraphQL:
    async def test_a_set_is_made_simulated_and_submitted(self, market):
        world = market.world
        mug, pen = market.variant("MUG"), market.variant("PEN")
        for variant, cost in ((market.cup, 6), (mug, 9)):
            world.run(set_cost, SetCost(id=variant, cost=euro(cost)))
        input = {"code": "S", "name": "S", "currency": "EUR"}
        made = await world.graphql(CREATE, input=input, meta={"idempotencyKey": "k"})
        again = await world.graphql(CREATE, input=input, meta={"idempotencyKey": "k"})
        assert again["priceSetCreate"]["replayed"]
        id = made["priceSetCreate"]["priceSet"]["id"]
        prices = [
            {"variantId": ids.text("sku", variant), "unitPrice": {"amount": a, "currency": "EUR"}}
            for variant, a in ((market.cup, "12"), (mug, "8.50"), (pen, "8"))
        ]
        filled = await world.graphql(FILL, id=id, input={"prices": prices})
        found = filled["priceSetSetPrices"]["priceSet"]["prices"]["nodes"]
        assert [each["variant"]["sku"] for each in found] == ["CUP", "MUG", "PEN"]

        said = (await world.graphql(SIMULATE, id=id, below=True))["priceSetSimulation"]

        assert said == {
            "changes": 3,
            "raised": 1,
            "lowered": 2,
            "belowCost": 1,
            "withoutCost": 1,
            "oldMargin": {"amount": "5.00"},
            "newMargin": {"amount": "5.50"},
            "hasMore": False,
            "lines": [
                {
                    "oldPrice": {"amount": "10.00"},
                    "newPrice": {"amount": "8.50"},
                    "unitCost": {"amount": "9.00"},
                    "isBelowCost": True,
                    "newMargin": {"margin": {"amount": "-0.50"}, "percent": "-5.88"},
                    "variant": {"sku": "MUG"},
                }
            ],
        }
        tried = await world.graphql(SUBMIT, id=id, meta={"dryRun": True})
        assert tried["priceSetSubmit"]["priceSet"]["status"] == "ACTIVE"
        assert market.costs() == 10
        await world.graphql(SUBMIT, id=id)
        assert market.costs() == 12

    async def test_the_simulation_takes_the_right_to_see_costs(self, market):
        id = ids.text("pst", make(market, entry(market.cup, 1)))

        for scopes in ((Scope.PRODUCTS_READ,), (Scope.COSTS_READ,)):
            asking = caller(*scopes)
            answer = await market.world.ask(SIMULATE, caller=asking, id=id, below=False)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestCustomerGroups:
    async def test_have_prices_of_their_own(self, market):
        world = market.world
        given = CreateCustomerGroup(code="trade", name="Trade")
        group = world.run(create_customer_group, given).value
        member, other = market.customer(), market.customer()
        joining = ChangeCustomerGroupMembers(id=group, added_ids=(member,))
        world.run(change_customer_group_members, joining)
        market.list("TRADE", market.price(5), customer_group_id=group)
        document = """
        query ($v: ID!, $c: ID!, $who: ID) {
          priceFor(variantId: $v, channelId: $c, customerId: $who, at: "2025-03-02T00:00:00Z") {
            unitPrice { amount } lowest { lowest { amount } }
            candidates { verdict priceList { customerGroup { code } } }
          }
        }
        """
        told = [
            await world.graphql(
                document,
                v=ids.text("sku", market.cup),
                c=ids.text("chn", market.channel_id),
                who=who and ids.text("cus", who),
            )
            for who in (member, other, None)
        ]

        prices = [each["priceFor"]["unitPrice"]["amount"] for each in told]
        assert prices == ["5.00", "10.00", "10.00"]
        assert told[1]["priceFor"]["candidates"][0] == {
            "verdict": "OTHER_CUSTOMERS",
            "priceList": {"customerGroup": {"code": "trade"}},
        }
        listed = [
            world.read(pricing.prices_of_lists, [market.cup], "EUR", NOW, who)
            for who in (member, other, None)
        ]
        assert [bool(each) for each in listed] == [True, False, False]
