"""Tickets are opened, written on, merged and split, and go from one state to another."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands import assigning, changing, merging, moving, teams
from backoffice_api.domain.tickets.model.drafts import ParticipantDraft, TicketLinkDraft
from backoffice_api.domain.tickets.model.refusals import TicketTaken
from backoffice_api.domain.tickets.model.teams import TicketTeamMember, next_member
from backoffice_api.domain.tickets.model.tickets import MACHINE
from backoffice_api.domain.tickets.model.words import (
    TicketAfterReply,
    TicketAssignment,
    TicketAuthor,
    TicketRelation,
    TicketRole,
    TicketStatus,
    TicketVisibility,
)
from backoffice_api.domain.tickets.tables import tickets
from tests.databases import count_statements
from tests.tickets.office import Office, later
from tests.world import NOW

_S = TicketStatus


class TestOpenTicket:
    def test_opens_one_for_each_cause_and_each_mail(self, office: Office) -> None:
        first = office.open(cause_key="late:1", message={"mail_id": "1@example.com"})

        assert office.open(cause_key="late:1") == first
        assert office.open(message={"mail_id": "1@example.com"}) == first
        ticket = office.ticket(first)
        assert (ticket.number, ticket.version, ticket.status) == ("T-000001", 1, _S.NEW)
        assert office.ticket(office.open()).number == "T-000002"
        office.verify()

    def test_waits_for_the_customer_if_the_shop_writes_first(self, office: Office) -> None:
        id = office.open(message={"author": TicketAuthor.STAFF})
        internal = office.open(
            message={"author": TicketAuthor.SYSTEM, "visibility": TicketVisibility.INTERNAL}
        )

        ticket = office.ticket(id)
        assert (ticket.status, ticket.first_responded_at) == (_S.PENDING_CUSTOMER, NOW)
        assert ticket.last_customer_message_at is None
        assert office.ticket(internal).status is _S.NEW
        office.verify()

    def test_gives_tickets_away_in_turn_and_to_who_has_room(self, office: Office) -> None:
        ana, ben, eva = office.people("ana", "ben", "eva")
        office.team(ana, ben, is_default=True)
        small = office.team(eva, name="Small", assignment=TicketAssignment.LEAST_LOADED, capacity=1)

        turns = [office.ticket(office.open()).assignee_id for _ in range(4)]
        let_go = office.open(assignee_id=ben)
        for values in ({"assignee_id": None}, {"team_id": office.ticket(let_go).team_id}):
            command = assigning.AssignTicket(id=let_go, **values)
            office.world.run(assigning.assign_ticket, command)
        to_eva = office.open(team_id=small)
        waiting = office.open(team_id=small)
        nobody = office.open(skill="French")

        assert turns == [ana, ben, ana, ben]
        assert office.ticket(let_go).assignee_id == ana
        assert office.ticket(to_eva).assignee_id == eva
        assert office.ticket(waiting).assignee_id is None
        assert office.ticket(nobody).assignee_id is None
        give = assigning.GiveWaiting()
        assert office.world.run(assigning.give_waiting, give, caller=THE_SYSTEM).value == 0
        office.reply(to_eva, then=TicketAfterReply.RESOLVE)
        assert office.world.run(assigning.give_waiting, give, caller=THE_SYSTEM).value == 1
        assert office.ticket(waiting).assignee_id == eva
        office.verify()

    def test_lets_nothing_wait_behind_what_nobody_can_do(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(assigning, "GIVEN_AT_ONCE", 2)
        (ana,) = office.people("ana")
        team = office.team()
        for _ in range(2):
            office.open(team_id=team, skill="French")
        waiting = office.open(team_id=team)
        member = teams.SetTicketTeamMember(id=team, staff_id=ana, capacity=1)
        office.world.run(teams.set_ticket_team_member, member)

        give = assigning.GiveWaiting()
        given = [office.world.run(assigning.give_waiting, give).value for _ in range(2)]

        assert given == [1, 0]
        assert office.ticket(waiting).assignee_id == ana

    def test_gives_them_away_evenly_though_many_come_at_once(self, office: Office) -> None:
        members = office.people("a", "b", "c", "d")
        team = office.team(*members)

        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda _: office.open(team_id=team), range(16)))

        found = office.world.read(queries.tickets_by_ids, ids)
        assert Counter(each.assignee_id for each in found.values()) == dict.fromkeys(members, 4)
        assert sorted(each.serial for each in found.values()) == list(range(1, 17))
        office.verify()


class TestTakeTicket:
    def test_lets_one_person_have_it(self, office: Office) -> None:
        people = office.people("a", "b", "c", "d")
        id = office.open()

        def take(who: UUID) -> UUID | None:
            try:
                command = assigning.TakeTicket(id=id)
                office.world.run(assigning.take_ticket, command, caller=office.who(who))
            except TicketTaken as refusal:
                return refusal.assignee_id
            return None

        with ThreadPoolExecutor(4) as pool:
            others = list(pool.map(take, people))

        assert office.moves(id) == ["new", "open"]
        winner = office.ticket(id).assignee_id
        assert winner in people
        assert Counter(others) == {None: 1, winner: 3}


class TestReceive:
    def test_reopens_what_waits_or_is_done_and_wakes_it(self, office: Office) -> None:
        id = office.open(message={"author_email": "Ana@example.com", "mail_id": "1@example.com"})
        office.reply(id, now=later(hours=1))
        snooze = moving.SnoozeTicket(id=id, until=later(days=2))
        office.world.run(moving.snooze_ticket, snooze, now=later(hours=1))

        first = office.receive(id, now=later(hours=2), mail_id="2@example.com")
        again = office.receive(id, now=later(hours=3), mail_id="2@example.com")
        office.reply(id, now=later(hours=4), then=TicketAfterReply.RESOLVE)
        office.receive(id, "It is broken.", now=later(hours=5))

        assert again == first
        ticket = office.ticket(id)
        assert (ticket.status, ticket.reopened_count) == (_S.OPEN, 1)
        assert ticket.snoozed_until is None
        assert ticket.first_responded_at == later(hours=1)
        assert ticket.last_customer_message_at == later(hours=5)
        assert office.moves(id) == ["new", "pending_customer", "open", "resolved", "open"]
        office.verify()

    def test_goes_on_in_a_new_ticket_if_it_was_closed_long_ago(self, office: Office) -> None:
        team = office.team(close_after_days=3, reopen_within_days=5)
        about = TicketLinkDraft(subject_kind="cus", subject_id=office.customer())
        id = office.open(team_id=team, links=(about,), message={"author_email": "ana@example.com"})
        office.reply(id, then=TicketAfterReply.RESOLVE)
        close = moving.CloseResolved()

        def close_at(**passed: float) -> int:
            answer = office.world.run(
                moving.close_resolved, close, now=later(**passed), caller=THE_SYSTEM
            )
            return int(answer.value)

        assert office.ticket(id).closes_at == later(days=3)
        assert (close_at(days=2), close_at(days=3), close_at(days=4)) == (0, 1, 0)
        soon = office.receive(id, now=later(days=8))
        assert (soon.ticket_id, office.ticket(id).status) == (id, _S.OPEN)
        office.reply(id, now=later(days=8), then=TicketAfterReply.RESOLVE)
        assert close_at(days=11) == 1
        late = office.receive(id, "Me again.", now=later(days=17), author_email="ana@example.com")

        again = office.receive(id, "And again.", now=later(days=18))
        assert again.ticket_id == late.ticket_id
        assert office.ticket(id).status is _S.CLOSED
        new = office.ticket(late.ticket_id)
        assert (new.status, new.team_id, new.subject) == (_S.NEW, team, "Where is my mug?")
        links = office.world.read(queries.links_by_tickets, [new.id])[new.id]
        assert {(each.subject_id, each.relation) for each in links} == {
            (id, TicketRelation.FOLLOWS),
            (about.subject_id, TicketRelation.ABOUT),
        }
        office.verify()

    def test_goes_on_anew_if_what_went_on_with_it_was_merged_back(self, office: Office) -> None:
        id = office.open()
        office.reply(id, then=TicketAfterReply.RESOLVE)
        close = moving.CloseTicket(id=id)
        office.world.run(moving.close_ticket, close)
        later_on = office.receive(id, now=later(days=90)).ticket_id
        reopen = moving.ReopenTicket(id=id)
        office.world.run(moving.reopen_ticket, reopen, now=later(days=91))
        merge = merging.MergeTickets(id=id, ticket_ids=(later_on,))
        office.world.run(merging.merge_tickets, merge, now=later(days=91))
        office.reply(id, now=later(days=91), then=TicketAfterReply.RESOLVE)
        office.world.run(moving.close_ticket, close, now=later(days=91))

        late = office.receive(id, "Me again.", now=later(days=190))
        again = office.receive(later_on, "And again.", now=later(days=191))

        assert late.ticket_id not in (id, later_on)
        assert again.ticket_id == late.ticket_id

    def test_goes_on_with_a_stranger_without_what_is_the_customers(self, office: Office) -> None:
        about = TicketLinkDraft(subject_kind="cus", subject_id=office.customer())
        id = office.open(
            links=(about,),
            customer_id=about.subject_id,
            message={"author_email": "ana@example.com"},
        )
        office.reply(id, then=TicketAfterReply.RESOLVE)
        close = moving.CloseResolved()
        office.world.run(moving.close_resolved, close, now=later(days=99), caller=THE_SYSTEM)

        late = office.receive(id, "And?", now=later(days=199), author_email="mallory@example.com")
        other = office.receive(id, "Me again.", now=later(days=200), author_email="ana@example.com")

        assert other.ticket_id != late.ticket_id
        assert office.ticket(other.ticket_id).customer_id == about.subject_id
        assert office.ticket(late.ticket_id).customer_id is None
        links = office.world.read(queries.links_by_tickets, [late.ticket_id])[late.ticket_id]
        assert [(each.subject_id, each.relation) for each in links] == [(id, TicketRelation.ABOUT)]
        office.verify()


class TestMergeTickets:
    def test_moves_what_was_said_and_leaves_no_chain(self, office: Office) -> None:
        ana = office.customer()
        a = office.open("A", message={"author_email": "ana@example.com"}, customer_id=ana)
        b = office.open("B", message={"author_email": "ben@example.com"})
        c = office.open("C", now=later(hours=1), message={"author_email": "eva@example.com"})
        office.reply(a, now=later(hours=2))

        for into_id, merged in ((b, a), (c, b)):
            command = merging.MergeTickets(id=into_id, ticket_ids=(merged,))
            office.world.run(merging.merge_tickets, command, now=later(hours=3))

        into = office.ticket(c)
        assert [office.ticket(each).merged_into_id for each in (a, b)] == [c, c]
        assert (into.customer_id, into.first_responded_at) == (ana, later(hours=2))
        people = office.world.read(queries.participants_by_tickets, [c])[c]
        assert {(each.email, each.role) for each in people} == {
            ("eva@example.com", TicketRole.REQUESTER),
            ("ana@example.com", TicketRole.CC),
            ("ben@example.com", TicketRole.CC),
        }
        assert office.receive(a, now=later(hours=4)).ticket_id == c
        office.verify()
        # The database itself refuses a chain (T2).
        chain = {"status": _S.MERGED, "merged_into_id": office.open("D")}
        with office.world.database.writing.connect() as db, pytest.raises(IntegrityError):
            db.execute(update(tickets).where(tickets.c.id == c).values(chain))

    def test_takes_as_many_statements_for_ten_as_for_two(self, office: Office) -> None:
        ids = [office.open() for _ in range(14)]

        def counted(id: UUID, others: list[UUID]) -> int:
            command = merging.MergeTickets(id=id, ticket_ids=tuple(others))
            with count_statements(office.world.database) as seen:
                office.world.run(merging.merge_tickets, command)
            return len(seen)

        assert counted(ids[0], ids[1:3]) == counted(ids[3], ids[4:])


class TestSplitTicket:
    def test_makes_a_ticket_of_some_messages(self, office: Office) -> None:
        (ana,) = office.people("ana")
        id = office.open(assignee_id=ana, message={"author_email": "ana@example.com"})
        reply = office.reply(id, now=later(hours=1))
        other = office.receive(id, "By the way …", now=later(hours=2))

        def split(*messages: UUID) -> UUID:
            command = merging.SplitTicket(id=id, subject="The way", message_ids=messages)
            made: UUID = office.world.run(merging.split_ticket, command, now=later(hours=3)).value
            return made

        new = office.ticket(split(reply.message_id, other.message_id))

        assert (new.assignee_id, new.first_responded_at) == (ana, later(hours=1))
        assert new.last_customer_message_at == later(hours=2)
        assert office.ticket(id).first_responded_at is None
        links = office.world.read(queries.links_by_tickets, [new.id])[new.id]
        assert [(each.subject_id, each.relation) for each in links] == [
            (id, TicketRelation.SPLIT_FROM)
        ]
        office.verify()


class TestWakeSnoozed:
    def test_wakes_what_slept_long_enough(self, office: Office) -> None:
        ids = [office.open() for _ in range(2)]
        for days, id in enumerate(ids, start=1):
            command = moving.SnoozeTicket(id=id, until=later(days=days))
            office.world.run(moving.snooze_ticket, command)

        answer = office.world.run(moving.wake_snoozed, moving.WakeSnoozed(), now=later(days=1))

        assert answer.value == 1
        assert [office.ticket(id).snoozed_until for id in ids] == [None, later(days=2)]


MERGE = merging.MergeTickets
REFUSALS: list[tuple[str, Any, Any, str]] = [
    ("close", moving.close_ticket, lambda id: moving.CloseTicket(id=id), "INVALID_TRANSITION"),
    (
        "itself",
        merging.merge_tickets,
        lambda id: MERGE(id=id, ticket_ids=(id,)),
        "TICKET_MERGED_INTO_ITSELF",
    ),
    ("nothing", merging.merge_tickets, lambda id: MERGE(id=id, ticket_ids=()), "NOTHING_TO_MERGE"),
    (
        "all",
        merging.split_ticket,
        lambda id: merging.SplitTicket(id=id, subject="S", message_ids=(UUID(int=1),)),
        "UNKNOWN_TICKET_MESSAGE",
    ),
    (
        "past",
        moving.snooze_ticket,
        lambda id: moving.SnoozeTicket(id=id, until=NOW - timedelta(days=1)),
        "SNOOZE_OUT_OF_RANGE",
    ),
    (
        "team",
        assigning.assign_ticket,
        lambda id: assigning.AssignTicket(id=id, team_id=UUID(int=1)),
        "UNKNOWN_TICKET_TEAM",
    ),
    (
        "nobody",
        assigning.assign_ticket,
        lambda id: assigning.AssignTicket(id=id, assignee_id=UUID(int=1)),
        "UNKNOWN_ASSIGNEE",
    ),
    ("robot", assigning.take_ticket, lambda id: assigning.TakeTicket(id=id), "ONLY_STAFF_TAKE"),
    (
        "reached",
        changing.add_ticket_participant,
        lambda id: changing.AddTicketParticipant(
            id=id, participant=ParticipantDraft(role=TicketRole.FOLLOWER, email="a@example.com")
        ),
        "PARTICIPANT_WITHOUT_ADDRESS",
    ),
    (
        "twice",
        changing.add_ticket_participant,
        lambda id: changing.AddTicketParticipant(
            id=id, participant=ParticipantDraft(role=TicketRole.CC, email="ANA@example.com")
        ),
        "TAKES_PART_ALREADY",
    ),
    (
        "link",
        changing.unlink_ticket,
        lambda id: changing.UnlinkTicket(id=id, link_id=UUID(int=1)),
        "UNKNOWN_TICKET_LINK",
    ),
]


class TestRefusals:
    def test_leave_the_ticket_as_it_was(self, office: Office) -> None:
        id = office.open(message={"author_email": "ana@example.com"})
        before = office.ticket(id)

        found = {}
        for name, handler, command, _ in REFUSALS:
            with pytest.raises(DomainError) as refusal:
                office.world.run(handler, command(id))
            found[name] = refusal.value.code

        assert found == {name: code for name, _, _, code in REFUSALS}
        assert office.ticket(id) == before

    def test_of_messages_name_where_it_stands_in_the_input(self, office: Office) -> None:
        id = office.open()
        says: tuple[Callable[..., Any], ...] = (
            lambda **wrong: office.open(message=wrong),
            lambda **wrong: office.receive(id, **wrong),
        )
        paths = []
        for say in says:
            for wrong in ({"body": ""}, {"attachment_ids": (UUID(int=1),)}):
                with pytest.raises(DomainError) as refusal:
                    say(**wrong)
                paths += [each.path for each in refusal.value.reasons()]

        assert paths == [("body",), ("attachment_ids",)] * 2

    def test_of_teams_name_what_is_wrong(self, office: Office) -> None:
        (ana,) = office.people("ana")
        team = office.team(ana)
        commands: list[tuple[Any, Any]] = [
            (teams.create_ticket_team, teams.CreateTicketTeam(name="Help")),
            (teams.create_ticket_team, teams.CreateTicketTeam(name="B", close_after_days=-1)),
            (
                teams.set_ticket_team_member,
                teams.SetTicketTeamMember(id=team, staff_id=ana, capacity=0),
            ),
            (
                teams.remove_ticket_team_member,
                teams.RemoveTicketTeamMember(id=team, staff_id=UUID(int=1)),
            ),
            (teams.restore_ticket_team, teams.RestoreTicketTeam(id=team)),
        ]
        codes = []
        for handler, command in commands:
            with pytest.raises(DomainError) as refusal:
                office.world.run(handler, command)
            codes.append(refusal.value.code)

        assert codes == [
            "TICKET_TEAM_NAME_TAKEN",
            "OUT_OF_RANGE",
            "OUT_OF_RANGE",
            "UNKNOWN_TICKET_TEAM_MEMBER",
            "INVALID_TRANSITION",
        ]


class TestNextMember:
    @given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(0, 40))
    def test_never_goes_above_a_capacity(self, capacities: list[int], count: int) -> None:
        members = [
            TicketTeamMember(UUID(int=1), UUID(int=number), capacity, (), True, 0)
            for number, capacity in enumerate(capacities)
        ]
        loads: Counter[UUID] = Counter()
        for _ in range(count):
            chosen = next_member(TicketAssignment.LEAST_LOADED, members, loads, None)
            if chosen:
                loads[chosen.staff_id] += 1

        assert loads.total() == min(count, sum(capacities))
        assert all(loads[each.staff_id] <= (each.capacity or 0) for each in members)


class TestMachine:
    def test_leaves_merged_tickets_alone(self) -> None:
        assert MACHINE.allowed(_S.MERGED) == []
        assert MACHINE.allowed(_S.SPAM) == ["note", "answer", "unmark_as_spam"]
        with pytest.raises(InvalidTransition):
            MACHINE.check("resolve", _S.CLOSED)
