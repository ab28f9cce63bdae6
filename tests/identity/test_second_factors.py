"""The second factor: set up, asked for, used once, braked, lost, given up, reset."""

from base64 import b32decode, b32encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select, update

from backoffice_api.domain.identity.checks import CHECKS
from backoffice_api.domain.identity.commands.factors import (
    ConfirmSecondFactor,
    EnrolSecondFactor,
    RemoveSecondFactor,
    RenewRecoveryCodes,
    ResetSecondFactor,
    confirm_second_factor,
    enrol_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    reset_second_factor,
)
from backoffice_api.domain.identity.commands.staff import SetStaffPassword
from backoffice_api.domain.identity.model.factors import (
    MISSES_MAX,
    Demand,
    FreshCodeNeeded,
    FreshSignInNeeded,
    NoSecondFactor,
    OnlyStaffHave,
    OwnSecondFactor,
    SecondFactorPresent,
    WrongCode,
    matching_step,
)
from backoffice_api.domain.identity.model.staff import ScopeNotHeld
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import (
    login_challenges,
    recovery_codes,
    second_factors,
    sessions,
)
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from tests.identity.people import EMAIL, PASSWORD, add_staff, bearer, cheap_set_password, sign_in
from tests.soundness import findings
from tests.web.door import Door, bearing, codes
from tests.world import CLERK, NOW, caller

STEP = timedelta(seconds=30)
AGENT = "Mozilla/5.0 (X11; Linux x86_64)\tFirefox/145.0"


def code_at(seed, when):
    """What the app of this secret shows."""
    return TOTP(b32decode(seed), 6, SHA1(), 30).generate(when.timestamp()).decode()


def enrolled(world, *, email=EMAIL, now=NOW):
    """Who has begun: the seed, the recovery codes, and the caller in its session."""
    session = sign_in(world, email=email, now=now)
    asker = bearer(world, session.secret, now).caller
    made = world.run(enrol_second_factor, EnrolSecondFactor(), caller=asker, now=now).value
    return made.secret.reveal(), [each.reveal() for each in made.codes], asker


def confirmed(world, *, email=EMAIL, now=NOW):
    """The same of who signs in with a code from now on. That of `now` is used."""
    seed, recovery, asker = enrolled(world, email=email, now=now)
    command = ConfirmSecondFactor(code=Secret(code_at(seed, now)))
    world.run(confirm_second_factor, command, caller=asker, now=now)
    return seed, recovery, asker


def send(door, path, token=None, **body):
    headers = {"user-agent": AGENT} | (bearing(token) if token else {})
    return door.client.post(path, json=body, headers=headers)


def begin(door):
    return door.sign_in().json()["challenge"]


def all_of(world, table):
    return world.read(lambda db: db.execute(select(table)).all())


class TestCodes:
    @pytest.mark.parametrize(
        ("seconds", "code"),
        [
            (59, "287082"),
            (1111111109, "081804"),
            (1111111111, "050471"),
            (1234567890, "005924"),
            (2000000000, "279037"),
            (20000000000, "353130"),
        ],
    )
    def test_are_those_of_rfc_6238(self, seconds, code):
        seed = Secret(b32encode(b"12345678901234567890").decode())
        now = datetime.fromtimestamp(seconds, UTC)

        assert matching_step(seed, Secret(code), now, -1) == seconds // 30
        assert matching_step(seed, Secret(f" {code[:3]}-{code[3:]} "), now, -1) == seconds // 30
        assert matching_step(seed, Secret(code), now, seconds // 30) is None

    def test_are_taken_a_step_early_or_late(self):
        seed = b32encode(bytes(range(20))).decode()
        fits = [
            matching_step(Secret(seed), Secret(code_at(seed, NOW + steps * STEP)), NOW, 0)
            is not None
            for steps in range(-3, 4)
        ]

        assert fits == [False, False, True, True, True, False, False]

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "\uff11" * 6, "12345a", "\0" * 6])
    def test_have_six_digits(self, code):
        seed = Secret(b32encode(bytes(20)).decode())

        assert matching_step(seed, Secret(code), NOW, 0) is None


