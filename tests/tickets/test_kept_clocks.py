"""Clocks as they are kept: with what happens to tickets, by the hour, as policies change."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from backoffice_api.domain.customers.commands.groups import (
    ChangeCustomerGroupMembers,
    CreateCustomerGroup,
    change_customer_group_members,
    create_customer_group,
)
from backoffice_api.domain.customers.tables import tags
from backoffice_api.domain.fulfillment.commands.settings import SetCalendar, set_calendar
from backoffice_api.domain.fulfillment.model.calendars import HolidayDraft
from backoffice_api.domain.fulfillment.model.opening_hours import OpenPeriod
from backoffice_api.domain.kernel.checks import verify
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.tickets.checks.clocks import CHECKS
from backoffice_api.domain.tickets.commands import changing, moving
from backoffice_api.domain.tickets.commands.clocks import (
    REAPPLY_JOB,
    ReapplyPolicies,
    WatchClocks,
    reapply_policies,
    watch_clocks,
)
from backoffice_api.domain.tickets.commands.merging import (
    MergeTickets,
    SplitTicket,
    merge_tickets,
    split_ticket,
)
from backoffice_api.domain.tickets.commands.policies import (
    RemoveSlaPolicy,
    SetSlaPolicy,
    remove_sla_policy,
    set_sla_policy,
)
from backoffice_api.domain.tickets.model.clocks import ClockKind, ClockState
from backoffice_api.domain.tickets.model.words import (
    TicketAfterReply,
    TicketPriority,
    TicketSource,
)
from backoffice_api.domain.tickets.queries.clocks import (
    clocks_by_tickets,
    policies_by_ids,
    segments_by_clocks,
    terms_by_ids,
)
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tickets.tables.clocks import ticket_clocks
from tests.databases import count_statements
from tests.tickets.office import Office, later
from tests.world import NOW

FIRST, NEXT, RESOLUTION = ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE, ClockKind.RESOLUTION
DUE = ("first_response_due_at", "next_response_due_at", "resolution_due_at", "next_due_at")


class Desk:
    """An office that promises something. Times of tickets are those of `NOW`, a Saturday."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.world = office.world

    def policy(self, code: str = "all", **values: Any) -> UUID:
        given: dict[str, Any] = {"name": code, "position": 10, "first_response_min": 60, **values}
        id: UUID = self.world.run(set_sla_policy, SetSlaPolicy(code=code, **given)).value
        return id

    def calendar(self, *holidays: date, opens: int = 540, closes: int = 1_020) -> UUID:
        command = SetCalendar(
            code="desk",
            name="Desk",
            time_zone="Europe/Berlin",
            weekdays=(1, 2, 3, 4, 5),
            cut_off=0,
            holidays=tuple(HolidayDraft(day=day) for day in holidays),
            hours=tuple(OpenPeriod(weekday=day, opens=opens, closes=closes) for day in range(1, 6)),
        )
        id: UUID = self.world.run(set_calendar, command).value
        return id

    def move(self, handler: Any, command: type[Any], id: UUID, **passed: float) -> None:
        self.world.run(handler, command(id=id), now=later(**passed))

    def watch(self, **passed: float) -> int:
        found: int = self.world.run(watch_clocks, WatchClocks(), now=later(**passed)).value
        return found

    def reapply(self, **passed: float) -> int:
        found: int = self.world.run(reapply_policies, ReapplyPolicies(), now=later(**passed)).value
        return found

    def due(self, id: UUID) -> Any:
        with self.world.database.reading.connect() as db:
            return db.execute(
                select(*(tickets.c[name] for name in DUE)).where(tickets.c.id == id)
            ).one()

    def clocks(self, id: UUID) -> Any:
        return self.world.read(clocks_by_tickets, [id]).get(id, ())

    def clock(self, id: UUID, kind: ClockKind) -> Any:
        return [each for each in self.clocks(id) if each.kind is kind][-1]

    def told(self) -> Counter[str]:
        """Which events of promises there are."""
        statement = select(events.c.type).where(events.c.type.startswith("ticket.sla_"))
        with self.world.database.reading.connect() as db:
            return Counter(db.execute(statement).scalars())

    def verify(self) -> None:
        with self.world.database.reading.connect() as db:
            broken = {each.check.id: each.rows for each in verify(db, CHECKS) if each.rows}
        assert broken == {}


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


