"""An office that answers customers: people, teams, tickets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.tables import staff
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.checks import CHECKS
from backoffice_api.domain.tickets.checks.clocks import CHECKS as CLOCKS
from backoffice_api.domain.tickets.commands import opening, teams, writing
from backoffice_api.domain.tickets.model.drafts import MessageDraft
from backoffice_api.domain.tickets.model.tickets import Ticket
from backoffice_api.domain.tickets.model.words import TicketAssignment
from tests.soundness import broken
from tests.world import NOW, World

_new_id = IdSource()


def later(**passed: float) -> datetime:
    return NOW + timedelta(**passed)


class Office:
    """Makes people, teams and tickets with one line each."""

    def __init__(self, world: World) -> None:
        self.world = world

    def people(self, *names: str) -> list[UUID]:
        """Members of staff who may do everything; none of them signs in."""
        ids = [_new_id() for _ in names]
        rows = [
            {
                "id": id,
                "version": 1,
                "created_at": NOW,
                "updated_at": NOW,
                "name": name,
                "email": f"{name}@shop.example",
                "email_key": f"{name}@shop.example",
                "scopes": [],
                "status": StaffStatus.ACTIVE,
            }
            for id, name in zip(ids, names, strict=True)
        ]
        with self.world.database.writing.begin() as db:
            db.execute(insert(staff), rows)
        return ids

    def who(self, id: UUID) -> Caller:
        return Caller(Actor(ActorKind.STAFF, id, "somebody"), ALL_SCOPES)

    def customer(self, name: str = "Ana") -> UUID:
        draft = CustomerDraft(kind=CustomerKind.PERSON, name=name)
        id: UUID = self.world.run(create_customer, CreateCustomer(draft=draft)).value
        return id

    def team(
        self,
        *members: UUID,
        name: str = "Help",
        assignment: TicketAssignment = TicketAssignment.ROUND_ROBIN,
        capacity: int | None = None,
        **values: Any,
    ) -> UUID:
        create = teams.CreateTicketTeam(name=name, assignment=assignment, **values)
        id: UUID = self.world.run(teams.create_ticket_team, create).value
        for each in members:
            member = teams.SetTicketTeamMember(id=id, staff_id=each, capacity=capacity)
            self.world.run(teams.set_ticket_team_member, member)
        return id

    def open(
        self,
        subject: str = "Where is my mug?",
        *,
        now: datetime = NOW,
        message: dict[str, Any] | None = None,
        **values: Any,
    ) -> UUID:
        draft = MessageDraft(**{"body": "It has not come.", **(message or {})})
        command = opening.OpenTicket(subject=subject, message=draft, **values)
        id: UUID = self.world.run(opening.open_ticket, command, now=now).value
        return id

    def receive(
        self, id: UUID, body: str = "And now?", *, now: datetime = NOW, **values: Any
    ) -> Any:
        command = writing.ReceiveOnTicket(id=id, message=MessageDraft(body=body, **values))
        return self.world.run(writing.receive, command, now=now).value

    def reply(self, id: UUID, *, now: datetime = NOW, **values: Any) -> Any:
        command = writing.ReplyToTicket(id=id, body="It is on its way.", **values)
        return self.world.run(writing.reply, command, now=now).value

    def note(self, id: UUID, body: str = "Ask the carrier.", **values: Any) -> Any:
        return self.world.run(writing.note, writing.NoteOnTicket(id=id, body=body), **values).value

    def ticket(self, id: UUID) -> Ticket:
        found: Ticket = self.world.read(queries.ticket, id)
        return found

    def moves(self, id: UUID) -> Sequence[str]:
        """Through which states a ticket went."""
        found = self.world.read(queries.moves_by_tickets, [id])
        return [each.to_status.value for each in found[id]]

    def verify(self) -> None:
        """Fail if something stored is not what it follows from."""
        assert broken(self.world.database, (*CHECKS, *CLOCKS)) == []
