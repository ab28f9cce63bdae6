"""A mail server on loopback, of aiosmtpd, that does what a test tells it to."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class MailBox:
    """What the server has taken, and what it answers."""

    def __init__(self) -> None:
        self.port = 0
        self.clear()

    def clear(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipient_answer = ""
        self.data_answer = ""
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_answer:
            return self.data_answer
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        if self.hangs_up:
            server.transport.abort()
        return "250 Taken"


class _OnAnyPort(Controller):
    """Listens on a port that was free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[MailBox]:
    box = MailBox()
    controller = _OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()
