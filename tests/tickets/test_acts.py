"""What is done from a ticket: real commands of other rooms, linked both ways."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.discounts.queries import code_list
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError, NotAllowed
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.messages.commands.templates import (
    EnableMessageTemplate,
    SetMessageTemplate,
    enable_template,
    set_template,
)
from backoffice_api.domain.messages.commands.writing import ResendMessage, SendMessage
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.payments import queries as payments
from backoffice_api.domain.payments.commands.refunding import CreateRefund
from backoffice_api.domain.payments.model.refunds import RefundReason
from backoffice_api.domain.returns.commands.exchanging import CreateExchange, OutgoingLine
from backoffice_api.domain.returns.commands.requesting import RequestReturn
from backoffice_api.domain.returns.commands.shipping import CreateReturnShipment
from backoffice_api.domain.tickets.commands.acting import GiveTicketCredit
from backoffice_api.domain.tickets.commands.checking import AddTicketChecklist, add_checklist
from backoffice_api.domain.tickets.commands.discounting import GiveTicketDiscount
from backoffice_api.domain.tickets.commands.moving import MarkTicketAsSpam, mark_ticket_as_spam
from backoffice_api.domain.tickets.commands.replacing import ReplaceGoods
from backoffice_api.domain.tickets.model.acts import TicketActKind
from backoffice_api.domain.tickets.queries import ticket_message_list
from backoffice_api.tasks.messages import SendMessages
from tests.databases import count_statements
from tests.messages.post import Script
from tests.orders.shop import goods
from tests.returns.desk import euros
from tests.tickets.service import Service
from tests.world import NOW, World, caller

KIND = TicketActKind
DOC = Path(__file__).parent.parent.parent / "docs" / "ticket-desk.md"
_FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NOW_ISO = (datetime.now(UTC) - timedelta(days=1)).isoformat()


@pytest.fixture
def service(world: World) -> Service:
    return Service(world)


def refund(order_id: UUID, minor: int = 500, **values: Any) -> CreateRefund:
    given = {"reason": RefundReason.GOODWILL, "amount": euros(minor), **values}
    return CreateRefund(order_id=order_id, **given)


class TestActs:
    def test_refund_once_and_link_both_ways(self, service: Service) -> None:
        order = service.shop.bought(2)
        ticket = service.office.open(customer_id=service.shop.ana)
        before = service.office.ticket(ticket)

        act = service.act(ticket, KIND.REFUND, refund(order), idempotency_key="k", reason="Sorry")
        again = service.act(ticket, KIND.REFUND, refund(order), idempotency_key="k", reason="Sorry")

        assert again == act
        (made,) = service.world.read(payments.refunds_by_orders, [order])[order]
        assert made.amount == euros(500)
        (known,) = service.acts(made.id)
        assert (known.id, known.ticket_id, known.on_id, known.reason) == (
            act,
            ticket,
            order,
            "Sorry",
        )
        assert service.links(ticket) == {("ord", "about"), ("rfd", "made")}
        told = service.logged("ticket.acted")[-1]
        assert told.data["made"] == [ids.text("rfd", made.id)]
        # In the log of the refund stands for which ticket it was.
        asked = service.logged("refund.requested")[-1]
        assert asked.reference == told.reference == ids.text("tic", ticket)
        after = service.office.ticket(ticket)
        assert (before.status.value, after.status.value) == ("new", "open")
        service.office.verify()
        assert service.shop.wrong() == []

    def test_do_all_that_other_rooms_do(self, service: Service) -> None:
        shop = service.shop
        order, unsent = shop.bought(6), shop.place(goods("MUG", 1), customer_id=shop.ana)
        ticket = service.office.open(customer_id=shop.ana)
        topic = MessageTopic.ORDER_PLACED
        template = service.world.run(set_template, SetMessageTemplate(topic=topic, locale="en"))
        service.world.run(enable_template, EnableMessageTemplate(id=template.value))

        def made(act: UUID) -> list[str]:
            told = service.logged("ticket.acted")[-1]
            assert told.data["act_id"] == act.hex
            return [each.split("_")[0] for each in told.data["made"]]

        def last() -> UUID:
            _, id = service.logged("ticket.acted")[-1].data["made"][-1].split("_")
            return UUID(hex=id)

        assert made(service.act(ticket, KIND.RETURN, RequestReturn(lines=(shop.line(order),)))) == [
            "ret"
        ]
        return_id = last()
        label = CreateReturnShipment(return_id=return_id, carrier="ups", number="1Z9")
        assert made(service.act(ticket, KIND.RETURN_SHIPMENT, label)) == ["rsh"]
        other = OutgoingLine(variant_id=shop.mug, quantity=1)
        exchange = CreateExchange(return_id=return_id, lines=(other,))
        assert made(service.act(ticket, KIND.EXCHANGE, exchange)) == ["exc"]
        lost = ReplaceGoods(order_id=order, lines=(LineQuantity(shop.lines(order)[0].id, 2),))
        assert made(service.act(ticket, KIND.REPLACEMENT, lost)) == ["ord"]
        (line,) = shop.lines(last())
        assert (line.quantity, line.subtotal_minor) == (2, 0)
        credit = GiveTicketCredit(amount=euros(300), note="Sorry")
        assert made(service.act(ticket, KIND.STORE_CREDIT, credit)) == ["scr"]
        assert shop.balance() == 300
        cancel = CancelOrder(id=unsent, reason=CancelReason.CUSTOMER)
        assert made(service.act(ticket, KIND.CANCEL_ORDER, cancel)) == ["ord"]
        send = SendMessage(order_id=order, topic=topic, recipient="ana@example.com")
        assert made(service.act(ticket, KIND.SEND_MESSAGE, send)) == ["msg"]
        SendMessages(service.world.database, Script(), lambda: NOW)()
        resend = ResendMessage(id=last())
        assert made(service.act(ticket, KIND.RESEND_MESSAGE, resend)) == ["msg"]
        assert shop.wrong() == []

    def test_give_a_discount_code_and_write_it_to_the_customer(self, service: Service) -> None:
        shop = service.shop
        ticket = service.office.open(customer_id=shop.ana)
        give = GiveTicketDiscount(
            percent_bp=1_000,
            valid_until=NOW + timedelta(days=30),
            message="Dear {{ customer.name }}, {{ discount.code }} takes {{ discount.off }} off "
            "until {{ discount.valid_until }}.",
        )

        act = service.act(ticket, KIND.DISCOUNT_CODE, give, idempotency_key="k")
        assert service.act(ticket, KIND.DISCOUNT_CODE, give, idempotency_key="k") == act

        (code,) = service.world.read(code_list.page, PageRequest()).rows
        assert (code.customer_id, code.usage_limit, code.percent_bp) == (shop.ana, 1, 1_000)
        (known,) = service.acts(code.id)
        assert (known.id, known.ticket_id, known.on_id) == (act, ticket, shop.ana)
        assert service.links(ticket) == {("cus", "about"), ("dsc", "made")}
        said = service.world.read(ticket_message_list.page, PageRequest()).rows
        text = f"Dear Ana, {code.code} takes 10 % off until 2025-03-31."
        assert text in [each.body for each in said]
        assert service.office.ticket(ticket).status.value == "pending_customer"
        made = service.logged("discount_code.created")[-1]
        assert made.reference == ids.text("tic", ticket)

        used = shop.place(goods("MUG", 1), customer_id=shop.ana, discount_code=code.code)
        assert shop.order(used).discount_minor == 100
        wrong = GiveTicketDiscount(percent_bp=1_000, message="{{ discount.secret }}")
        with pytest.raises(DomainError) as refusal:
            service.act(ticket, KIND.DISCOUNT_CODE, wrong)
        assert refusal.value.code == "UNKNOWN_VARIABLE"
        with pytest.raises(NotAllowed):
            service.act(ticket, KIND.DISCOUNT_CODE, give, caller=caller(Scope.TICKETS_WRITE))
        service.office.verify()
        assert shop.wrong() == []

    def test_replace_no_piece_twice_though_two_do_it_at_once(self, service: Service) -> None:
        shop = service.shop
        order = shop.bought(3)
        tickets = [service.office.open(customer_id=shop.ana) for _ in range(2)]
        one = ReplaceGoods(order_id=order, lines=(LineQuantity(shop.lines(order)[0].id, 1),))
        service.act(tickets[0], KIND.REPLACEMENT, one)

        def replace_the_rest(ticket_id: UUID) -> str:
            try:
                service.act(ticket_id, KIND.REPLACEMENT, ReplaceGoods(order_id=order))
            except DomainError as refusal:
                return refusal.code
            return "done"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(replace_the_rest, tickets)) == ["NOTHING_TO_REPLACE", "done"]
        made = [each.data["made"][0] for each in service.logged("ticket.acted")]
        sent = [shop.lines(UUID(hex=id.removeprefix("ord_")))[0] for id in made]
        assert [each.quantity for each in sent] == [1, 2]
        with pytest.raises(DomainError) as refusal:
            service.act(tickets[0], KIND.REPLACEMENT, one)
        assert refusal.value.path == ("replacement", "lines", 0, "quantity")
        # What was called off is not with them, and may go out again.
        cancel = CancelOrder(id=sent[1].order_id, reason=CancelReason.CUSTOMER)
        shop.world.run(cancel_order, cancel)
        service.act(tickets[1], KIND.REPLACEMENT, one)

    def test_need_both_rights_and_change_nothing_when_refused(self, service: Service) -> None:
        shop = service.shop
        order = shop.bought(1)
        ticket = service.office.open(customer_id=shop.ana)
        of_bob = service.office.open(customer_id=service.office.customer("Bob"))
        of_nobody = service.office.open()
        spam = service.office.open()
        service.world.run(mark_ticket_as_spam, MarkTicketAsSpam(id=spam))
        logged = len(service.logged())

        def code(ticket_id: UUID, kind: TicketActKind, act: Any, **how: Any) -> tuple[str, Any]:
            with pytest.raises(DomainError) as refusal:
                service.act(ticket_id, kind, act, **how)
            return refusal.value.code, refusal.value.path

        for scope in (Scope.TICKETS_WRITE, Scope.REFUNDS_WRITE):
            with pytest.raises(NotAllowed):
                service.act(ticket, KIND.REFUND, refund(order), caller=caller(scope))
        both = caller(Scope.TICKETS_WRITE, Scope.REFUNDS_WRITE)
        service.act(ticket, KIND.REFUND, refund(order), caller=both, dry_run=True)
        assert code(of_bob, KIND.REFUND, refund(order)) == ("OF_ANOTHER_CUSTOMER", ("refund",))
        too_much = refund(order, 99_999)
        assert code(ticket, KIND.REFUND, too_much) == ("AMOUNT_EXCEEDED", ("refund",))
        nothing = GiveTicketCredit(amount=euros(0))
        assert code(ticket, KIND.STORE_CREDIT, nothing)[0] == "OUT_OF_RANGE"
        credit = GiveTicketCredit(amount=euros(1))
        assert code(of_nobody, KIND.STORE_CREDIT, credit)[0] == "NOBODY_TO_CREDIT"
        unknown = CancelOrder(id=UUID(int=1), reason=CancelReason.CUSTOMER)
        assert code(ticket, KIND.CANCEL_ORDER, unknown) == (
            "UNKNOWN_ORDER",
            ("cancel_order", "order_id"),
        )
        assert code(spam, KIND.REFUND, refund(order))[0] == "INVALID_TRANSITION"
        assert len(service.logged()) == logged
        assert service.world.read(payments.refunds_by_orders, [order]) == {}


DOCUMENTS = _FENCED.findall(DOC.read_text(encoding="utf-8"))
ACT = """mutation ($id: ID!, $input: TicketActInput!, $dry: Boolean!) {
  done: ticketAct(id: $id, input: $input, meta: {dryRun: $dry}) {
    act { kind on { __typename } actor { kind } results { subject { __typename
      ... on Refund { amount { amount } ticketActs { kind ticket { number } } } } }
      ticket { number status acts(first: 5) { nodes { kind } } links { relation } } }
    effects { kind } userErrors { code path } } }"""


class TestOverGraphQL:
    async def test_act_and_show_it_from_both_sides(self, service: Service) -> None:
        world = service.world
        order = service.shop.bought(2)
        ticket = service.office.open(customer_id=service.shop.ana)
        number = service.office.ticket(ticket).number
        amount = {"amount": "5.00", "currency": "EUR"}
        given = {
            "refund": {"orderId": ids.text("ord", order), "reason": "GOODWILL", "amount": amount}
        }
        id = ids.text("tic", ticket)

        trial = (await world.graphql(ACT, id=id, input=given, dry=True))["done"]
        done = (await world.graphql(ACT, id=id, input=given, dry=False))["done"]

        assert trial == done
        assert done["userErrors"] == []
        told = [each["kind"] for each in done["effects"]]
        assert told[0] == "refund.requested"
        assert told[-2:] == ["ticket.acted", "ticket.moved"]
        (result,) = done["act"]["results"]
        assert result["subject"] == {
            "__typename": "Refund",
            "amount": {"amount": "5.00"},
            "ticketActs": [{"kind": "REFUND", "ticket": {"number": number}}],
        }
        assert done["act"]["on"] == {"__typename": "Order"}
        assert done["act"]["ticket"] == {
            "number": number,
            "status": "OPEN",
            "acts": {"nodes": [{"kind": "REFUND"}]},
            "links": [{"relation": "ABOUT"}, {"relation": "MADE"}],
        }
        both = {**given, "voidLabel": "shm_1"}
        refused = await world.ask(ACT, id=id, input=both, dry=False)
        assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        empty = await world.ask(ACT, id=id, input={"voidLabel": ""}, dry=False)
        assert empty["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        some = caller(Scope.TICKETS_READ, Scope.TICKETS_WRITE)
        denied = await world.ask(ACT, id=id, input=given, dry=False, caller=some)
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_costs_as_much_for_many_tickets_as_for_one(self, service: Service) -> None:
        document = """{ tickets(first: 50) { nodes { draft { revision } presences { activity }
          checklists { title items { text } } opening { cause }
          acts(first: 3) { nodes { kind results { subjectId } } } } } }"""
        counts = []
        for _ in range(2):
            for _ in range(2):
                ticket = service.office.open(customer_id=service.shop.ana)
                service.act(ticket, KIND.STORE_CREDIT, GiveTicketCredit(amount=euros(1)))
                add = AddTicketChecklist(id=ticket, title="To do", items=("Ask",))
                service.world.run(add_checklist, add)
            with count_statements(service.world.database) as seen:
                await service.world.graphql(document)
            counts.append(len(seen))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize("number", range(len(DOCUMENTS)))
    async def test_answer_what_the_documents_ask(self, service: Service, number: int) -> None:
        text = DOCUMENTS[number]
        given = {"id": ids.text("tic", service.office.open()), "since": NOW_ISO}
        wanted = set(re.findall(r"\$(\w+):", text))
        data = await service.world.graphql(text, **{name: given[name] for name in wanted})
        assert all(each is not None for each in data.values())
