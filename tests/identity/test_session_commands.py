"""Sessions: started, borne, over, ended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backoffice_api.domain.identity.commands.sessions import (
    EndSession,
    StartSession,
    end_session,
    start_session,
)
from backoffice_api.domain.identity.commands.staff import (
    DisableStaff,
    SetStaffPassword,
    disable_staff,
)
from backoffice_api.domain.identity.commands.uses import NoteUses, Use, note_uses
from backoffice_api.domain.identity.model.staff import (
    SESSIONS_OPEN_MAX,
    UnknownSession,
    WrongCredentials,
    secret_hash,
)
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Actor, ActorKind, Caller
from tests.databases import count_statements
from tests.identity.people import (
    CHEAP,
    PASSWORD,
    add_staff,
    add_token,
    bearer,
    cheap_set_password,
    claim,
    sign_in,
)
from tests.world import CLERK, NOW, caller

TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def kept(world, id):
    return world.read(queries.sessions_by_ids, [id])[id]


def start_of(candidate, **more):
    return StartSession(
        staff_id=candidate.account.staff_id,
        verified=candidate.account.password_hash,
        tried=candidate.tried,
        **({"renewed": None} | more),
    )


def start(world, candidate, **more):
    return world.run(start_session, start_of(candidate, **more), caller=candidate.account.caller)


def note(world, secret, at):
    command = NoteUses(uses=(Use(secret_hash(secret), at),))
    world.run(note_uses, command, caller=THE_SYSTEM, now=at)


class TestStartSession:
    def test_makes_a_secret_that_opens_the_door(self, world):
        id = add_staff(world, Scope.ORDERS_READ)

        made = sign_in(world)

        found = bearer(world, made.secret)
        assert found.caller == Caller(
            Actor(ActorKind.STAFF, id, "Ada"), frozenset({Scope.ORDERS_READ})
        )
        assert found.last_used_at == NOW
        assert made.expires_at == NOW + 12 * HOUR

    def test_asks_once_who_bears_it(self, world):
        add_staff(world)
        made = sign_in(world)

        with count_statements(world.database) as seen:
            bearer(world, made.secret)

        assert [each.split()[0] for each in seen if each != "BEGIN"] == ["SELECT"]

    def test_is_logged_as_done_by_who_signs_in(self, world):
        id = add_staff(world)
        candidate = claim(world)

        answer = start(world, candidate)

        assert [each.kind for each in answer.effects] == ["session.started"]
        assert candidate.account.caller.actor.id == id

    def test_ends_the_oldest_of_too_many(self, world):
        add_staff(world)
        made = [sign_in(world, now=NOW + n * MINUTE) for n in range(SESSIONS_OPEN_MAX + 1)]

        present = [bearer(world, each.secret, NOW + HOUR) is not None for each in made]

        assert present == [False] + [True] * SESSIONS_OPEN_MAX
        assert kept(world, made[0].id).ended_at == NOW + SESSIONS_OPEN_MAX * MINUTE

    def test_is_refused_when_the_password_has_changed_meanwhile(self, world):
        id = add_staff(world)
        candidate = claim(world)
        world.run(cheap_set_password, SetStaffPassword(id=id, password=Secret("x" + PASSWORD)))

        with pytest.raises(WrongCredentials):
            start(world, candidate)

        assert world.read(queries.open_sessions, id, NOW) == []

    def test_is_refused_when_somebody_was_disabled_meanwhile(self, world):
        id = add_staff(world)
        candidate = claim(world)
        world.run(disable_staff, DisableStaff(id=id))

        with pytest.raises(WrongCredentials):
            start(world, candidate)

        assert world.read(queries.open_sessions, id, NOW) == []

    def test_never_outlives_a_disabling_at_the_same_time(self, world):
        id = add_staff(world)
        commands = [start_of(claim(world, address=f"192.0.2.{n}")) for n in range(8)]
        by = claim(world).account.caller

        with ThreadPoolExecutor(8) as threads:
            starts = [
                threads.submit(world.run, start_session, command, caller=by) for command in commands
            ]
            threads.submit(world.run, disable_staff, DisableStaff(id=id)).result()
        outcomes = [each.exception() for each in starts]

        assert {type(each) for each in outcomes} <= {type(None), WrongCredentials}
        assert world.read(queries.open_sessions, id, NOW) == []

    def test_keeps_the_password_at_its_new_price(self, world):
        id = add_staff(world)
        renewed = CHEAP.hash(Secret(PASSWORD), bytes(16))

        start(world, claim(world), renewed=renewed)

        assert world.read(queries.password_hash, id) == renewed


class TestAuthenticate:
    def test_lets_nobody_in_after_two_idle_hours(self, world):
        add_staff(world)
        made = sign_in(world)

        assert bearer(world, made.secret, NOW + 2 * HOUR - TICK) is not None
        assert bearer(world, made.secret, NOW + 2 * HOUR) is None

    def test_lets_nobody_in_after_twelve_busy_hours(self, world):
        add_staff(world)
        made = sign_in(world)
        for hour in range(1, 12):
            note(world, made.secret, NOW + hour * HOUR)

        assert bearer(world, made.secret, NOW + 12 * HOUR - TICK) is not None
        assert bearer(world, made.secret, NOW + 12 * HOUR) is None


class TestEndSession:
    def test_ends_ones_own_without_any_right(self, world):
        add_staff(world)
        made, other = sign_in(world), sign_in(world)
        owner = bearer(world, made.secret).caller

        answer = world.run(end_session, EndSession(id=made.id), caller=owner)

        assert bearer(world, made.secret) is None
        assert bearer(world, other.secret) is not None
        assert kept(world, made.id).ended_at == NOW
        assert [each.kind for each in answer.effects] == ["session.ended"]

    def test_ends_anothers_with_the_right(self, world):
        add_staff(world)
        made = sign_in(world)

        world.run(end_session, EndSession(id=made.id), caller=caller(Scope.ACCESS_WRITE))

        assert bearer(world, made.secret) is None

    def test_says_the_same_of_anothers_and_of_none(self, world):
        add_staff(world)
        add_staff(world, email="grace@shop.example")
        made = sign_in(world)
        grace = bearer(world, sign_in(world, email="grace@shop.example").secret).caller

        for id in (made.id, CLERK.actor.id):
            with pytest.raises(NotAllowed) as refused:
                world.run(end_session, EndSession(id=id), caller=grace)
            assert str(refused.value) == "This needs the scope access:write."

        assert bearer(world, made.secret) is not None

    def test_needs_a_session(self, world):
        with pytest.raises(UnknownSession):
            world.run(end_session, EndSession(id=CLERK.actor.id))

    def test_changes_nothing_the_second_time(self, world):
        add_staff(world)
        made = sign_in(world)
        world.run(end_session, EndSession(id=made.id))

        answer = world.run(end_session, EndSession(id=made.id), now=NOW + HOUR)

        assert answer.effects == []
        assert kept(world, made.id).ended_at == NOW

    def test_is_told_once_however_many_end_it_at_once(self, world):
        add_staff(world)
        made = sign_in(world)

        with ThreadPoolExecutor(8) as threads:
            answers = list(
                threads.map(lambda _: world.run(end_session, EndSession(id=made.id)), range(8))
            )

        assert sum(len(each.effects) for each in answers) == 1
        assert kept(world, made.id).version == 2


class TestNoteUses:
    def test_notes_tokens_and_sessions(self, world):
        add_staff(world)
        token, session = add_token(world), sign_in(world)
        command = NoteUses(
            uses=tuple(Use(secret_hash(each.secret), NOW + MINUTE) for each in (token, session))
        )

        world.run(note_uses, command, caller=THE_SYSTEM)

        assert world.read(queries.tokens_by_ids, [token.id])[token.id].last_used_at == NOW + MINUTE
        assert kept(world, session.id).last_used_at == NOW + MINUTE
        assert kept(world, session.id).version == 1

    def test_notes_at_most_once_a_minute(self, world):
        token = add_token(world)
        noted = []
        for at in (NOW, NOW + MINUTE - TICK, NOW + MINUTE, NOW):
            note(world, token.secret, at)
            noted.append(bearer(world, token.secret).last_used_at)

        assert noted == [NOW, NOW, NOW + MINUTE, NOW + MINUTE]

    def test_notes_nothing_of_secrets_that_there_are_not(self, world):
        world.run(note_uses, NoteUses(uses=(Use("0" * 64, NOW),)), caller=THE_SYSTEM)

        assert world.run(note_uses, NoteUses(uses=()), caller=THE_SYSTEM).value is None