class TestEnrol:
    def test_shows_what_an_app_needs_and_asks_for_nothing_yet(self, world):
        id = add_staff(world)
        asker = bearer(world, sign_in(world).secret).caller

        made = world.run(enrol_second_factor, EnrolSecondFactor(), caller=asker).value

        uri = urlsplit(made.uri.reveal())
        assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
        assert parse_qs(uri.query)["secret"] == [made.secret.reveal()]
        assert len(b32decode(made.secret.reveal())) == 20
        assert len({each.reveal() for each in made.codes}) == 10
        assert not world.read(factors.has_second_factor, id)
        assert sign_in(world).secret is not None

    def test_takes_a_session_that_is_new(self, world):
        add_staff(world)
        asker = bearer(world, sign_in(world).secret).caller

        with pytest.raises(FreshSignInNeeded):
            world.run(
                enrol_second_factor,
                EnrolSecondFactor(),
                caller=asker,
                now=NOW + timedelta(minutes=10, microseconds=1),
            )

    def test_is_for_people(self, world):
        with pytest.raises(OnlyStaffHave):
            world.run(enrol_second_factor, EnrolSecondFactor())

    def test_is_done_once(self, world):
        add_staff(world)
        _, _, asker = confirmed(world)

        with pytest.raises(SecondFactorPresent):
            world.run(enrol_second_factor, EnrolSecondFactor(), caller=asker)

    def test_begins_anew_until_it_is_confirmed(self, world):
        add_staff(world)
        old, _, asker = enrolled(world)
        world.run(enrol_second_factor, EnrolSecondFactor(), caller=asker)

        command = ConfirmSecondFactor(code=Secret(code_at(old, NOW)))
        with pytest.raises(WrongCode):
            world.run(confirm_second_factor, command, caller=asker)

        assert len(all_of(world, recovery_codes)) == 10


