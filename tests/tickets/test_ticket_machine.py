"""Whatever is done with tickets in whatever order: what is stored of them follows from the log."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.tickets.commands import assigning, merging, moving, writing
from backoffice_api.domain.tickets.model.drafts import MessageDraft
from backoffice_api.domain.tickets.model.refusals import TicketMergedIntoItself
from backoffice_api.domain.tickets.model.tickets import MACHINE
from backoffice_api.domain.tickets.model.words import TicketAfterReply
from tests.tickets.office import Office, later

TICKETS = 3

# What can be done with a ticket: the handler, and its command from the ticket and another one.
Making = Callable[[UUID, UUID], Any]
DEEDS: Mapping[str, tuple[Callable[..., Any], Making]] = {
    "start": (moving.start_ticket, lambda id, _: moving.StartTicket(id=id)),
    "await_customer": (moving.await_customer, lambda id, _: moving.AwaitCustomer(id=id)),
    "await_internal": (moving.await_internal, lambda id, _: moving.AwaitInternal(id=id)),
    "resume": (moving.resume_ticket, lambda id, _: moving.ResumeTicket(id=id)),
    "resolve": (moving.resolve_ticket, lambda id, _: moving.ResolveTicket(id=id)),
    "close": (moving.close_ticket, lambda id, _: moving.CloseTicket(id=id)),
    "reopen": (moving.reopen_ticket, lambda id, _: moving.ReopenTicket(id=id)),
    "mark_as_spam": (moving.mark_ticket_as_spam, lambda id, _: moving.MarkTicketAsSpam(id=id)),
    "unmark_as_spam": (
        moving.unmark_ticket_as_spam,
        lambda id, _: moving.UnmarkTicketAsSpam(id=id),
    ),
    "answer": (
        writing.receive,
        lambda id, _: writing.ReceiveOnTicket(id=id, message=MessageDraft(body="And?")),
    ),
    "reply": (
        writing.reply,
        lambda id, _: writing.ReplyToTicket(id=id, body="So.", then=TicketAfterReply.STAY_OPEN),
    ),
    "note": (writing.note, lambda id, _: writing.NoteOnTicket(id=id, body="Hm.")),
    "assign": (assigning.assign_ticket, lambda id, _: assigning.AssignTicket(id=id, team_id=None)),
    "merge": (
        merging.merge_tickets,
        lambda id, other: merging.MergeTickets(id=other, ticket_ids=(id,)),
    ),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*DEEDS, "close_resolved"]),
        st.integers(0, TICKETS - 1),
        st.integers(0, TICKETS - 1),
    ),
    min_size=8,
    max_size=20,
)


class TestTickets:
    @settings(
        max_examples=15,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    def test_are_what_their_log_says(
        self, office: Office, steps: Sequence[tuple[str, int, int]]
    ) -> None:
        ids = [office.open() for _ in range(TICKETS)]
        for number, (deed, one, other) in enumerate(steps, start=1):
            now = later(days=4 * number)
            if deed == "close_resolved":
                close = moving.CloseResolved()
                office.world.run(moving.close_resolved, close, caller=THE_SYSTEM, now=now)
            else:
                self.do(office, deed, (ids[one], ids[other]), now)

        office.verify()

    def do(self, office: Office, deed: str, on: tuple[UUID, UUID], now: datetime) -> None:
        """Do it, and see that it is refused if the machine does not allow it, and only then."""
        handler, making = DEEDS[deed]
        status = office.ticket(on[0]).status
        # What is written to a merged ticket goes to that in which it goes on.
        allowed = deed in MACHINE.allowed(status) or deed == "answer"
        try:
            office.world.run(handler, making(*on), now=now)
        except InvalidTransition:
            into = office.ticket(on[1]).status
            assert not allowed or (deed == "merge" and "absorb" not in MACHINE.allowed(into))
        except TicketMergedIntoItself:
            assert on[0] == on[1]
        else:
            assert allowed
