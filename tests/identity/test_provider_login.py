"""Signing in through an identity provider: there, back, and whom that lets in."""

import time
from base64 import urlsafe_b64encode
from datetime import timedelta

import orjson
import pytest
import structlog
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.oidc import ASKED_AGAIN_AFTER_S, Provider
from backoffice_api.domain.identity.commands.providers import UnlinkStaff, unlink_staff
from backoffice_api.domain.identity.commands.staff import (
    DisableStaff,
    UpdateStaff,
    disable_staff,
    update_staff,
)
from backoffice_api.domain.identity.model.factors import FRESH_FOR
from backoffice_api.domain.identity.model.providers import NotLinked
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import provider_accounts, sessions, staff
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.dotenv import SettingsError
from backoffice_api.settings import Settings
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.login import Login
from backoffice_api.web.provider_login import ProviderLogin
from backoffice_api.web.sign_in import sign_in_routes
from tests.identity.people import CHEAP, EMAIL, add_staff
from tests.identity.provider import CLIENT, CLIENT_SECRET, CODE, PAGE, provider
from tests.identity.test_second_factors import code_at, confirmed
from tests.web.door import Door, codes
from tests.world import NOW

VERIFIED = {"email": EMAIL.upper(), "email_verified": True}


@pytest.fixture(scope="module")
def running():
    with provider() as fake:
        yield fake


@pytest.fixture
def fake(running):
    """The provider as it was at first."""
    running.__init__(running.issuer)
    return running


class Page:
    """A page of a client, and the server that it speaks to."""

    def __init__(self, world, fake, **asked):
        self.fake = fake
        self.clock_s = time.time()
        self.provider = Provider(
            fake.issuer, CLIENT, Secret(CLIENT_SECRET), PAGE, clock_s=lambda: self.clock_s, **asked
        )
        login = Login(world.database, world.threads, passwords=CHEAP, now=lambda: NOW)
        routes = [*login.routes(), *ProviderLogin(login, self.provider).routes()]
        self.client = TestClient(AccessLog(Starlette(routes=routes)), client=("203.0.113.7", 1))

    def post(self, path, **body):
        return self.client.post(path, json=body)

    def begin(self):
        begun = self.post("/login/provider").json()
        return {"login": begun["login"], "state": self.fake.set_out(begun["url"]), "code": CODE}

    def sign_in(self, **claims):
        self.fake.claims = claims
        return self.post("/login/provider/code", **self.begin())


def refused(answer):
    return (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])


def all_of(world, table):
    return world.read(lambda db: db.execute(select(table)).all())