class TestSignIn:
    def test_takes_two_steps(self, world):
        id = add_staff(world)
        seed, _, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)

        asked = door.sign_in()
        answer = send(
            door,
            "/login/code",
            challenge=asked.json()["challenge"],
            code=code_at(seed, door.now),
        )

        assert asked.status_code == 200
        assert set(asked.json()) == {"challenge", "expiresAt"}
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        found = world.read(queries.authenticate, Secret(answer.json()["token"]), door.now)
        assert found.caller.actor.id == id
        [session] = [each for each in all_of(world, sessions) if each.verified_at == door.now]
        assert session.id == found.caller.actor.session_id
        assert (session.address, session.agent) == (
            "203.0.113.7",
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
        )

    def test_takes_one_step_where_the_code_comes_with_the_password(self, world):
        add_staff(world)
        seed, _, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)
        given = {"email": EMAIL, "password": PASSWORD}

        right = send(door, "/login", **given, code=code_at(seed, door.now))
        wrong = send(door, "/login", **given, code="000000")

        assert set(right.json()) == {"token", "expiresAt", "mustEnrol"}
        assert (wrong.status_code, codes(wrong)) == (401, ["UNAUTHENTICATED"])

    def test_takes_no_code_twice(self, world):
        add_staff(world)
        seed, _, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)
        code = code_at(seed, door.now)
        first = send(door, "/login/code", challenge=begin(door), code=code)

        second = send(door, "/login/code", challenge=begin(door), code=code)
        before = send(
            door, "/login/code", challenge=begin(door), code=code_at(seed, door.now - STEP)
        )

        assert [each.status_code for each in (first, second, before)] == [200, 401, 401]

    def test_makes_one_session_of_one_code_however_many_send_it_at_once(self, world):
        add_staff(world)
        seed, _, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)
        challenge, code = begin(door), code_at(seed, door.now)
        before = len(all_of(world, sessions))

        with ThreadPoolExecutor(4) as threads:
            answers = list(
                threads.map(
                    lambda _: send(door, "/login/code", challenge=challenge, code=code), range(4)
                )
            )

        assert sorted(each.status_code for each in answers) == [200, 401, 401, 401]
        assert len(all_of(world, sessions)) == before + 1

    def test_is_over_after_five_minutes_and_after_a_new_password(self, world):
        id = add_staff(world)
        seed, _, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)
        late = begin(door)
        door.wait(minutes=5)
        over = send(door, "/login/code", challenge=late, code=code_at(seed, door.now))
        challenge = begin(door)
        command = SetStaffPassword(id=id, password=Secret("another sentence of many words"))
        world.run(cheap_set_password, command, now=door.now)

        dropped = send(door, "/login/code", challenge=challenge, code=code_at(seed, door.now))

        for answer in (over, dropped):
            assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])
            assert answer.json()["errors"][0]["message"] == "This sign-in is over. Begin anew."

    def test_brakes_wrong_codes_whatever_password_comes_between(self, world):
        add_staff(world)
        seed, _, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)
        wrong = [
            send(door, "/login/code", challenge=begin(door), code="000000").status_code
            for _ in range(6)
        ]

        right = send(door, "/login/code", challenge=begin(door), code=code_at(seed, door.now))

        assert wrong == [401] * 5 + [429]
        assert (right.status_code, codes(right)) == (429, ["THROTTLED"])
        assert right.headers["retry-after"] == "900"
        door.wait(minutes=15)
        again = send(door, "/login/code", challenge=begin(door), code=code_at(seed, door.now))
        assert again.status_code == 200

    def test_looks_at_no_code_after_a_hundred_wrong_ones_in_a_row(self, world):
        add_staff(world)
        seed, _, _ = confirmed(world)
        with world.database.writing.begin() as db:
            db.execute(update(second_factors).values(misses=MISSES_MAX))
        door = Door(world)
        door.wait(seconds=30)

        answer = send(door, "/login/code", challenge=begin(door), code=code_at(seed, door.now))

        assert (answer.status_code, codes(answer)) == (403, ["FORBIDDEN"])

    def test_takes_each_recovery_code_once(self, world):
        id = add_staff(world)
        _, recovery, _ = confirmed(world)
        door = Door(world)
        written = recovery[0].upper().replace("-", " ")

        first = send(door, "/login/code", challenge=begin(door), code=written)
        second = send(door, "/login/code", challenge=begin(door), code=recovery[0])

        assert (first.status_code, second.status_code) == (200, 401)
        assert world.read(factors.factors_by_staff, [id])[id].codes_left == 9
        assert findings(world.database, CHECKS) == []


class TestFreshCode:
    def test_is_needed_to_weaken_the_account(self, world):
        id = add_staff(world)
        seed, recovery, _ = confirmed(world)
        door = Door(world)
        door.wait(seconds=30)
        token = send(
            door, "/login/code", challenge=begin(door), code=code_at(seed, door.now)
        ).json()["token"]
        door.wait(minutes=11)
        asker = bearer(world, Secret(token), door.now).caller
        for handler, command in (
            (remove_second_factor, RemoveSecondFactor()),
            (renew_recovery_codes, RenewRecoveryCodes()),
        ):
            with pytest.raises(FreshCodeNeeded):
                world.run(handler, command, caller=asker, now=door.now)

        wrong = send(door, "/login/verify", token, code="000000")
        right = send(door, "/login/verify", token, code=code_at(seed, door.now))

        assert (wrong.status_code, right.status_code) == (401, 204)
        renewed = world.run(
            renew_recovery_codes, RenewRecoveryCodes(), caller=asker, now=door.now
        ).value
        assert not {each.reveal() for each in renewed.codes} & set(recovery)
        world.run(remove_second_factor, RemoveSecondFactor(), caller=asker, now=door.now)
        assert not world.read(factors.has_second_factor, id)
        assert findings(world.database, CHECKS) == []

    def test_is_for_sessions(self, world):
        door = Door(world)

        answer = send(door, "/login/verify", "bs_" + "A" * 48, code="000000")

        assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])


