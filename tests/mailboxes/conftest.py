"""A post room and servers for tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mailboxes.imap import ImapBox, imap_server
from tests.mailboxes.room import Room
from tests.messages.mail import MailBox, mail_server
from tests.world import World


@pytest.fixture(scope="session")
def imap() -> Iterator[ImapBox]:
    with imap_server() as box:
        yield box


@pytest.fixture
def room(world: World, tmp_path: Path, imap: ImapBox) -> Room:
    imap.clear()
    return Room(world, tmp_path, imap)


@pytest.fixture(scope="session")
def smtp() -> Iterator[MailBox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def outbox(smtp: MailBox) -> MailBox:
    """A real mail server on loopback, empty and willing."""
    smtp.clear()
    return smtp