class TestSignIn:
    def test_links_by_the_verified_address_once_and_then_by_the_subject(self, world, fake):
        id = add_staff(world, Scope.ORDERS_READ)
        page = Page(world, fake)

        first = page.sign_in(**VERIFIED)
        world.run(update_staff, UpdateStaff(id=id, email="ada@elsewhere.example"))
        second = page.sign_in()

        assert [each.status_code for each in (first, second)] == [200, 200]
        assert first.headers["cache-control"] == "no-store"
        assert "set-cookie" not in first.headers
        found = world.read(queries.authenticate, Secret(second.json()["token"]), NOW)
        assert (found.caller.actor.id, found.caller.scopes) == (id, {Scope.ORDERS_READ})
        assert {each.way.value for each in all_of(world, sessions)} == {"provider"}
        linked = [each for each in all_of(world, events) if each.type == "staff.provider_linked"]
        assert [(each.actor_id, each.data) for each in linked] == [(id, {"issuer": fake.issuer})]

    @pytest.mark.parametrize(
        "claims",
        [
            {},
            {"email": EMAIL},
            {"email": EMAIL, "email_verified": False},
            {"email": EMAIL, "email_verified": "true"},
            {"email": "nobody@shop.example", "email_verified": True},
            {"email": "a\0b", "email_verified": True},
        ],
    )
    def test_makes_no_account_and_lets_nobody_else_in(self, world, fake, claims):
        add_staff(world)

        answer = Page(world, fake).sign_in(**claims)

        assert refused(answer)
        assert len(all_of(world, staff)) == 1
        assert all_of(world, sessions) == all_of(world, provider_accounts) == []

    def test_takes_no_second_subject_for_an_address_until_it_is_unlinked(self, world, fake):
        id = add_staff(world)
        page = Page(world, fake)
        page.sign_in(**VERIFIED)

        answer = page.sign_in(**VERIFIED, sub="0043")
        world.run(unlink_staff, UnlinkStaff(id=id))
        unlinked = page.sign_in(**VERIFIED, sub="0043")

        assert refused(answer)
        assert unlinked.status_code == 200
        with pytest.raises(NotLinked):
            world.run(unlink_staff, UnlinkStaff(id=add_staff(world, email="eve@shop.example")))

    def test_lets_nobody_in_who_was_disabled(self, world, fake):
        id = add_staff(world)
        page = Page(world, fake)
        page.sign_in(**VERIFIED)
        world.run(disable_staff, DisableStaff(id=id))

        assert refused(page.sign_in(**VERIFIED))

    def test_asks_for_the_second_factor_unless_the_provider_did(self, world, fake):
        add_staff(world)
        seed, _, _ = confirmed(world)
        page = Page(world, fake)

        asked = page.sign_in(**VERIFIED)
        trusted = page.sign_in(**VERIFIED, amr=["pwd", "mfa"])

        assert set(asked.json()) == {"challenge", "expiresAt"}
        assert "token" in trusted.json()
        door = Door(world)
        door.wait(seconds=30)
        body = {"challenge": asked.json()["challenge"], "code": code_at(seed, door.now)}
        answer = door.client.post("/login/code", json=body)
        [session] = [each for each in all_of(world, sessions) if each.created_at == door.now]
        assert (answer.status_code, session.way.value) == (200, "provider")

    def test_takes_a_second_factor_for_as_old_as_the_provider_says(self, world, fake):
        """It keeps sessions of its own: what somebody has shown there may be hours ago."""
        add_staff(world)
        page = Page(world, fake, acr_values=["urn:two"])
        now = int(NOW.timestamp())
        of = {**VERIFIED, "iat": now, "exp": now + 300}
        page.clock_s = now
        for claims in (
            {"amr": ["mfa"], "auth_time": now - 3600},
            {"acr": "urn:two", "auth_time": now + 30},
            {"amr": ["mfa"]},
            {"acr": "urn:one", "auth_time": now},
        ):
            assert page.sign_in(**of, **claims).status_code == 200

        assert "acr_values=urn%3Atwo" in page.post("/login/provider").json()["url"]
        shown = [each.verified_at for each in all_of(world, sessions)]
        assert shown == [NOW - timedelta(hours=1), NOW, shown[2], None]
        assert shown[2] < NOW - FRESH_FOR

    def test_that_is_older_than_asked_for_is_refused(self, world, fake):
        add_staff(world)
        page = Page(world, fake, max_age_s=600)
        now = int(page.clock_s)
        moments = (now - 600, now - 661, None, "now", True, now + 61, 10**30)
        statuses = [page.sign_in(**VERIFIED, auth_time=each).status_code for each in moments]

        assert statuses == [200, 401, 401, 401, 401, 401, 401]
        assert "max_age=600" in page.post("/login/provider").json()["url"]

    def test_of_who_is_in_no_group_that_may_is_refused(self, world, fake):
        """At each sign-in: whoever has left the group is not let in again."""
        add_staff(world)
        page = Page(world, fake, groups=["shop", "desk"], groups_claim="of")
        said = (["cooks", "shop"], "desk", ["cooks"], [], None, 7, [["shop"]], {"shop": 1}, "sho")
        statuses = [page.sign_in(**VERIFIED, of=each).status_code for each in said]

        assert statuses == [200, 200, 401, 401, 401, 401, 401, 401, 401]
        assert page.sign_in(**VERIFIED, groups=["shop"]).status_code == 401


class TestReturn:
    def test_is_once_and_takes_what_was_told_who_set_out(self, world, fake):
        add_staff(world)
        page = Page(world, fake)
        fake.claims = VERIFIED
        mine, theirs = page.begin(), page.begin()

        crossed = page.post("/login/provider/code", **{**mine, "state": theirs["state"]})
        right = page.post("/login/provider/code", **theirs)
        again = page.post("/login/provider/code", **theirs)

        assert (refused(crossed), right.status_code, refused(again)) == (True, 200, True)

    def test_with_a_code_of_another_is_refused(self, world, fake):
        page = Page(world, fake)

        assert refused(page.post("/login/provider/code", **{**page.begin(), "code": "x"}))
        first = page.begin()
        page.begin()  # whose challenge the provider knows now
        assert refused(page.post("/login/provider/code", **first))


def unsigned(header, claims):
    parts = [urlsafe_b64encode(orjson.dumps(each)).rstrip(b"=") for each in (header, claims)]
    return b".".join([*parts, b""]).decode()