class TestConfirm:
    def test_ends_the_sessions_that_were_started_without(self, world):
        add_staff(world)
        other = sign_in(world)
        _, _, asker = confirmed(world)

        assert bearer(world, other.secret) is None
        [mine] = [each for each in all_of(world, sessions) if each.ended_at is None]
        assert (mine.id, mine.verified_at) == (asker.actor.session_id, NOW)

    def test_takes_a_session_that_is_new(self, world):
        """Else whoever found an old one could guess at what its owner has begun."""
        add_staff(world)
        seed, _, asker = enrolled(world)
        later = NOW + timedelta(minutes=10, microseconds=1)
        command = ConfirmSecondFactor(code=Secret(code_at(seed, later)))

        with pytest.raises(FreshSignInNeeded):
            world.run(confirm_second_factor, command, caller=asker, now=later)

    def test_needs_what_was_begun(self, world):
        add_staff(world)
        asker = bearer(world, sign_in(world).secret).caller

        with pytest.raises(NoSecondFactor):
            world.run(
                confirm_second_factor, ConfirmSecondFactor(code=Secret("000000")), caller=asker
            )


class TestReset:
    def test_lets_somebody_in_with_the_password_alone(self, world):
        id = add_staff(world)
        confirmed(world)
        challenge_of = Door(world)
        begin(challenge_of)

        answer = world.run(reset_second_factor, ResetSecondFactor(id=id))

        assert [each.kind for each in answer.effects] == [
            "staff.second_factor_reset",
            "session.ended",
        ]
        assert all_of(world, second_factors) == all_of(world, recovery_codes) == []
        assert all_of(world, login_challenges) == []
        assert "token" in Door(world).sign_in().json()

    def test_takes_two(self, world):
        id = add_staff(world, Scope.ACCESS_WRITE)
        _, _, asker = confirmed(world)

        with pytest.raises(OwnSecondFactor):
            world.run(reset_second_factor, ResetSecondFactor(id=id), caller=asker)

    def test_takes_the_rights_of_the_other(self, world):
        id = add_staff(world, Scope.ORDERS_WRITE)
        confirmed(world)

        with pytest.raises(ScopeNotHeld):
            world.run(
                reset_second_factor, ResetSecondFactor(id=id), caller=caller(Scope.ACCESS_WRITE)
            )

    def test_needs_something_to_reset(self, world):
        with pytest.raises(NoSecondFactor):
            world.run(reset_second_factor, ResetSecondFactor(id=add_staff(world)))


class TestDemand:
    @pytest.mark.parametrize(
        ("demand", "concerned"),
        [
            (Demand(), False),
            (Demand(of_all=True), True),
            (Demand(scopes=frozenset({"access:write"})), False),
            (Demand(scopes=frozenset({"access:write", "orders:read"})), True),
        ],
    )
    def test_leaves_no_rights_to_who_gave_no_code(self, world, demand, concerned):
        add_staff(world, Scope.ORDERS_READ)
        session = sign_in(world)

        found = world.read(queries.authenticate, session.secret, NOW, demand)

        assert found.caller.scopes == (frozenset() if concerned else {Scope.ORDERS_READ})

    @pytest.mark.parametrize(("minutes", "held"), [(None, False), (10, True), (11, False)])
    def test_gives_some_rights_for_ten_minutes_after_a_code(self, minutes, held):
        rights = frozenset({Scope.ORDERS_READ, Scope.PRIVACY_ERASE})
        demand = Demand(fresh=frozenset({"privacy:erase"}))
        verified_at = None if minutes is None else NOW - timedelta(minutes=minutes)

        left = demand.left(rights, verified_at, NOW)

        assert left == (rights if held else {Scope.ORDERS_READ})

    def test_is_met_by_setting_it_up(self, world):
        add_staff(world, Scope.ORDERS_READ)
        demand = Demand(of_all=True)
        session = sign_in(world)
        asker = world.read(queries.authenticate, session.secret, NOW, demand).caller
        seed = world.run(enrol_second_factor, EnrolSecondFactor(), caller=asker).value.secret
        code = Secret(code_at(seed.reveal(), NOW))

        world.run(confirm_second_factor, ConfirmSecondFactor(code=code), caller=asker)

        found = world.read(queries.authenticate, session.secret, NOW, demand)
        assert found.caller.scopes == {Scope.ORDERS_READ}

    def test_is_told_when_signing_in(self, world):
        add_staff(world, Scope.ORDERS_READ)
        door = Door(world, demand=Demand(of_all=True))

        assert door.sign_in().json()["mustEnrol"] is True
        assert Door(world).sign_in().json()["mustEnrol"] is False


