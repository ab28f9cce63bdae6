"""Rules that open tickets: once for each cause, whatever happens."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payments import queries as payments
from backoffice_api.domain.payments.commands.refunding import CreateRefund, create_refund
from backoffice_api.domain.payments.model.refunds import RefundReason
from backoffice_api.domain.tickets.commands import ruling, watching
from backoffice_api.domain.tickets.model.acts import Subject
from backoffice_api.domain.tickets.model.rules import DAY, Happened, TicketCause, let_through
from backoffice_api.domain.tickets.queries.causes import Window, overdue, told_since, was_overdue
from backoffice_api.domain.tickets.queries.trials import TriedRule, try_rule
from backoffice_api.domain.tracking.model.exceptions import TrackingExceptionKind
from tests.plans import all_indexed
from tests.returns.desk import euros
from tests.tickets.office import later
from tests.tickets.service import Service
from tests.world import NOW, World

EXCEPTION = TicketCause.PARCEL_EXCEPTION
OVERDUE = TicketCause.REFUND_OVERDUE


@pytest.fixture
def service(world: World) -> Service:
    return Service(world)


class TestRules:
    async def test_open_one_ticket_for_each_cause(self, service: Service) -> None:
        service.trouble("OLD")
        team = service.office.team(name="Parcels")
        rule = service.rule(
            EXCEPTION, team_id=team, priority="urgent", tags=("parcel",), daily_max=2
        )
        assert service.follow() == 0  # Nothing is opened of the past.
        for number in ("A", "B", "C"):
            service.trouble(number)
        service.trouble("A", at=later(minutes=5))

        assert service.follow(later(minutes=6)) == 2
        assert service.follow(later(minutes=6)) == 0

        code = EXCEPTION.value
        assert service.opened() == [(code, code)] * 2
        document = """query ($id: ID!) { ticketRule(id: $id) { openings(last: 3) { nodes { cause
          subject { __typename } ticket { source priority tags status openedByRule
            team { name } opening { cause } links { relation subject { __typename } }
            messages(first: 1) { nodes { visibility author body } } } } } } }"""
        found = await service.world.graphql(document, id=ids.text("tkr", rule))
        held, _, first = found["ticketRule"]["openings"]["nodes"]
        assert held["ticket"] is None
        assert first["subject"] == {"__typename": "TrackingException"}
        ticket = first["ticket"]
        links = {each["relation"]: each["subject"]["__typename"] for each in ticket.pop("links")}
        assert links == {"CAUSE": "TrackingException", "ABOUT": "Tracking"}
        ((message,),) = (ticket.pop("messages").values(),)
        assert message[0]["visibility"] == "INTERNAL"
        assert message[0]["body"].startswith("usps A: ")
        assert ticket == {
            "source": "RULE",
            "priority": "URGENT",
            "tags": ["parcel"],
            "status": "NEW",
            "openedByRule": code,
            "team": {"name": "Parcels"},
            "opening": {"cause": "PARCEL_EXCEPTION"},
        }
        (told,) = service.logged("ticket_rule.held_back")
        assert told.data["causes"] == 1
        assert service.shop.wrong() == []

    def test_leave_alone_what_they_are_not_for(self, service: Service) -> None:
        kinds = (TrackingExceptionKind.LOST,)
        service.rule(EXCEPTION, exceptions=kinds)
        off = service.rule(EXCEPTION, code="off")
        service.world.run(ruling.disable_rule, ruling.DisableTicketRule(id=off))
        service.trouble("A")
        assert service.follow() == 0
        service.world.run(ruling.enable_rule, ruling.EnableTicketRule(id=off))
        service.trouble("B")
        # What happened too long ago is history.
        service.trouble("C", at=NOW - timedelta(days=9))
        assert service.follow() == 1
        assert service.opened() == [("off", EXCEPTION.value)]

    def test_leave_alone_what_happened_before_they_were_enabled(self, service: Service) -> None:
        service.rule(code="late")  # So the log is followed, though the worker is behind.
        service.trouble("A")
        given = ruling.SetTicketRule(code="new", title="New", cause=EXCEPTION)
        rule = service.world.run(ruling.set_rule, given).value
        enable = ruling.EnableTicketRule(id=rule)
        service.world.run(ruling.enable_rule, enable, now=later(minutes=5))
        service.trouble("B", at=later(minutes=5))

        assert service.follow(later(minutes=6)) == 1

    def test_find_refunds_that_are_overdue(self, service: Service) -> None:
        shop, world = service.shop, service.world
        order = shop.bought(3)

        def refund(days: float) -> UUID:
            command = CreateRefund(
                order_id=order, reason=RefundReason.OTHER, amount=euros(100), submit=False
            )
            made = world.run(create_refund, command, now=later(days=days)).value
            return UUID(int=made.refund_ids[0].int)

        def sweep(days: float) -> int:
            made: int = world.run(
                watching.open_overdue, watching.OpenOverdue(), now=later(days=days)
            ).value
            return made

        refund(-30)
        late = refund(-1)
        service.rule(OVERDUE, after_days=5)
        refund(3)
        assert sweep(3.5) == 0
        assert (sweep(4.5), sweep(4.6)) == (1, 0)
        number = world.read(payments.refund, late).number
        (ticket,) = [service.office.ticket(id) for id in self._tickets(service)]
        assert ticket.subject == f"Refund {number} is overdue: 1.00 EUR"
        assert ticket.customer_id == shop.ana
        # The past is tried without it being opened.
        tried = TriedRule(cause=OVERDUE, after_days=5, since=later(days=-40), daily_max=1)
        trial = world.read(try_rule, tried, later(days=9))
        assert (trial.opened, trial.held_back, trial.known) == (3, 0, 1)
        assert sweep(9) == 1

    def test_are_tried_against_the_past(self, service: Service) -> None:
        world = service.world
        for number in ("A", "B", "C"):
            service.trouble(number)
        tried = TriedRule(cause=EXCEPTION, since=later(days=-1), daily_max=2)
        trial = world.read(try_rule, tried, later(days=1))

        assert (trial.opened, trial.held_back, trial.known, trial.is_complete) == (2, 1, 0, True)
        assert [each.title for each in trial.samples] == [
            f"Parcel usps {number}: on_hold" for number in "CBA"
        ]
        assert service.opened() == []
        for terms, code in (
            ({"cause": TicketCause.LOW_RATING}, "CANNOT_BE_TRIED"),
            ({"cause": OVERDUE}, "UNFIT_RULE"),
            ({"cause": EXCEPTION, "after_days": 3}, "UNFIT_RULE"),
        ):
            with pytest.raises(DomainError) as refusal:
                world.read(try_rule, TriedRule(since=NOW, **terms), NOW)
            assert refusal.value.code == code

    def test_that_feedback_calls_open_within_its_command(self, service: Service) -> None:
        service.rule(TicketCause.LOW_RATING)
        happened = Happened(
            cause=TicketCause.LOW_RATING,
            subject=Subject("ord", UUID(int=5)),
            occurred_at=NOW,
            title="One star",
            text="It broke.",
        )

        def rate(uow: UnitOfWork, _: watching.OpenOverdue) -> UUID | None:
            return watching.open_of_cause(uow, happened)

        first = service.world.run(rate, watching.OpenOverdue()).value
        again = service.world.run(rate, watching.OpenOverdue()).value
        assert first == again
        assert service.office.ticket(first).subject == "One star"

    def test_of_two_who_look_at_once_open_each_ticket_once(self, service: Service) -> None:
        service.rule(EXCEPTION)
        for number in ("A", "B", "C"):
            service.trouble(number)
        service.world.settle()
        both = Barrier(2)

        def follow(_: int) -> int:
            both.wait()
            made: int = service.world.run(watching.open_of_events, watching.OpenOfEvents()).value
            return made

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(follow, range(2))) == [0, 3]
        assert len(service.opened()) == 3

    def test_look_for_what_is_due_through_indexes(self, service: Service) -> None:
        window = Window(later(days=-30), NOW, 5)
        engine = service.world.database.reading
        with all_indexed(engine, sorts=True), engine.connect() as db:
            for cause in (OVERDUE, TicketCause.UNMATCHED_PAYMENT):
                overdue(db, cause, window, 100)
                was_overdue(db, cause, window)
            told_since(db, EXCEPTION, later(days=-30))

    @settings(max_examples=15)
    @given(st.lists(st.integers(0, 5 * 24)), st.integers(1, 4))
    def test_open_no_more_within_any_day_than_they_may(self, hours: list[int], most: int) -> None:
        times = [NOW + timedelta(hours=each) for each in sorted(hours)]
        opened = let_through(times, most)
        assert opened <= len(times)
        # At least as many as the fullest of these days has room for.
        days = Counter((each - NOW) // DAY for each in times)
        assert opened >= min(most, max(days.values(), default=0))
        if len(times) <= most:
            assert opened == len(times)

    @staticmethod
    def _tickets(service: Service) -> list[UUID]:
        told = service.logged("ticket.opened")
        return [each.subject_id for each in told]