class TestToken:
    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://elsewhere.example"},
            {"iss": None},
            {"aud": "another"},
            {"aud": ["another", "third"]},
            {"aud": [CLIENT, "another"], "azp": "another"},
            {"sub": None},
            {"sub": ""},
            {"sub": 42},
            {"sub": "x" * 256},
            {"exp": None},
            {"exp": "soon"},
            {"iat": None},
            {"nonce": "another"},
            {"nonce": None},
        ],
        ids=str,
    )
    def test_of_other_claims_is_refused(self, world, fake, claims):
        add_staff(world)

        assert refused(Page(world, fake).sign_in(**VERIFIED, **claims))
        assert all_of(world, sessions) == []

    def test_is_taken_with_a_minute_of_leeway_and_no_more(self, world, fake):
        add_staff(world)
        page = Page(world, fake)
        now = int(page.clock_s)
        statuses = [
            page.sign_in(**VERIFIED, **claims).status_code
            for claims in (
                {"exp": now - 55},
                {"exp": now - 65},
                {"iat": now + 55},
                {"iat": now + 65},
            )
        ]

        assert statuses == [200, 401, 200, 401]

    def test_of_another_signature_is_refused(self, world, fake):
        add_staff(world)
        page = Page(world, fake)
        page.sign_in(**VERIFIED)
        key = ECKey.generate_key("P-256", {"kid": "one"})
        secret = OctKey.import_key(orjson.dumps(fake.key.as_dict(private=False)))
        answers = []
        for header, signed_with in (
            ({"alg": "ES256", "kid": "one"}, key),
            ({"alg": "HS256", "kid": "one"}, secret),
            ({"alg": "ES256", "kid": "unknown"}, key),
        ):
            fake.header, fake.signed_with = header, signed_with
            answers.append(page.sign_in(**VERIFIED))
        for alg in ("none", "None"):
            now = int(page.clock_s)
            page_of = page.begin()
            claims = {"iss": fake.issuer, "aud": CLIENT, "sub": "0042", "nonce": fake.nonce}
            fake.token = unsigned({"alg": alg}, {**claims, "iat": now, "exp": now + 300})
            answers.append(page.post("/login/provider/code", **page_of))

        assert [refused(each) for each in answers] == [True] * 5

    def test_of_a_new_key_is_taken_and_has_the_keys_asked_for_once_a_minute(self, world, fake):
        add_staff(world)
        page = Page(world, fake)
        page.sign_in(**VERIFIED)
        fake.rotate("two")
        page.clock_s += ASKED_AGAIN_AFTER_S - 1
        early = page.sign_in(**VERIFIED)
        page.clock_s += 1
        late = page.sign_in(**VERIFIED)

        assert [early.status_code, late.status_code] == [401, 200]
        assert fake.asked.count("/keys") == 2
        assert fake.asked.count("/.well-known/openid-configuration") == 1


class TestProvider:
    @pytest.mark.parametrize(
        "changed",
        [
            {"issuer": "https://elsewhere.example"},
            {"token_endpoint": "http://elsewhere.example/token"},
            {"jwks_uri": "file:///etc/passwd"},
            {"authorization_endpoint": None},
        ],
        ids=str,
    )
    def test_that_is_another_or_unsafe_is_not_spoken_to(self, world, fake, changed):
        fake.published |= changed

        answer = Page(world, fake).post("/login/provider")

        assert (answer.status_code, codes(answer)) == (503, ["UNAVAILABLE"])

    def test_is_told_no_secret_in_logs(self, world, fake):
        add_staff(world)
        page = Page(world, fake)

        with structlog.testing.capture_logs() as lines:
            begun = page.begin()
            page.post("/login/provider/code", **{**begun, "code": "canary code"})

        assert [each["event"] for each in lines if "login" in each["event"]] == [
            "login.provider_unfit",
            "login.refused",
        ]
        text = str(lines)
        shown = [begun["login"], begun["state"], "canary code", CLIENT_SECRET]
        assert [each for each in shown if each in text] == []


class TestSetting:
    @pytest.mark.parametrize(
        "text",
        [
            "{}",
            "no JSON with a canary",
            '{"issuer": "http://login.example", "clientId": "x", "redirectUrl": "https://a.b"}',
            '{"issuer": "https://a.b", "clientId": "x", "redirectUrl": "https://a.b", "x": 1}',
            '{"issuer": "https://a.b", "clientId": "x", "redirectUrl": "https://a.b", '
            '"clientSecret": "canary"}',
            '{"issuer": "https://a.b", "clientId": "x", "redirectUrl": "https://a.b", '
            '"groups": []}',
        ],
    )
    def test_that_is_wrong_is_refused_without_repeating_it(self, world, text):
        with pytest.raises(SettingsError) as refusal:
            sign_in_routes(Settings(oidc_secret=text), world.database, world.threads)

        assert "canary" not in str(refusal.value)

    def test_opens_the_doors(self, world):
        text = '{"issuer": "https://a.b", "clientId": "x", "redirectUrl": "https://a.b/c"}'
        found = sign_in_routes(Settings(oidc_secret=text), world.database, world.threads)

        assert {each.path for each in found} == {
            *("/login", "/login/code", "/login/verify", "/login/password", "/logout"),
            *("/login/provider", "/login/provider/code"),
        }
