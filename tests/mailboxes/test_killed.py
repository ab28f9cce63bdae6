"""kill -9 before every statement of a worker: no mail is lost, none becomes two messages."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.messages.ports import Mail, MailAnswer, MailOutcome
from tests.killing import killed_at_each_step
from tests.mailboxes.imap import ImapBox
from tests.mailboxes.room import Room, mail
from tests.thorough import THOROUGH, usually_on
from tests.world import World

# Steps between two deaths: all of them where there is time.
EVERY = 1 if THOROUGH else 19


@pytest.fixture
def own(
    database_url: str, opens: Callable[..., Database], tmp_path: Path, imap: ImapBox
) -> Iterator[Room]:
    """A post room in a database of its own."""
    imap.clear()
    database = opens(database_url)
    threads = Threads(database, pool_size=1)
    yield Room(World(database, threads), tmp_path, imap)
    threads.shutdown()


class Ledger:
    """A mail server that writes down what it takes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def send(self, mail: Mail) -> MailAnswer:
        assert mail.correspondence is not None
        with self.file.open("a", encoding="utf-8") as out:
            out.write(f"{mail.correspondence.mail_id}\n")
        return MailAnswer(MailOutcome.TAKEN, "250 OK")


def work(url: str, folder: Path, port: int) -> None:
    """What one worker fetches, reads and sends, which ends after that."""
    database = open_database(url)
    threads = Threads(database, pool_size=1)
    server = ImapBox()
    server.port = port
    room = Room(World(database, threads), folder, server)
    room.fetch()
    room.read()
    room.send(Ledger(folder / "ledger"))
    threads.shutdown()
    database.dispose()


@usually_on("postgresql")
class TestKilledWorkers:
    def test_lose_no_mail_and_take_none_twice(self, own, database_url, tmp_path):
        """Each child dies at another step, with one mail to fetch and one reply to send."""
        own.mailbox()
        ledger = Ledger(tmp_path / "ledger")
        put = 0

        def prepare() -> None:
            nonlocal put
            put += 1
            own.server.put(mail(id=f"{put}@x"))
            if put > 1:
                own.reply(own.received()[-1].ticket_id)
            own.world.database.dispose()

        prepare()
        for _step in killed_at_each_step(
            work, database_url, tmp_path, own.server.port, every=EVERY
        ):
            # What another worker finds, it finishes; what is marked as being sent, it leaves.
            own.fetch()
            own.read()
            own.send(ledger)
            assert own.server.waiting() == []
            prepare()

        found = own.received()
        assert [each.mail_id for each in found] == [f"{n}@x" for n in range(1, put + 1)]
        assert {each.outcome for each in found} == {"opened"}
        assert len(own.tickets()) == put
        taken = Counter(ledger.file.read_text().split())
        assert max(taken.values()) == 1
        assert all(taken[each.mail_id] for each in own.sent() if each.status == "sent")
        assert {each.status.value for each in own.sent()} <= {"sent", "sending"}
        assert own.broken() == []
