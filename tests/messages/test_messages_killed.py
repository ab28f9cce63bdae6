"""kill -9 before every statement of a worker that sends: no mail goes out twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.messages.model.messages import SENDING_MAX, MessageFailure
from backoffice_api.domain.messages.ports import Mail, MailAnswer, MailOutcome
from backoffice_api.tasks.messages import SendMessages
from tests.killing import killed_at_each_step
from tests.messages.post import Post
from tests.thorough import usually_on
from tests.world import NOW, World

LATER = NOW + SENDING_MAX + timedelta(minutes=1)


class Ledger:
    """A mail server that writes down what it takes, and forgets nothing of it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def send(self, mail: Mail) -> MailAnswer:
        with self.file.open("a", encoding="utf-8") as out:
            out.write(f"{mail.key}\n")
        return MailAnswer(MailOutcome.TAKEN, "250 OK")

    def taken(self) -> Counter[str]:
        """How often each mail was taken, by its key."""
        return Counter(self.file.read_text(encoding="utf-8").split() if self.file.exists() else ())


@pytest.fixture
def post(database_url: str, opens: Callable[..., Database]) -> Iterator[Post]:
    """A post room in a database of its own."""
    database = opens(database_url)
    threads = Threads(database, pool_size=1)
    yield Post(World(database, threads))
    threads.shutdown()


def send(url: str, file: Path) -> None:
    """What one worker sends, which ends after that."""
    database = open_database(url)
    SendMessages(database, Ledger(file), lambda: NOW)()
    database.dispose()


@usually_on("postgresql")
class TestKilledSending:
    def test_sends_each_mail_once_or_says_that_nobody_knows(self, post, database_url, tmp_path):
        ledger = Ledger(tmp_path / "mails")
        database = post.world.database
        post.template()

        def prepare() -> None:
            post.place()
            post.follow()
            database.dispose()

        prepare()
        for _step in killed_at_each_step(send, database_url, ledger.file):
            SendMessages(database, ledger, lambda: LATER)()
            prepare()

        taken = ledger.taken()
        found = post.messages()
        assert max(taken.values()) == 1
        assert all(taken[each.mail_key] == 1 for each in found if each.status == "sent")
        unsure = [each for each in found if each.failure is MessageFailure.UNCERTAIN]
        # Some died between the mark and the call, some between the answer and its settling.
        assert {taken[each.mail_key] for each in unsure} == {0, 1}
        assert {each.status.value for each in found if each not in unsure} <= {"sent", "queued"}
        assert post.broken() == []
