"""Who bears a token, how often the database is asked, when the last use is noted."""

import asyncio
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from backoffice_api.domain.identity.commands.sessions import EndSession, end_session
from backoffice_api.domain.identity.commands.staff import DisableStaff, disable_staff
from backoffice_api.domain.identity.commands.tokens import RevokeToken, revoke_token
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.web.authenticate import CACHE_MAX, Authenticator
from tests.databases import count_statements
from tests.identity.people import add_staff, add_token, sign_in
from tests.web.door import Door
from tests.world import NOW


@pytest.fixture
def door(world):
    return Door(world)


def request(*authorizations):
    return Request(
        {
            "type": "http",
            "headers": [(b"authorization", each.encode()) for each in authorizations],
        }
    )


def asked(seen):
    return sum(each.startswith("SELECT") for each in seen)


class TestAuthenticate:
    def test_knows_tokens_and_sessions(self, world, door):
        staff = add_staff(world)
        token, session = add_token(world), sign_in(world)

        assert door.who(token.secret.reveal()) == ids.text("tok", token.id)
        assert door.who(session.secret.reveal()) == ids.text("stf", staff)

    async def test_gives_the_caller_its_rights(self, world, door):
        token = add_token(world, Scope.ORDERS_READ, Scope.STOCK_READ)

        caller = await door.authenticator.authenticate(request(f"Bearer {token.secret.reveal()}"))

        assert caller.scopes == {Scope.ORDERS_READ, Scope.STOCK_READ}
        await door.authenticator.close()

    async def test_notes_the_name_for_the_log(self, world, door):
        token = add_token(world)
        asked = request(f"bearer  {token.secret.reveal()}")

        await door.authenticator.authenticate(asked)

        assert asked.state.actor_id == ids.text("tok", token.id)
        await door.authenticator.close()

    @pytest.mark.parametrize(
        "authorizations",
        [
            (),
            ("",),
            ("Bearer",),
            ("Bearer ",),
            ("Basic YTpi",),
            ("Bearer a b",),
            ("Bearer caf\u00e9",),
            ("Bearer bo_short",),
            ("Bearer bo_" + "A" * 48,),
            ("Bearer " + "A" * 100_000,),
            ("Bearer bo_" + "A" * 48, "Bearer bo_" + "A" * 48),
        ],
    )
    async def test_asks_the_database_nothing_for_what_is_no_token(
        self, world, door, authorizations
    ):
        with count_statements(world.database) as seen, pytest.raises(RequestError) as refused:
            await door.authenticator.authenticate(request(*authorizations))

        assert refused.value.code is ErrorCode.UNAUTHENTICATED
        assert seen == []

    async def test_fails_where_the_database_does(self, world, door):
        token = add_token(world)

        def fail(*_):
            raise OperationalError("SELECT", {}, Exception("gone"))

        event.listen(world.database.reading, "before_cursor_execute", fail)
        with pytest.raises(OperationalError):
            await door.authenticator.authenticate(request(f"Bearer {token.secret.reveal()}"))
        event.remove(world.database.reading, "before_cursor_execute", fail)


