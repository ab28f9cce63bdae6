"""A post room and a mail server for tests."""

from collections.abc import Iterator

import pytest

from tests.messages.mail import MailBox, mail_server
from tests.messages.post import Post
from tests.world import World


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


@pytest.fixture(scope="session")
def server() -> Iterator[MailBox]:
    """A real mail server on loopback, for all tests."""
    with mail_server() as box:
        yield box


@pytest.fixture
def box(server: MailBox) -> MailBox:
    """The same, empty and willing."""
    server.clear()
    return server
