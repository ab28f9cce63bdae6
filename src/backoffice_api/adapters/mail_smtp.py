"""Mail by SMTP (RFC 5321), one connection for each mail."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import EmailPolicy
from email.utils import formatdate, parseaddr
from typing import Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from backoffice_api.domain.messages.ports import Correspondence, Mail, MailAnswer, MailOutcome

Security = Literal["none", "starttls", "tls"]
TIMEOUT_S = 30
# All steps of one mail together; far below what a worker takes for abandoned.
CONVERSATION_MAX_S = 180
_PERMANENT = 500
# Half of what RFC 5322, 2.1.1 allows.
_LINE_LENGTH_MAX = 500
# Our own mails carry it, so that one that comes back is known.
OWN_HEADER = "X-Backoffice-Ticket"
_PLAIN_ID = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, repr=False)
class MailServer:
    """Where mail is handed in, and as whom. `sender`: as `Shop <shop@example.com>`."""

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = None


class SmtpMailer:
    """Hands mails to one server."""

    def __init__(self, server: MailServer, timeout_s: float = TIMEOUT_S) -> None:
        self._server = server
        self._timeout_s = timeout_s

    def send(self, mail: Mail) -> MailAnswer:
        """Try once. It raises nothing: whatever happens is an answer."""
        return asyncio.run(self._send(mail))

    async def _send(self, mail: Mail) -> MailAnswer:
        progress = _Progress()
        try:
            async with asyncio.timeout(CONVERSATION_MAX_S):
                return await self._converse(mail, progress)
        except SMTPResponseException as failure:
            if progress.taken:  # it was only the farewell that failed
                return progress.taken
            said = f"{failure.code} {failure.message}"
            if progress.hands_over and not 400 <= failure.code < 600:
                # The content is out, and the answer is none that SMTP knows: it may have arrived.
                return MailAnswer(MailOutcome.UNCERTAIN, said)
            # Wrong passwords and the like are the shop's fault, not the mail's: try again.
            for_good = failure.code >= _PERMANENT and progress.names_people
            return MailAnswer(MailOutcome.REFUSED if for_good else MailOutcome.LATER, said)
        except (SMTPException, OSError, TimeoutError, ValueError) as failure:
            if progress.taken:
                return progress.taken
            said = f"{type(failure).__name__}: {failure}"
            outcome = MailOutcome.UNCERTAIN if progress.hands_over else MailOutcome.LATER
            return MailAnswer(outcome, said)

    async def _converse(self, mail: Mail, progress: "_Progress") -> MailAnswer:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            timeout=self._timeout_s,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.user,
            password=server.password,
        )
        async with client:
            content = written(mail, server.sender).as_bytes(policy=_policy(mail))
            known = mail.correspondence
            await client.mail(known.reply_to if known else parseaddr(server.sender)[1])
            progress.names_people = True
            await client.rcpt(mail.recipient)
            for each in known.copies if known else ():
                with suppress(SMTPResponseException):
                    # Who asked gets an answer, even if nobody can be sent a copy.
                    await client.rcpt(each)
            progress.hands_over = True
            answer = await client.data(content)
            progress.taken = MailAnswer(MailOutcome.TAKEN, f"{answer.code} {answer.message}")
            return progress.taken


class _Progress:
    """How far a conversation has come: what a failure means depends on it."""

    names_people = False
    hands_over = False
    taken: MailAnswer | None = None


def written(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it goes over the wire. Its Message-ID is the same whenever it is sent."""
    message = EmailMessage()
    if mail.correspondence:
        _address(message, mail.correspondence)
    else:
        domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        message["From"] = sender
        message["Message-ID"] = f"<{mail.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
    message["To"] = mail.recipient
    message["Subject"] = _line(mail.subject)
    message["Date"] = formatdate()
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    for each in mail.correspondence.files if mail.correspondence else ():
        kind, _, subkind = each.media_type.partition("/")
        message.add_attachment(each.content, maintype=kind, subtype=subkind, filename=each.name)
    return message


def _address(message: EmailMessage, known: Correspondence) -> None:
    """Say from whom it is, what it answers, and where answers go (RFC 5322, 3.6.4; RFC 3834)."""
    local_part, _, domain = known.sender.rpartition("@")
    message["From"] = Address(_line(known.sender_name), local_part, domain)
    message["Reply-To"] = known.reply_to
    if known.copies:
        message["Cc"] = ", ".join(known.copies)
    message["Message-ID"] = f"<{known.mail_id}>"
    # What is answered chose its Message-ID itself; one that is none is answered without it.
    if references := [each for each in known.references if _is_plain(each)]:
        message["In-Reply-To"] = f"<{references[-1]}>"
        message["References"] = " ".join(f"<{each}>" for each in references)
    message[OWN_HEADER] = known.mark
    if not known.by_person:
        message["Auto-Submitted"] = "auto-generated"


def _line(text: str) -> str:
    """The text as a header says it: in one line, and as it is.

    The library would read encoded words (RFC 2047) in it, and with them whatever line breaks and
    headers somebody has put there.
    """
    return " ".join(text.split()).replace("=?", "= ?")


def _is_plain(mail_id: str) -> bool:
    return _PLAIN_ID.fullmatch(mail_id) is not None and "=?" not in mail_id


def _policy(mail: Mail) -> "EmailPolicy[EmailMessage]":
    """Message-IDs are longer than lines like to be, and must not be broken or encoded."""
    return (
        SMTP_POLICY.clone(max_line_length=_LINE_LENGTH_MAX) if mail.correspondence else SMTP_POLICY
    )
