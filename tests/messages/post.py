"""Templates, orders and messages as tests need them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backoffice_api.adapters.mail_smtp import MailServer, SmtpMailer
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.checks import CHECKS
from backoffice_api.domain.messages.commands.templates import (
    EnableMessageTemplate,
    SetMessageTemplate,
    enable_template,
    set_template,
)
from backoffice_api.domain.messages.commands.writing import WriteOfEvents, write_of_events
from backoffice_api.domain.messages.model.messages import Message
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.messages.ports import Mail, MailAnswer, MailOutcome
from backoffice_api.domain.messages.tables import messages
from backoffice_api.tasks.messages import SendMessages
from tests.orders.shop import POSTAGE, Shop, address, goods
from tests.soundness import broken
from tests.world import NOW, World

PLACED = MessageTopic.ORDER_PLACED


class Script:
    """A mailer that answers by a script; when it has ended, everything is taken."""

    def __init__(self, *answers: MailOutcome) -> None:
        self.answers = list(answers)
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> MailAnswer:
        self.mails.append(mail)
        outcome = self.answers.pop(0) if self.answers else MailOutcome.TAKEN
        return MailAnswer(outcome, f"said {outcome.value}")


class Post:
    """A shop that writes to its customers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shop = Shop(world)
        self.shop.variant("MUG", 99)

    def customer(self, **values: Any) -> UUID:
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana <b>", **values)
        id: UUID = self.world.run(create_customer, CreateCustomer(draft=draft)).value
        return id

    def place(self, **values: Any) -> UUID:
        given = {"email": "ana@example.com", "shipping_address": address(), **values}
        return self.shop.place(goods("MUG", 2), POSTAGE, **given)

    def template(
        self, topic: MessageTopic = PLACED, locale: str = "en", *, on: bool = True, **parts: Any
    ) -> UUID:
        command = SetMessageTemplate(topic=topic, locale=locale, **parts)
        id: UUID = self.world.run(set_template, command).value
        if on:
            self.world.run(enable_template, EnableMessageTemplate(id=id))
        return id

    def follow(self, now: datetime = NOW) -> int:
        self.world.settle()
        count: int = self.world.run(write_of_events, WriteOfEvents(), now=now).value
        return count

    def messages(self) -> Sequence[Message]:
        """All messages, in the order in which they were written."""
        with self.world.database.reading.connect() as db:
            ids = list(db.execute(select(messages.c.id).order_by(messages.c.id)).scalars())
        found: Mapping[UUID, Message] = self.world.read(queries.messages_by_ids, ids)
        return [found[id] for id in ids]

    def message(self) -> Message:
        """The only one there is."""
        (found,) = self.messages()
        return found

    def send(self, mailer: Any, minutes: float = 0) -> bool:
        now = NOW + timedelta(minutes=minutes)
        return SendMessages(self.world.database, mailer, lambda: now)()

    def smtp(self, port: int, **values: Any) -> SmtpMailer:
        sender = "Shop <shop@example.com>"
        server = MailServer("127.0.0.1", port, "none", sender, **values)
        return SmtpMailer(server, timeout_s=5)

    def events(self, prefix: str = "message") -> list[str]:
        with self.world.database.reading.connect() as db:
            types = db.execute(select(events.c.type).order_by(events.c.sequence)).scalars()
            return [each for each in types if each.startswith(prefix)]

    def refused(self, handler: Any, command: Any, **how: Any) -> list[str]:
        """The codes of the refusals; nothing was changed, not even the log."""
        before = self._logged()
        with pytest.raises(DomainError) as refusal:
            self.world.run(handler, command, **how)
        assert self._logged() == before
        return [each.code for each in refusal.value.reasons()]

    def broken(self) -> list[str]:
        return broken(self.world.database, CHECKS)

    def _logged(self) -> int:
        with self.world.database.reading.connect() as db:
            count: int = db.execute(select(func.count()).select_from(events)).scalar_one()
        return count