class TestClocks:
    def test_follow_what_happens_to_a_ticket(self, desk: Desk) -> None:
        desk.policy(next_response_min=120, resolution_min=480)
        id = desk.office.open()
        first = desk.due(id)
        desk.office.reply(id, now=later(minutes=30))
        waiting = desk.due(id)
        desk.office.receive(id, now=later(hours=2))
        answered = desk.due(id)
        desk.office.reply(id, now=later(hours=3), then=TicketAfterReply.RESOLVE)

        assert tuple(first) == (later(hours=1), None, later(hours=8), later(hours=1))
        assert tuple(waiting) == (None, None, None, None)
        assert tuple(answered) == (None, later(hours=4), later(hours=9, minutes=30), later(hours=4))
        assert tuple(desk.due(id)) == (None, None, None, None)
        assert [(each.kind, each.state) for each in desk.clocks(id)] == [
            (FIRST, ClockState.MET),
            (RESOLUTION, ClockState.MET),
            (NEXT, ClockState.MET),
        ]
        desk.verify()

    def test_tell_once_what_is_at_risk_and_what_is_overdue(self, desk: Desk) -> None:
        policy = desk.policy(warn_percent=50)
        id = desk.office.open()

        counts = []
        for minutes in (10, 31, 40, 60, 61, 90, 180):
            desk.watch(minutes=minutes)
            counts.append(tuple(desk.told().values()))
        desk.office.reply(id, now=later(hours=4))

        assert counts == [(), (1,), (1,), (1,), (1, 1), (1, 1), (1, 1)]
        assert desk.told() == {"ticket.sla_at_risk": 1, "ticket.sla_breached": 1}
        clock = desk.clock(id, FIRST)
        assert (clock.state, clock.breached_at, clock.warned_at) == (
            ClockState.MISSED,
            later(hours=1),
            later(minutes=31),
        )
        with desk.world.database.reading.connect() as db:
            of = events.c
            data = db.execute(select(of.data).where(of.type == "ticket.sla_breached")).scalar_one()
        assert (data["clock"], data["policy_id"]) == ("first_response", policy.hex)
        desk.verify()

    def test_tell_what_was_overdue_between_two_looks(self, desk: Desk) -> None:
        desk.policy()
        id = desk.office.open()

        desk.office.reply(id, now=later(hours=1, seconds=1))

        assert desk.told() == {"ticket.sla_breached": 1}
        assert desk.watch(hours=2) == 0

    def test_tell_once_whoever_looks_at_the_same_time(self, desk: Desk) -> None:
        desk.policy()
        ids = [desk.office.open(cause_key=str(number)) for number in range(4)]

        with ThreadPoolExecutor(6) as pool:
            looks = [pool.submit(desk.watch, hours=2) for _ in range(3)]
            looks += [pool.submit(desk.office.receive, id, now=later(hours=2)) for id in ids[:3]]
            for each in looks:
                each.result()
        desk.watch(hours=3)

        assert desk.told() == {"ticket.sla_breached": 4}
        desk.verify()

    def test_go_along_when_tickets_are_merged_and_split(self, desk: Desk) -> None:
        desk.policy(next_response_min=60, resolution_min=600)
        into, other = desk.office.open(), desk.office.open()
        desk.office.reply(into, now=later(minutes=10), then=TicketAfterReply.STAY_OPEN)
        message = desk.office.receive(other, now=later(minutes=20)).message_id
        desk.watch(hours=2)
        desk.world.run(
            merge_tickets, MergeTickets(id=into, ticket_ids=(other,)), now=later(hours=3)
        )
        split = desk.world.run(
            split_ticket,
            SplitTicket(id=into, subject="Another", message_ids=(message,)),
            now=later(hours=4),
        ).value

        assert tuple(desk.due(other)) == (None, None, None, None)
        assert desk.due(split)[0] == later(hours=5)
        desk.verify()

    def test_take_the_same_statements_for_any_number_of_tickets(self, desk: Desk) -> None:
        desk.policy(next_response_min=60, resolution_min=600, customer_tags=("vip",))
        desk.policy("rest", position=20)
        counts = []
        for size in (1, 5):
            for number in range(size):
                desk.office.open(cause_key=f"{size} {number}")
            with count_statements(desk.world.database) as seen:
                desk.watch(hours=2)
            counts.append(len(seen))

        assert counts[0] == counts[1]

    def test_say_why_a_due_time_is_what_it_is(self, desk: Desk) -> None:
        desk.policy(resolution_min=480)
        id = desk.office.open()
        desk.office.reply(id, now=later(hours=1))
        desk.office.receive(id, now=later(hours=3))

        clock = desk.clock(id, RESOLUTION)
        found = desk.world.read(segments_by_clocks, [clock.id])[clock.id]

        assert [
            (each.kind.value, each.worked_s, each.left_s, each.is_reason) for each in found
        ] == [
            ("run", 3_600, 28_800, False),
            ("pause", 0, 25_200, False),
            ("run", None, 25_200, True),
        ]
        assert (found[-1].starts_at, clock.due_at) == (later(hours=3), later(hours=10))

    def test_are_found_wrong_when_they_are_not_what_the_log_says(self, desk: Desk) -> None:
        desk.policy()
        id = desk.office.open()
        with desk.world.database.writing.begin() as db:
            db.execute(update(ticket_clocks).values(due_at=later(hours=9)))

        with desk.world.database.reading.connect() as db:
            found = {each.check.id: each.rows for each in verify(db, CHECKS)}

        assert [row["ticket"] for row in found["T1"]] == [f"tic_{id.hex}"]
        assert [row["id"] for row in found["T1-due"]] == [id]


