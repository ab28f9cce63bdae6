"""The project's own stored operations: the documents in `operations/`."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from graphql import OperationDefinitionNode, parse
from sqlalchemy import Connection, select

from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.invoicing.commands.issuing import CreateInvoice, create_invoice
from backoffice_api.domain.invoicing.commands.sellers import SetSeller, set_seller
from backoffice_api.domain.kernel import ids, jobs
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.ledger.commands.budgeting import SetBudget, set_budget
from backoffice_api.domain.ledger.commands.rates import SetBooks, set_books
from backoffice_api.domain.pricing.commands.sets import CreatePriceSet, create_price_set
from backoffice_api.domain.privacy.commands.requesting import (
    OpenPrivacyRequest,
    open_privacy_request,
)
from backoffice_api.domain.privacy.model.requests import PrivacyRegime, PrivacyRequestKind
from backoffice_api.domain.products.tables import products
from backoffice_api.domain.tickets.commands.canning import SetTicketMacro, set_macro
from backoffice_api.domain.tickets.model.words import TicketPriority
from backoffice_api.engine.decode import GraphQLRequest
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.trusted import load_trusted
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.rules import rules_of
from tests.both import COMPILER
from tests.customers import people
from tests.engine.screens import fill_screens
from tests.invoicing.office import SELLER
from tests.ledger.office import post_as_shop, sale
from tests.orders.shop import POSTAGE, Shop, address, goods
from tests.tickets.office import Office
from tests.world import LIMITS, NOW, World

FOLDER = Path(__file__).parents[2] / "operations"
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.iterdir())}


def stock_a_shop(world: World) -> Mapping[str, Mapping[str, Any]]:
    """Fill the database; the variables of each operation, in an order in which all find rows."""
    shop = Shop(world)
    mug = shop.variant("MUG", 10, 5)
    customer = people.create(
        world, email="ana@example.com", tax_ids=(people.CPF,), addresses=(people.address(),)
    )
    first, second, third = (
        ids.text(
            "ord",
            shop.place(goods("MUG"), POSTAGE, customer_id=customer, shipping_address=address()),
        )
        for _ in range(3)
    )
    with world.database.writing.begin() as db:
        wanted = [Job("mail.send", attempts_max=1)]
        [failed] = jobs.enqueue(db, wanted, now=NOW, new_id=IdSource())
        [running] = jobs.lease(db, ["mail.send"], now=NOW)
        jobs.fail(db, running, "no answer", now=NOW)
    post_as_shop(world.database, sale(1))
    kind, regime = PrivacyRequestKind.ACCESS, PrivacyRegime.LGPD
    asked = OpenPrivacyRequest(customer_id=customer, kind=kind, regime=regime)
    world.run(open_privacy_request, asked)
    [product] = world.read(_products)
    invoiced = {"orderId": bill_one(world, shop, third)}
    variant, north = ids.text("sku", mug), ids.text("loc", shop.locations[0])
    line = {"variantId": variant, "locationId": north, "setTo": 4, "expectedOnHand": 10}
    return {
        "AdjustStock": {
            "input": {"kind": "COUNT", "lines": [line]},
            "idempotencyKey": "count",
            "reason": "Counted.",
        },
        "CancelOrder": {"id": first, "input": {"reason": "CUSTOMER"}, "expectedVersion": 2},
        "CreateInvoice": {"input": invoiced},
        "CustomerList": {"search": "ana", "first": 10},
        "CustomerOverview": {"by": {"id": ids.text("cus", customer)}},
        "CustomerPage": {"by": {"id": ids.text("cus", customer)}},
        "EraseCustomer": {
            "input": {"customerId": ids.text("cus", customer)},
            "meta": {"dryRun": True},
        },
        "PrivacyRequestList": {},
        "HoldOrder": {"id": second, "input": {"kind": "FRAUD", "note": "Looks odd."}},
        "HoldList": {},
        "InvoiceList": {"filter": {"kind": ["INVOICE"]}},
        "JournalPage": {"filter": {"period": {"gte": "2025-01-01"}}},
        "JobList": {"filter": {"status": ["FAILED"]}},
        "LocationStock": {
            "locationId": north,
            "sort": {"key": "AVAILABLE", "direction": "ASC"},
        },
        "Me": {},
        "OrderJourney": {"by": {"id": third}},
        "OrderList": {"filter": {"status": ["OPEN"]}, "first": 2},
        "OrderPage": {"by": {"id": third}, "withTimeline": True},
        "PickerLookup": {"by": {"sku": "MUG"}},
        "PlaceOrder": {
            "input": {
                "channel": {"code": "web"},
                "lines": [{"sku": "MUG", "quantity": 1}],
                "place": True,
            },
            "idempotencyKey": "place",
        },
        "PriceSetPage": {"id": draft_prices(world)},
        "PrintStream": {"input": {"kinds": ["PACKING_SLIP"], "orderIds": [third]}},
        "ProductList": {"filter": {"sku": {"eq": "MUG"}}},
        "ProductPage": {"by": {"id": product}},
        "ReleaseHold": {"id": second, "input": {}},
        **answer_tickets(world, customer),
        "TrialBalance": {"from": "2025-01-01", "to": "2025-06-01"},
        "BudgetComparison": {"budget": plan(world), "from": "2025-01-01", "to": "2025-06-01"},
        "RetryJob": {"id": ids.text("job", failed)},
        **fill_screens(world, shop),
    }


def draft_prices(world: World) -> str:
    """A price set that changes nothing yet."""
    draft = CreatePriceSet(code="SPRING", name="Spring", currency="EUR")
    return ids.text("pst", world.run(create_price_set, draft).value)


def plan(world: World) -> str:
    """A budget that says nothing yet."""
    world.run(set_books, SetBooks(base_currency="EUR"))
    return ids.text("bgt", world.run(set_budget, SetBudget(name="2025", lines=())).value)


def of_other_rooms() -> Mapping[str, Mapping[str, Any]]:
    """Variables of the operations that find nothing in this shop, or are refused there."""
    nobody = UUID(int=0)
    days = {"from": "2025-01-01", "to": "2025-03-31"}
    return {
        "FreightAudit": {"first": 5},
        "BuyReturnLabel": {
            "input": {
                "returnId": ids.text("ret", nobody),
                "serviceId": ids.text("svc", nobody),
                "weightG": 500,
            },
            "meta": {"dryRun": True},
        },
        "CloseOrder": {"id": ids.text("ord", nobody), "dryRun": True},
        "DeliverFulfillment": {
            "id": ids.text("ful", nobody),
            "input": {"reason": "Picked up."},
            "dryRun": True,
        },
        "CashFlow": {"currency": "EUR", **days},
        "DeviceTasks": {},
        "DiscountCodeList": {},
        "CustomerDuplicates": {"filter": {"status": ["OPEN"]}},
        "ExchangeList": {},
        "EnrolSecondFactor": {"meta": {"dryRun": True}},
        "FeedbackQueue": {"score": 3},
        "MailQueue": {},
        "MarginReport": {"by": "CHANNEL", **days},
        "OpenBooks": {"input": {}, "meta": {"dryRun": True}},
        "PaymentRunList": {},
        "PayoutPage": {"id": ids.text("pyo", nobody)},
        "TaxRates": {},
        "ProposePaymentRun": {
            "input": {"payerAccountId": ids.text("pac", nobody), "method": "MANUAL"},
            "meta": {"dryRun": True},
        },
        "PublishReview": {"id": ids.text("rvw", nobody)},
        "ReceivableList": {},
        "RequestReturn": {
            "input": {"lines": [{"orderLineId": ids.text("oln", nobody), "quantity": 1}]},
            "dryRun": True,
        },
        "ReturnList": {},
        "ReturnPage": {"id": ids.text("ret", nobody)},
        "SlaReport": {
            "by": "TEAM",
            "since": "2025-01-01T00:00:00Z",
            "until": "2025-04-01T00:00:00Z",
        },
        "RoleGrants": {},
        "StaffSessions": {"id": ids.text("stf", nobody)},
        "TicketNotices": {},
        "TicketsAtRisk": {},
        "AuditTrail": {},
        "WebhookList": {},
        "WebhookLog": {"filter": {"status": ["FAILED", "PENDING"]}},
    }


def answer_tickets(world: World, customer: UUID) -> Mapping[str, Mapping[str, Any]]:
    """Variables of the screens of those who answer customers."""
    office = Office(world)
    (agent,) = office.people("agent")
    team = office.team(agent)
    ticket = ids.text("tic", office.open(team_id=team, customer_id=customer))
    sort = {"key": "DUE_AT", "direction": "ASC"}
    first = SetTicketMacro(code="first", title="First", priority=TicketPriority.HIGH)
    macro = world.run(set_macro, first).value
    credit = {"amount": "1.00", "currency": "EUR"}
    return {
        "TicketInbox": {"filter": {"status": ["NEW", "OPEN"], "isSnoozed": False}, "sort": sort},
        "TicketAct": {"id": ticket, "input": {"storeCredit": {"amount": credit}}},
        "TicketMacroApply": {"id": ticket, "input": {"macroId": ids.text("mac", macro)}},
        "TicketPage": {"by": {"number": "T-000001"}},
        "ReplyToTicket": {"id": ticket, "input": {"body": "Soon."}, "idempotencyKey": "reply"},
    }


def bill_one(world: World, shop: Shop, planned: str) -> str:
    """Bill one order and plan another one; the id of a third one, which can be billed."""
    shop.variant("PEN", 5)
    billed, open_ = (shop.place(goods("PEN")) for _ in range(2))
    world.run(set_seller, SetSeller(**SELLER, channel_ids=(shop.channel_id,)))
    world.run(create_invoice, CreateInvoice(order_id=billed))
    plan = PlanFulfillments(order_ids=(ids.parse("ord", planned),))
    world.run(plan_fulfillments, plan)
    return ids.text("ord", open_)


def _products(db: Connection) -> list[str]:
    return [ids.text("prd", id) for id in db.execute(select(products.c.id)).scalars()]


class TestOperations:
    def test_are_named_after_their_files_and_told_what_they_are_for(self) -> None:
        for name, text in TEXTS.items():
            assert text.startswith("# "), name
            names = [
                each.name.value
                for each in parse(text).definitions
                if isinstance(each, OperationDefinitionNode) and each.name is not None
            ]
            assert names == [name]

    def test_can_be_trusted_by_a_server(self) -> None:
        preparer = Preparer(schema._schema, rules_of(schema), LIMITS, trusted_only=True)

        load_trusted(preparer, FOLDER)

        for name in TEXTS:
            asked = GraphQLRequest(None, None, {}, {}, document_id=name)
            assert preparer.find(asked).cost({}) <= LIMITS.cost / 4

    async def test_are_answered_by_compiled_code_as_graphql_core_does(self, world: World) -> None:
        variables = stock_a_shop(world)
        others = of_other_rooms()
        # Subscriptions are followed in `tests/live`.
        told = {name for name, text in TEXTS.items() if "\nsubscription " in text}
        assert {*variables, *others} | told == set(TEXTS)
        before = Counter(COMPILER.counts.fallbacks)

        for name, given in variables.items():
            data = await world.graphql(TEXTS[name], **given)
            for answer in data.values():
                assert answer, name
                if isinstance(answer, list):
                    continue
                assert answer.get("nodes") != [], name
                assert answer.get("userErrors", []) == [], name

        for name, given in others.items():
            answer = await world.ask(TEXTS[name], **given)
            assert "errors" not in answer, (name, answer)

        assert COMPILER.counts.fallbacks - before == {}
