"""Rows for the screens whose operations need more than a shop with orders."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.banking.model.rules import RuleAction
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.commands.shipping import (
    ReleaseFulfillment,
    release_fulfillment,
)
from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate
from backoffice_api.domain.fulfillment.queries import open_by_orders
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.messages.commands.templates import (
    EnableMessageTemplate,
    SetMessageTemplate,
    enable_template,
    set_template,
)
from backoffice_api.domain.messages.commands.writing import SendMessage, send_message
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.payables.commands.approving import SubmitBill, submit_bill
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.model.drafts import BillLineDraft
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.commands.moving import RecordIncoming, record_incoming
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.purchasing.commands.drafts import (
    CreatePurchaseOrder,
    create_purchase_order,
)
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft
from backoffice_api.domain.purchasing.commands.suppliers import CreateSupplier, create_supplier
from backoffice_api.domain.reviews.commands.assessing import AssessOrder, assess_order
from backoffice_api.domain.reviews.commands.policies import (
    SetReviewPolicy,
    SetRiskRule,
    set_review_policy,
    set_risk_rule,
)
from backoffice_api.domain.reviews.model.rules import RiskCode
from backoffice_api.domain.shipping.commands.carrier_services import (
    CreateCarrierService,
    create_service,
)
from backoffice_api.domain.shipping.commands.carriers import CreateCarrier, create_carrier
from backoffice_api.domain.shipping.commands.labels import BuyLabel, buy_label
from backoffice_api.domain.shipping.commands.shipments import CreateShipments, create_shipments
from backoffice_api.domain.shipping.model.carriers import CarrierKind
from backoffice_api.domain.shipping.model.shipments import ParcelToSend
from backoffice_api.domain.views.commands.running import ItemsWanted, StartRun, starting
from backoffice_api.domain.views.commands.saving import CreateSavedView, creating
from backoffice_api.schema.roots import ROOTS
from tests.banking.desk import Desk, line, statement
from tests.orders.shop import Shop, address, euros, goods
from tests.payables.accounting import OpenAccount, open_account
from tests.purchasing.desk import ANNA
from tests.shipping.desk import SENDER, Pack, pack
from tests.tracking.hall import Hall, told
from tests.world import NOW, World


def fill_screens(world: World, shop: Shop) -> Mapping[str, Mapping[str, Any]]:
    """The variables of the operations of these screens; there is something to see on each."""
    shop.variant("CUP", 99)
    paid, edited, held, shown = (shop.place(goods("CUP")) for _ in range(4))
    pay(world, paid)
    write(world, shop)
    fulfillment = release(world, shown)
    hall = Hall(world)
    hall._shop = shop
    hall.follow("N1", hall.parcels(edited)[0])
    hall.record(told("in_transit/held"))
    world.run(creating(ROOTS), CreateSavedView(name="All", target="orders"))
    run = StartRun(mutation="orderHold", items=ItemsWanted(ids=(ids.text("ord", held),)), input={})
    started = world.run(starting(ROOTS, ROOTS), run).value
    unlabelled = ship(world, shop)
    to_approve = owe(world, shop)
    look_at(world, shop)  # At last: what is not judged stays in the house.
    return {
        "ApprovalList": {},
        "ApproveBill": {"id": ids.text("bil", to_approve)},
        "BillQueue": {},
        "BulkRun": {
            "input": {
                "mutation": "orderHold",
                "items": {"ids": [ids.text("ord", held)]},
                "input": {"note": "Stocktaking"},
            },
            "idempotencyKey": "run",
        },
        "BankReconciliation": {"account": ids.text("bac", bank(world))},
        "BulkRunPage": {"id": ids.text("brn", started)},
        "BuyLabel": {
            "id": ids.text("shm", unlabelled),
            "input": {"trackingNumber": "T2"},
        },
        "CreateRefund": {
            "input": {"orderId": ids.text("ord", paid), "reason": "GOODWILL"},
            "dryRun": True,
        },
        "EditOrder": {"id": ids.text("ord", edited), "input": {"note": "Call before."}},
        "FulfillmentPage": {"id": ids.text("ful", fulfillment)},
        "MessageList": {},
        "PaymentPage": {"by": {"id": ids.text("ord", paid)}},
        "PickList": {"site": ids.text("loc", shop.locations[0])},
        "ReviewQueue": {},
        "SavedViews": {"target": "orders"},
        "ShipmentList": {"first": 5},
        "TrackingExceptionList": {},
    }


def pay(world: World, order_id: UUID) -> None:
    payment = CreatePayment(order_id=order_id, method=PaymentMethod.BANK_TRANSFER)
    world.run(record_incoming, RecordIncoming(id=world.run(create_payment, payment).value))


def owe(world: World, shop: Shop) -> UUID:
    """A bill that somebody else entered and the clerk may approve; another one does not match."""
    supplier = world.run(
        create_supplier, CreateSupplier(code="ACME", name="Acme", currency="EUR")
    ).value
    wanted = PurchaseLineDraft(sku="CUP", quantity=6, unit_price=UnitPrice(1_000_000, "EUR"))
    order = CreatePurchaseOrder(
        supplier_id=supplier, location_id=shop.locations[0], lines=(wanted,)
    )
    [line] = world.read(purchasing.lines_of, world.run(create_purchase_order, order).value)
    account = world.run(open_account, OpenAccount()).value
    lines = (
        BillLineDraft(order_line_id=line.id, quantity=6),
        BillLineDraft(description="Rent", account_id=account, amount=euros(5)),
    )
    submitted = []
    for number, each in enumerate(lines):
        command = CreateBill(
            supplier_id=supplier, number=f"R{number}", issued_on=NOW.date(), lines=(each,)
        )
        submitted.append(world.run(create_bill, command, caller=ANNA).value)
        world.run(submit_bill, SubmitBill(id=submitted[-1]), caller=ANNA)
    return submitted[-1]


def bank(world: World) -> UUID:
    """A bank account with a line that is suggested to be a fee, and one that nobody knows."""
    desk = Desk(world)
    fees = desk.ledger(AccountRole.BANK_FEES)
    desk.rule(action=RuleAction.POST, account_id=fees, text="fee")
    desk.take(statement(line(1, -450, "Fee"), line(2, 900, "Sale")))
    desk.suggest()
    return desk.account_id


def look_at(world: World, shop: Shop) -> None:
    """Two orders: one that waits for approval, and one that a person has to look at."""
    rule = SetApprovalRule(kind=ApprovalKind.ORDER, limit=euros(40_000))
    world.run(set_approval_rule, rule)
    shop.place(goods("CUP", 50))
    world.run(set_review_policy, SetReviewPolicy(channel_id=shop.channel_id))
    world.run(set_risk_rule, SetRiskRule(code=RiskCode.DISPOSABLE_MAIL, score=90))
    odd = shop.place(goods("CUP"), email="x@mailinator.com")
    world.run(assess_order, AssessOrder(order_id=odd), caller=THE_SYSTEM)


def write(world: World, shop: Shop) -> None:
    topic = MessageTopic.ORDER_PLACED
    id = world.run(set_template, SetMessageTemplate(topic=topic, locale="en")).value
    world.run(enable_template, EnableMessageTemplate(id=id))
    order_id = shop.place(goods("CUP"), email="ana@example.com")
    world.run(send_message, SendMessage(order_id=order_id, topic=topic))


def ship(world: World, shop: Shop) -> UUID:
    """Two shipments, for one of which a label is asked; id of the other one."""
    carrier = CreateCarrier(
        code="HAND",
        name="By hand",
        kind=CarrierKind.MANUAL,
        sender=SENDER,
        currency="EUR",
        time_zone="Europe/Lisbon",
    )
    service = CreateCarrierService(
        carrier_id=world.run(create_carrier, carrier).value,
        code="std",
        name="Standard",
        transit_days_min=1,
        transit_days_max=3,
    )
    service_id = world.run(create_service, service).value
    packed = Pack(
        order_id=shop.place(goods("CUP"), shipping_address=address()),
        location_id=shop.locations[0],
        weights=(800, 800),
        gate=DispatchGate.NOT_REQUIRED,
    )
    _, *parcels = world.run(pack, packed).value
    sent = tuple(ParcelToSend(parcel_id=each) for each in parcels)
    command = CreateShipments(service_id=service_id, parcels=sent)
    first, second = world.run(create_shipments, command).value
    world.run(buy_label, BuyLabel(id=first, tracking_number="T1", cost=euros(500)))
    id: UUID = second
    return id


def release(world: World, order_id: UUID) -> UUID:
    """The fulfillment of an order, as it lies before who picks."""
    world.run(plan_fulfillments, PlanFulfillments(order_ids=(order_id,)))
    id: UUID = world.read(open_by_orders, [order_id])[order_id][0].id
    world.run(release_fulfillment, ReleaseFulfillment(id=id))
    return id