class TestPolicies:
    def test_hold_by_position_and_condition(self, desk: Desk) -> None:
        team = desk.office.team()
        customer = desk.office.customer()
        with desk.world.database.writing.begin() as db:
            db.execute(tags.insert(), {"customer_id": customer, "tag": "vip"})
        desk.policy("rest", position=90, first_response_min=600)
        desk.policy("phone", position=10, sources=(TicketSource.PHONE,), first_response_min=1)
        desk.policy(
            "urgent", position=20, priorities=(TicketPriority.URGENT,), first_response_min=2
        )
        desk.policy("vip", position=30, customer_tags=("vip",), first_response_min=3)
        group = desk.world.run(create_customer_group, CreateCustomerGroup(code="w", name="W")).value
        member = desk.office.customer()
        change = ChangeCustomerGroupMembers(id=group, added_ids=(member,))
        desk.world.run(change_customer_group_members, change)
        desk.policy("group", position=35, customer_group_ids=(group,), first_response_min=7)
        desk.policy("german", position=40, languages=("de",), first_response_min=4)
        desk.policy("team", position=50, team_ids=(team,), first_response_min=5)
        other = desk.office.team(name="Other")

        tried: list[tuple[dict[str, Any], int]] = [
            ({"message": {"source": TicketSource.PHONE}, "priority": TicketPriority.URGENT}, 1),
            ({"priority": TicketPriority.URGENT, "customer_id": customer}, 2),
            ({"customer_id": customer, "team_id": other}, 3),
            ({"language": "de-AT", "customer_id": member}, 7),
            ({"language": "de-AT", "team_id": other}, 4),
            ({"team_id": team}, 5),
            ({"team_id": other, "language": "en"}, 600),
        ]
        for values, minutes in tried:
            assert desk.due(desk.office.open(**values))[0] == later(minutes=minutes)

    def test_follow_the_priority_of_a_ticket(self, desk: Desk) -> None:
        desk.policy()
        desk.policy("urgent", position=1, priorities=(TicketPriority.URGENT,), first_response_min=5)
        id = desk.office.open()

        change = changing.UpdateTicket(id=id, priority=TicketPriority.URGENT)
        desk.world.run(changing.update_ticket, change, now=later(minutes=1))

        assert desk.due(id)[0] == later(minutes=5)
        desk.verify()

    def test_count_for_what_is_to_come_when_they_change(self, desk: Desk) -> None:
        policy = desk.policy(resolution_min=600)
        late, met, fresh, done = (desk.office.open(cause_key=str(each)) for each in range(4))
        desk.office.reply(met, now=later(minutes=50), then=TicketAfterReply.STAY_OPEN)
        desk.move(moving.resolve_ticket, moving.ResolveTicket, done, minutes=50)
        desk.watch(minutes=70)
        # Those two become overdue, and the third one is answered.
        desk.office.reply(fresh, now=later(minutes=75), then=TicketAfterReply.STAY_OPEN)
        desk.policy(first_response_min=30, resolution_min=300)
        assert desk.reapply(minutes=80) == 3

        assert desk.due(late)[2:] == (later(hours=5), later(minutes=30))
        assert desk.due(met)[2] == later(hours=5)
        assert desk.due(done)[3] is None
        states = [desk.clock(each, FIRST).state for each in (late, met, fresh, done)]
        assert states == [
            ClockState.RUNNING,
            ClockState.MET,
            ClockState.MISSED,
            ClockState.STOPPED,
        ]
        assert desk.clock(late, FIRST).breached_at == later(hours=1)
        assert desk.told() == {"ticket.sla_breached": 2}
        desk.world.run(remove_sla_policy, RemoveSlaPolicy(id=policy))
        desk.reapply(minutes=90)
        assert desk.due(late)[3] is None
        assert [each.state for each in desk.clocks(late)] == [ClockState.VOID]
        assert desk.clock(fresh, FIRST).state is ClockState.MISSED
        desk.verify()

    def test_get_new_terms_with_their_calendar(self, desk: Desk) -> None:
        calendar = desk.calendar()
        policy = desk.policy(calendar_id=calendar)
        id = desk.office.open()
        before = desk.due(id)[0]
        desk.calendar(date(2025, 3, 3))
        desk.calendar(date(2025, 3, 3))
        desk.reapply(hours=1)

        # The ticket came on a Saturday: due at ten on Monday in Berlin, or on Tuesday.
        assert before == later(hours=47, minutes=30)
        assert desk.due(id)[0] == later(hours=71, minutes=30)
        found = desk.world.read(policies_by_ids, [policy])[policy]
        terms = desk.world.read(terms_by_ids, [found.terms_id])[found.terms_id]
        assert (found.version, terms.revision) == (2, 2)
        with desk.world.database.reading.connect() as db:
            queued = db.execute(select(jobs.c.id).where(jobs.c.kind == REAPPLY_JOB)).all()
        assert len(queued) == 2
        desk.verify()

    @pytest.mark.parametrize(
        ("values", "codes"),
        [
            ({"first_response_min": None}, ["NOTHING_PROMISED"]),
            ({"first_response_min": 0}, ["OUT_OF_RANGE", "NOTHING_PROMISED"]),
            ({"name": "", "warn_percent": 101}, ["INVALID_TEXT", "OUT_OF_RANGE"]),
            ({"customer_tags": ("a", "a")}, ["DUPLICATE"]),
            (
                {
                    "calendar_id": UUID(int=1),
                    "team_ids": (UUID(int=2),),
                    "customer_group_ids": (UUID(int=3),),
                },
                ["UNKNOWN_TICKET_TEAM", "UNKNOWN_CUSTOMER_GROUP", "UNKNOWN_CALENDAR"],
            ),
        ],
    )
    def test_are_refused_where_they_make_no_sense(
        self, desk: Desk, values: dict[str, Any], codes: list[str]
    ) -> None:
        with pytest.raises(DomainError) as refused:
            desk.policy(**{"code": "all", **values})

        assert [each.code for each in refused.value.reasons()] == codes