class TestCache:
    def test_asks_once_a_second(self, world, door):
        token = add_token(world).secret.reveal()

        with count_statements(world.database) as seen:
            for _ in range(3):
                door.who(token)
            door.wait(seconds=0.999)
            door.who(token)
            assert asked(seen) == 1
            door.wait(seconds=0.001)
            door.who(token)
            assert asked(seen) == 2

    def test_keeps_no_refusal(self, world, door):
        add_staff(world)
        made = sign_in(world)
        unknown = made.secret.reveal()
        world.run(end_session, EndSession(id=made.id))

        with count_statements(world.database) as seen:
            assert door.who(unknown) is None
            assert door.who(unknown) is None

        assert asked(seen) == 2

    def test_lets_no_revoked_token_in_a_second_later(self, world, door):
        token = add_token(world)
        door.who(token.secret.reveal())
        world.run(revoke_token, RevokeToken(id=token.id))

        door.wait(seconds=1)

        assert door.who(token.secret.reveal()) is None

    def test_lets_nobody_in_a_second_after_being_disabled(self, world, door):
        id = add_staff(world)
        session = sign_in(world)
        door.who(session.secret.reveal())
        world.run(disable_staff, DisableStaff(id=id))

        door.wait(seconds=1)

        assert door.who(session.secret.reveal()) is None

    async def test_is_bounded(self, world, door):
        first = add_token(world).secret.reveal()
        others = [f"{number}" for number in range(CACHE_MAX)]
        known = door.authenticator._known

        await door.authenticator.authenticate(request(f"Bearer {first}"))
        known.update(dict.fromkeys(others, next(iter(known.values()))))
        door.wait(seconds=1)
        await door.authenticator.authenticate(request(f"Bearer {first}"))

        assert len(known) == CACHE_MAX
        await door.authenticator.close()


class TestNoteUses:
    async def test_notes_the_last_use_apart_from_the_request(self, world, door):
        token = add_token(world)
        header = f"Bearer {token.secret.reveal()}"

        with count_statements(world.database) as seen:
            await door.authenticator.authenticate(request(header))
        assert not any(each.startswith("UPDATE") for each in seen)
        await door.authenticator.note_uses()

        assert last_use(world, token) == NOW
        await door.authenticator.close()

    async def test_notes_at_most_once_a_minute(self, world, door):
        token = add_token(world)
        header = f"Bearer {token.secret.reveal()}"
        noted = []
        for seconds in (0, 59, 1, 30):
            door.wait(seconds=seconds)
            await door.authenticator.authenticate(request(header))
            with count_statements(world.database) as seen:
                await door.authenticator.note_uses()
            noted.append(any(each.startswith("UPDATE") for each in seen))

        assert noted == [True, False, True, False]
        assert last_use(world, token) == NOW + timedelta(minutes=1)
        await door.authenticator.close()

    async def test_notes_what_is_left_when_it_closes(self, world, door):
        token = add_token(world)

        await door.authenticator.authenticate(request(f"Bearer {token.secret.reveal()}"))
        await door.authenticator.close()

        assert last_use(world, token) == NOW

    async def test_notes_by_itself_after_a_while(self, world):
        token = add_token(world)
        authenticator = Authenticator(
            world.database, world.threads, now=lambda: NOW, note_after_s=0
        )

        await authenticator.authenticate(request(f"Bearer {token.secret.reveal()}"))
        await asyncio.wait_for(authenticator._noting, 10)

        assert last_use(world, token) == NOW

    async def test_fails_nobody_where_the_database_fails(self, world, door):
        token = add_token(world)
        await door.authenticator.authenticate(request(f"Bearer {token.secret.reveal()}"))

        def fail(*_):
            raise OperationalError("UPDATE", {}, Exception("gone"))

        event.listen(world.database.writing, "before_cursor_execute", fail)
        with structlog.testing.capture_logs() as lines:
            await door.authenticator.note_uses()
        event.remove(world.database.writing, "before_cursor_execute", fail)

        assert [each["event"] for each in lines] == ["authenticate.uses_not_noted"]
        assert last_use(world, token) is None
        await door.authenticator.close()

    def test_lets_a_session_live_while_it_is_used(self, world, door):
        add_staff(world)
        token = sign_in(world).secret.reveal()
        for _ in range(11):
            door.wait(hours=1)
            assert door.who(token) is not None
            asyncio.run(door.authenticator.note_uses())

        door.wait(hours=1)

        assert door.who(token) is None


def last_use(world, token):
    return world.read(queries.tokens_by_ids, [token.id])[token.id].last_used_at


class TestHeaders:
    def test_take_any_case_of_the_scheme(self, world, door):
        token = add_token(world).secret.reveal()

        for name in ("Bearer", "bearer", "BEARER"):
            answer = door.client.get("/who", headers={"authorization": f"{name} {token}"})
            assert answer.status_code == 200