ENROL = """mutation ($meta: MutationMeta) { secondFactorEnrol(meta: $meta) {
  secret uri recoveryCodes secondFactor { codesLeft confirmedAt }
  effects { kind summary } userErrors { code } replayed
} }"""


class TestOverGraphQL:
    async def test_secrets_are_shown_once_and_kept_nowhere(self, world):
        add_staff(world)
        now = datetime.now(UTC)
        asker = bearer(world, sign_in(world, now=now).secret, now).caller
        meta = {"idempotencyKey": "one"}

        first = (await world.graphql(ENROL, caller=asker, meta=meta))["secondFactorEnrol"]
        again = (await world.graphql(ENROL, caller=asker, meta=meta))["secondFactorEnrol"]

        assert first["userErrors"] == []
        assert len(first["recoveryCodes"]) == 10
        assert (again["secret"], again["uri"], again["recoveryCodes"]) == (None, None, [])
        assert again["replayed"] is True
        assert again["secondFactor"] == {"codesLeft": 10, "confirmedAt": None}
        kept = str(all_of(world, events)) + str(all_of(world, recovery_codes))
        shown = [first["secret"], *first["recoveryCodes"]]
        assert [each for each in shown if each in kept or each.replace("-", "") in kept] == []

    async def test_it_is_shown_to_its_owner_and_to_who_sees_staff(self, world):
        add_staff(world)
        now = datetime.now(UTC)
        _, _, asker = confirmed(world, now=now)

        own = await world.graphql(
            "{ me { secondFactor { confirmedAt codesLeft } sessions { isCurrent way } } }",
            caller=asker,
        )
        others = await world.graphql(
            "{ staffMembers { nodes { secondFactor { codesLeft } sessions { nodes { agent } } } } }"
        )

        assert own["me"]["secondFactor"]["codesLeft"] == 10
        assert own["me"]["sessions"] == [{"isCurrent": True, "way": "PASSWORD"}]
        [member] = others["staffMembers"]["nodes"]
        assert member["secondFactor"] == {"codesLeft": 10}

    async def test_sessions_end_all_but_ones_own(self, world):
        add_staff(world)
        now = datetime.now(UTC)
        made = [sign_in(world, now=now) for _ in range(3)]
        asker = bearer(world, made[0].secret, now).caller

        answer = await world.graphql(
            "mutation { mySessionsEnd { ended userErrors { code } } }", caller=asker
        )
        program = await world.graphql("mutation { mySessionsEnd { ended userErrors { code } } }")

        assert answer["mySessionsEnd"] == {"ended": 2, "userErrors": []}
        assert [bearer(world, each.secret, now) is None for each in made] == [False, True, True]
        assert program["mySessionsEnd"]["userErrors"] == [{"code": "ONLY_STAFF_HAVE"}]
        assert CLERK.staff_id is None
