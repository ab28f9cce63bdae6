"""What the office needs of mailboxes: mails that came in, and one that could not be sent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from backoffice_api.adapters.channel_fake import FakeChannel
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.adapters.storage_local import LocalStorage
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.messages.ports import MailOutcome
from backoffice_api.tasks.mailboxes import MailDesk, ReadMails, SendTicketMails
from tests.messages.post import Script

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {"MailboxUpdateInput": ("name",)}

LAST = "{ receivedMails(first: 1) { nodes { id ticket { id } } } }"
SENT = "{ sentMails(first: 1) { nodes { id } } }"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""

    def box(code: str) -> str:
        given = {"code": code, "name": "Shop", "kind": "IMAP", "address": f"{code}@shop.example"}
        return office._id("mailboxCreate", "mailbox", input=given)

    used, resting = box("used"), box("resting")
    office.do("mailboxDisable", id=resting)
    folder = Path(mkdtemp())
    desk = MailDesk(office.database, LocalFolder(folder / "mail"), lambda: datetime.now(UTC))
    media = LocalStorage(folder / "media")

    def take(raw: bytes) -> Mapping[str, Any]:
        desk.keep(ids.parse("mbx", used), raw)
        found: Mapping[str, Any] = office.ask(LAST).json()["data"]["receivedMails"]["nodes"][0]
        ReadMails(desk, media)(ids.parse("rcm", found["id"]))
        return found

    take(b"From: ana@example.com\r\nSubject: Hello\r\n\r\nHello?")
    asked = office.ask(LAST).json()["data"]["receivedMails"]["nodes"][0]
    office.do("ticketReply", id=asked["ticket"]["id"], input={"body": "Yes."})
    SendTicketMails(desk, media, Script(MailOutcome.REFUSED), lambda _: FakeChannel(folder))()
    failed = office.ask(SENT).json()["data"]["sentMails"]["nodes"][0]
    return {
        "MailboxCreateInput.code": "new",
        "MailboxCreateInput.address": "new@shop.example",
        "mailbox.id": used,
        "mailboxUpdate.id": used,
        "mailboxDisable.id": used,
        "mailboxEnable.id": resting,
        "receivedMail.id": asked["id"],
        "receivedMailRetry.id": take(b"nothing")["id"],
        "receivedMailDismiss.id": take(b"nothing at all")["id"],
        "sentMail.id": failed["id"],
        "sentMailResend.id": failed["id"],
    }