class TestWatching:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        steps=st.lists(
            st.tuples(
                st.integers(1, 400),
                st.sampled_from(
                    ["reply", "receive", "resolve", "close", "reopen", "await", "policy"]
                ),
            ),
            max_size=9,
        )
    )
    def test_keeps_what_the_log_says(self, desk: Desk, steps: list[tuple[int, str]]) -> None:
        desk.policy(next_response_min=90, resolution_min=300)
        id, passed = desk.office.open(now=NOW), 0
        for minutes, step in steps:
            passed += minutes
            try:
                match step:
                    case "reply":
                        desk.office.reply(id, now=later(minutes=passed))
                    case "receive":
                        desk.office.receive(id, now=later(minutes=passed))
                    case "resolve":
                        desk.move(moving.resolve_ticket, moving.ResolveTicket, id, minutes=passed)
                    case "close":
                        desk.move(moving.close_ticket, moving.CloseTicket, id, minutes=passed)
                    case "reopen":
                        desk.move(moving.reopen_ticket, moving.ReopenTicket, id, minutes=passed)
                    case "await":
                        desk.move(moving.await_internal, moving.AwaitInternal, id, minutes=passed)
                    case _:
                        desk.policy(first_response_min=passed, pauses_internal=passed % 2 == 0)
                        desk.reapply(minutes=passed)
            except DomainError:
                continue
            desk.watch(minutes=passed)
        desk.verify()
