"""What is revoked, ended, expired or taken away opens nothing a second later, in every process."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta

import pytest
from starlette.requests import Request

from backoffice_api.domain.identity.commands.factors import ResetSecondFactor, reset_second_factor
from backoffice_api.domain.identity.commands.sessions import (
    EndOwnSessions,
    EndSession,
    EndSessionsOf,
    end_own_sessions,
    end_session,
    end_sessions_of,
)
from backoffice_api.domain.identity.commands.staff import (
    DisableStaff,
    SetStaffPassword,
    UpdateStaff,
    disable_staff,
    update_staff,
)
from backoffice_api.domain.identity.commands.tokens import RevokeToken, revoke_token
from backoffice_api.domain.identity.model.staff import SECRET_BYTES, kind_of
from backoffice_api.domain.identity.queries.staff import open_sessions
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import ActorKind
from tests.identity.people import add_staff, add_token, bearer, cheap_set_password, sign_in
from tests.identity.test_second_factors import confirmed
from tests.web.door import Door
from tests.world import NOW

EDGE = timedelta(seconds=1)


@dataclass
class Scene:
    """Somebody who is known in two processes, each with what it remembers."""

    world: object
    owner: object
    session: object
    other: object


@pytest.fixture
def scene(world):
    owner = add_staff(world)
    return Scene(world, owner, sign_in(world), sign_in(world))


WAYS = {
    "ended": lambda s: s.world.run(end_session, EndSession(id=s.session.id)),
    "signed out of all": lambda s: s.world.run(
        end_own_sessions, EndOwnSessions(), caller=bearer(s.world, s.other.secret).caller
    ),
    "all ended by another": lambda s: s.world.run(end_sessions_of, EndSessionsOf(id=s.owner)),
    "password set": lambda s: s.world.run(
        cheap_set_password,
        SetStaffPassword(id=s.owner, password=Secret("another sentence of many words")),
    ),
    "disabled": lambda s: s.world.run(disable_staff, DisableStaff(id=s.owner)),
    "second factor set up elsewhere": lambda s: confirmed(s.world),
}


class TestSessions:
    @pytest.mark.parametrize("end", WAYS.values(), ids=WAYS)
    def test_open_nothing_a_second_later_in_any_process(self, scene, end):
        processes = [Door(scene.world), Door(scene.world)]
        token = scene.session.secret.reveal()
        assert all(each.who(token) for each in processes)

        end(scene)

        for process in processes:
            process.wait(seconds=1)
        assert [each.who(token) for each in processes] == [None, None]

    def test_of_who_had_the_second_factor_reset_are_over(self, world):
        owner = add_staff(world)
        _, _, asker = confirmed(world)
        open_before = bearer_of(world, asker)

        world.run(reset_second_factor, ResetSecondFactor(id=owner))

        assert open_before
        assert not bearer_of(world, asker)

    async def test_lose_a_right_a_second_after_it_was_taken(self, world):
        owner = add_staff(world, Scope.ORDERS_READ)
        door, session = Door(world), sign_in(world)
        request = asked(session.secret)
        before = await door.authenticator.authenticate(request)

        world.run(update_staff, UpdateStaff(id=owner, scopes=()))

        door.wait(seconds=1)
        after = await door.authenticator.authenticate(request)
        assert (before.scopes, after.scopes) == ({Scope.ORDERS_READ}, frozenset())
        await door.authenticator.close()


class TestTokens:
    def test_open_nothing_a_second_after_they_were_revoked_or_expired(self, world):
        revoked = add_token(world)
        short = add_token(world, expires_at=NOW + EDGE)
        processes = [Door(world), Door(world)]
        tokens = [each.secret.reveal() for each in (revoked, short)]
        assert all(door.who(token) for door in processes for token in tokens)

        world.run(revoke_token, RevokeToken(id=revoked.id))

        for process in processes:
            process.wait(seconds=1)
        assert {door.who(token) for door in processes for token in tokens} == {None}

    def test_have_256_random_bits_a_prefix_and_a_checksum(self, world):
        text = add_token(world).secret.reveal()
        prefix, _, body = text.partition("_")
        raw = urlsafe_b64decode(body)

        assert (prefix, len(raw) - SECRET_BYTES) == ("bo", 4)
        assert SECRET_BYTES * 8 >= 256
        assert kind_of(Secret(text)) is ActorKind.TOKEN
        assert kind_of(Secret(text[:-1] + ("A" if text[-1] != "A" else "B"))) is None


def asked(secret):
    header = (b"authorization", f"Bearer {secret.reveal()}".encode())
    return Request({"type": "http", "headers": [header]})


def bearer_of(world, asker):
    """Whether the session in which somebody asked is open."""
    found = world.read(open_sessions, asker.staff_id, NOW)
    return asker.actor.session_id in {each.id for each in found}
