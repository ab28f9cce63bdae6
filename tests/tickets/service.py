"""A shop whose customers ask: orders that have left the house, and the desk that answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.domain.kernel.events import Logged, events
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.tickets.commands import acting, canning, drafting, ruling, watching
from backoffice_api.domain.tickets.model.acts import TicketAct, TicketActKind
from backoffice_api.domain.tickets.model.rules import TicketCause
from backoffice_api.domain.tickets.model.tickets import TicketLink
from backoffice_api.domain.tickets.queries import desk as queries
from backoffice_api.domain.tickets.queries import links_by_tickets
from backoffice_api.domain.tickets.tables import tickets
from backoffice_api.domain.tracking.commands.recording import RecordTracking, record_tracking
from backoffice_api.domain.tracking.model.trackings import EventDraft
from tests.returns.desk import Desk
from tests.tickets.office import Office
from tests.world import NOW, World


class Service:
    """`shop` sells and takes back, `office` answers. Ana's mugs have left the house."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shop = Desk(world)
        self.office = Office(world)

    def act(self, ticket_id: UUID, kind: TicketActKind, act: Any, **how: Any) -> UUID:
        command = acting.ActOnTicket(id=ticket_id, kind=kind, act=act)
        id: UUID = self.world.run(acting.act_on_ticket, command, **how).value
        return id

    def acts(self, *subject_ids: UUID) -> Sequence[TicketAct]:
        """From where these things were made."""
        found = self.world.read(queries.acts_by_subjects, subject_ids)
        return [each for id in subject_ids for each in found.get(id, ())]

    def links(self, ticket_id: UUID) -> set[tuple[str, str]]:
        found: Sequence[TicketLink] = self.world.read(links_by_tickets, [ticket_id])[ticket_id]
        return {(each.subject_kind, each.relation.value) for each in found}

    def logged(self, prefix: str = "") -> Sequence[Logged]:
        with self.world.database.reading.connect() as db:
            every = fetch(db, Logged, select_as(Logged, events).order_by(events.c.sequence))
        return [each for each in every if each.type.startswith(prefix)]

    def answer(self, text: str = "Hello {{ customer.name }}.", **more: str) -> UUID:
        texts = [
            canning.CannedTextDraft(locale=locale, text=each)
            for locale, each in {"en": text, **more}.items()
        ]
        command = canning.SetCannedAnswer(code="hello", title="Hello", texts=tuple(texts))
        id: UUID = self.world.run(canning.set_canned_answer, command).value
        return id

    def macro(self, **values: Any) -> UUID:
        command = canning.SetTicketMacro(**{"code": "done", "title": "Done", **values})
        id: UUID = self.world.run(canning.set_macro, command).value
        return id

    def save(self, ticket_id: UUID, text: str, base: int, **how: Any) -> Any:
        command = drafting.SaveTicketDraft(id=ticket_id, text=text, base_revision=base)
        return self.world.run(drafting.save_draft, command, **how)

    def rule(
        self, cause: TicketCause = TicketCause.LATE_PARCEL, *, on: bool = True, **values: Any
    ) -> UUID:
        given = {"code": cause.value, "title": "Look into it", "cause": cause, **values}
        id: UUID = self.world.run(ruling.set_rule, ruling.SetTicketRule(**given)).value
        if on:
            self.world.run(ruling.enable_rule, ruling.EnableTicketRule(id=id))
        return id

    def trouble(self, number: str, code: str = "in_transit/held", at: datetime = NOW) -> None:
        """A carrier says that something is wrong with a parcel."""
        told = EventDraft(
            carrier="usps",
            number=number,
            source="easypost",
            code=code,
            text="Held",
            occurred_at=at,
        )
        self.world.run(record_tracking, RecordTracking(events=(told,)), now=at)

    def follow(self, now: datetime = NOW) -> int:
        self.world.settle()
        made: int = self.world.run(watching.open_of_events, watching.OpenOfEvents(), now=now).value
        return made

    def opened(self) -> Sequence[tuple[str, str]]:
        """Rule and cause of each ticket that a rule opened."""
        row = tickets.c
        statement = select(row.opened_by_rule, row.cause_key).where(row.cause_key.is_not(None))
        with self.world.database.reading.connect() as db:
            return [(rule, cause.split(":")[0]) for rule, cause in db.execute(statement)]
