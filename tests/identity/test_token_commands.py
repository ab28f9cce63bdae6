"""API tokens: made, borne, revoked."""

from datetime import timedelta

import pytest

from backoffice_api.domain.identity.commands.tokens import RevokeToken, revoke_token
from backoffice_api.domain.identity.model.staff import ExpiryPassed, ScopeNotHeld, UnknownToken
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import InvalidText
from backoffice_api.domain.kernel.uow import ActorKind
from tests.databases import count_statements
from tests.identity.people import add_token, bearer
from tests.world import CLERK, NOW, caller

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
ANY = PageRequest()


def kept(world, id):
    return world.read(queries.tokens_by_ids, [id])[id]


class TestCreateToken:
    def test_makes_a_token_that_opens_the_door(self, world):
        made = add_token(world, Scope.STOCK_READ, Scope.ORDERS_READ)

        found = bearer(world, made.secret)
        assert found.caller.actor.kind is ActorKind.TOKEN
        assert (found.caller.actor.id, found.caller.actor.name) == (made.id, "robot")
        assert found.caller.scopes == {Scope.ORDERS_READ, Scope.STOCK_READ}
        assert found.last_used_at is None

    def test_keeps_how_the_secret_begins(self, world):
        made = add_token(world, Scope.STOCK_READ)

        token = kept(world, made.id)
        assert token.hint == made.secret.reveal()[:7]
        assert token.scopes == ["stock:read"]

    def test_makes_another_secret_each_time(self, world):
        assert add_token(world).secret != add_token(world).secret

    def test_gives_no_right_that_the_caller_lacks(self, world):
        limited = caller(Scope.ACCESS_WRITE, Scope.ORDERS_READ)

        with pytest.raises(ScopeNotHeld) as refused:
            add_token(world, Scope.ORDERS_READ, Scope.ORDERS_WRITE, caller=limited)

        assert refused.value.scopes == ("orders:write",)
        assert world.read(lambda db: queries.token_list.count(db, ANY, 9)).value == 0

    @pytest.mark.parametrize(
        ("given", "refusal"),
        [
            ({"name": ""}, InvalidText),
            ({"name": "x" * 251}, InvalidText),
            ({"expires_at": NOW}, ExpiryPassed),
            ({"expires_at": NOW - DAY}, ExpiryPassed),
        ],
    )
    def test_refuses_wrong_input(self, world, given, refusal):
        with pytest.raises(refusal) as refused:
            add_token(world, **given)

        assert refused.value.path == (next(iter(given)),)
        assert world.read(lambda db: queries.token_list.count(db, ANY, 9)).value == 0

    def test_needs_a_right(self, world):
        with pytest.raises(NotAllowed):
            add_token(world, caller=caller(Scope.ACCESS_READ))


class TestAuthenticate:
    def test_asks_once(self, world):
        made = add_token(world)

        with count_statements(world.database) as seen:
            bearer(world, made.secret)

        assert [each.split()[0] for each in seen if each != "BEGIN"] == ["SELECT"]

    def test_asks_nothing_for_what_is_no_secret(self, world):
        made = add_token(world)
        wrong = type(made.secret)(made.secret.reveal().swapcase())

        with count_statements(world.database) as seen:
            assert bearer(world, wrong) is None

        assert [each for each in seen if each != "BEGIN"] == []

    def test_lets_a_token_in_until_it_expires(self, world):
        made = add_token(world, expires_at=NOW + DAY)

        assert bearer(world, made.secret, NOW + DAY - TICK) is not None
        assert bearer(world, made.secret, NOW + DAY) is None


class TestRevokeToken:
    def test_closes_the_door(self, world):
        made, other = add_token(world), add_token(world)

        answer = world.run(revoke_token, RevokeToken(id=made.id))

        assert bearer(world, made.secret) is None
        assert bearer(world, other.secret) is not None
        assert kept(world, made.id).revoked_at == NOW
        assert [each.kind for each in answer.effects] == ["token.revoked"]

    def test_changes_nothing_the_second_time(self, world):
        made = add_token(world)
        world.run(revoke_token, RevokeToken(id=made.id))

        answer = world.run(revoke_token, RevokeToken(id=made.id), now=NOW + DAY)

        assert answer.effects == []
        assert kept(world, made.id).revoked_at == NOW

    def test_is_possible_for_who_holds_less_than_the_token(self, world):
        made = add_token(world, Scope.ORDERS_WRITE)

        world.run(revoke_token, RevokeToken(id=made.id), caller=caller(Scope.ACCESS_WRITE))

        assert bearer(world, made.secret) is None

    def test_needs_a_right(self, world):
        made = add_token(world)

        with pytest.raises(NotAllowed):
            world.run(revoke_token, RevokeToken(id=made.id), caller=caller(Scope.ACCESS_READ))

        assert kept(world, made.id).revoked_at is None

    def test_needs_a_token(self, world):
        with pytest.raises(UnknownToken):
            world.run(revoke_token, RevokeToken(id=CLERK.actor.id))
