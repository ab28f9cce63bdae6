"""How staff sign in and out."""

import re
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
import structlog
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from backoffice_api.domain.identity.commands.staff import DisableStaff, disable_staff
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import login_tries, sessions
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.secret import PASSWORDS, Secret
from tests.identity.people import EMAIL, PASSWORD, add_staff, add_token
from tests.web.door import Door, bearing, codes

JSON = {"content-type": "application/json"}
WRONG = {
    "errors": [
        {
            "message": "The e-mail address or the password is wrong.",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
}


@pytest.fixture
def door(world):
    return Door(world)


def count(world, table):
    statement = select(func.count()).select_from(table)
    return world.read(lambda db: db.execute(statement).scalar())


class TestLogin:
    def test_gives_a_token_that_opens_the_door(self, world, door):
        id = add_staff(world)

        answer = door.sign_in()

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert re.fullmatch(r"bs_[A-Za-z0-9_-]{48}", answer.json()["token"])
        assert answer.json()["expiresAt"] == "2025-03-01T21:30:00Z"
        assert door.who(answer.json()["token"]) == ids.text("stf", id)

    def test_takes_the_address_in_any_case(self, world, door):
        add_staff(world)

        assert door.sign_in(email=f" {EMAIL.upper()} ").status_code == 200

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, PASSWORD + " "),
            (EMAIL, PASSWORD.upper()),
            (EMAIL, ""),
            ("nobody@shop.example", PASSWORD),
            ("", PASSWORD),
            ("a\0b", PASSWORD),
            ("\U0001f600", PASSWORD),
            (EMAIL, "x" * 3_000),
        ],
    )
    def test_says_the_same_of_all_that_is_wrong(self, world, door, email, password):
        add_staff(world)

        answer = door.sign_in(email, password)

        assert (answer.status_code, answer.json()) == (401, WRONG)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["cache-control"] == "no-store"
        assert count(world, sessions) == 0

    def test_says_the_same_of_somebody_disabled(self, world, door):
        world.run(disable_staff, DisableStaff(id=add_staff(world)))

        answer = door.sign_in()

        assert (answer.status_code, answer.json()) == (401, WRONG)

    def test_gives_each_time_another_token(self, world, door):
        add_staff(world)

        assert door.sign_in().json()["token"] != door.sign_in().json()["token"]

    def test_hashes_the_password_anew_where_the_price_has_risen(self, world, door):
        id = add_staff(world)
        dearer = Door(world, passwords=PASSWORDS)

        assert dearer.sign_in().status_code == 200

        kept = world.read(queries.password_hash, id)
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert PASSWORDS.matches(Secret(PASSWORD), kept)
        assert dearer.sign_in().status_code == 200
        assert world.read(queries.password_hash, id) == kept


class TestBrake:
    def test_refuses_the_right_password_after_ten_wrong_ones(self, world, door):
        add_staff(world)
        for _ in range(10):
            assert door.sign_in(password="wrong").status_code == 401

        answer = door.sign_in()

        assert (answer.status_code, codes(answer)) == (429, ["THROTTLED"])
        assert answer.headers["retry-after"] == "900"
        assert count(world, sessions) == 0
        door.wait(minutes=15)
        assert door.sign_in().status_code == 200

    def test_looks_the_same_for_an_account_that_there_is_not(self, world, door):
        add_staff(world)
        answers = {}
        for email in (EMAIL, "nobody@shop.example"):
            tried = [door.sign_in(email=email, password="wrong") for _ in range(12)]
            answers[email] = [
                (each.status_code, each.json(), each.headers.get("retry-after")) for each in tried
            ]

        assert answers[EMAIL] == answers["nobody@shop.example"]
        assert [status for status, _, _ in answers[EMAIL]] == [401] * 10 + [429] * 2

    def test_counts_the_tries_of_one_address(self, world, door):
        add_staff(world)
        for number in range(30):
            door.sign_in(email=f"{number}@shop.example")

        assert door.sign_in().status_code == 429
        elsewhere = Door(world, client="198.51.100.1")
        assert elsewhere.sign_in().status_code == 200

    def test_counts_no_right_password(self, world, door):
        add_staff(world)

        assert [door.sign_in().status_code for _ in range(35)] == [200] * 35

    def test_holds_against_many_at_once(self, world, door):
        add_staff(world)

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: door.sign_in(password="wrong"), range(24)))

        assert sorted(each.status_code for each in answers) == [401] * 10 + [429] * 14


class TestRequests:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"null", 400),
            (b"[]", 400),
            (b'{"email": "a@b.example"}', 400),
            (b'{"email": 1, "password": "x"}', 400),
            (b'{"email": "a", "password": 1}', 400),
            (b'{"email": "a", "password": null}', 400),
            (b'{"email": "\xff", "password": "x"}', 400),
            (b'{"email": "\\ud800", "password": "x"}', 400),
            (b"[" * 4_000, 400),
            (b'{"x": ' + b"[" * 1_500 + b"]" * 1_500 + b"}", 400),
            (b'{"email": "a", "password": "' + b"x" * 4_096 + b'"}', 413),
        ],
    )
    def test_that_are_malformed_are_refused(self, world, door, body, status):
        answer = door.client.post("/login", content=body, headers=JSON)

        assert (answer.status_code, codes(answer)) == (status, ["BAD_USER_INPUT"])
        assert count(world, login_tries) == 0

    @pytest.mark.parametrize(
        "content_type",
        [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"],
    )
    def test_that_a_page_elsewhere_could_send_are_refused(self, world, door, content_type):
        add_staff(world)
        body = orjson.dumps({"email": EMAIL, "password": PASSWORD})
        headers = {"content-type": content_type} if content_type else {}

        answer = door.client.post("/login", content=body, headers=headers)

        assert (answer.status_code, codes(answer)) == (415, ["BAD_USER_INPUT"])
        assert count(world, sessions) == 0

    @pytest.mark.parametrize("path", ["/login", "/logout"])
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
    def test_of_other_methods_are_refused(self, door, path, method):
        answer = door.client.request(method, path)

        assert (answer.status_code, codes(answer)) == (405, ["BAD_USER_INPUT"])
        assert answer.headers["allow"] == "POST"

    def test_are_answered_when_the_database_is_away(self, world, door):
        def fail(*_):
            raise OperationalError("SELECT", {}, Exception("gone"), connection_invalidated=True)

        event.listen(world.database.writing, "before_cursor_execute", fail)
        answer = door.sign_in()
        event.remove(world.database.writing, "before_cursor_execute", fail)

        assert (answer.status_code, codes(answer)) == (503, ["UNAVAILABLE"])


class TestLogout:
    def test_ends_the_session(self, world, door):
        add_staff(world)
        token, other = door.sign_in().json()["token"], door.sign_in().json()["token"]

        answer = door.sign_out(token)

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert door.who(token) is None
        assert door.who(other) is not None

    def test_is_refused_the_second_time(self, world, door):
        add_staff(world)
        token = door.sign_in().json()["token"]
        door.sign_out(token)

        answer = door.sign_out(token)

        assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])

    @pytest.mark.parametrize("token", ["", "bs_x", "bs_" + "A" * 48])
    def test_needs_a_token(self, door, token):
        answer = door.client.post("/logout", headers=bearing(token))

        assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])

    def test_revokes_no_api_token(self, world, door):
        token = add_token(world).secret.reveal()

        answer = door.sign_out(token)

        assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])
        assert door.who(token) is not None


class TestChangePassword:
    NEW = "another sentence of many words"

    def change(self, door, token, password=PASSWORD, new=NEW):
        body = {"password": password, "newPassword": new}
        return door.client.post("/login/password", json=body, headers=bearing(token))

    def test_ends_all_other_sessions(self, world, door):
        add_staff(world)
        token, other = door.sign_in().json()["token"], door.sign_in().json()["token"]

        answer = self.change(door, token)

        assert (answer.status_code, answer.content) == (204, b"")
        assert door.who(token) is not None
        assert door.who(other) is None
        assert door.sign_in().status_code == 401
        assert door.sign_in(password=self.NEW).status_code == 200

    def test_takes_the_present_one_and_is_braked(self, world, door):
        add_staff(world)
        token = door.sign_in().json()["token"]

        wrong = [self.change(door, token, password="wrong").status_code for _ in range(10)]
        right = self.change(door, token)

        assert wrong == [401] * 10
        assert (right.status_code, codes(right)) == (429, ["THROTTLED"])

    def test_takes_a_good_one(self, world, door):
        add_staff(world)
        token = door.sign_in().json()["token"]

        answer = self.change(door, token, new="short")

        assert (answer.status_code, codes(answer)) == (400, ["BAD_USER_INPUT"])
        assert "short" not in answer.text.replace("shorter", "")

    def test_takes_a_session(self, world, door):
        answer = self.change(door, add_token(world).secret.reveal())

        assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])


class TestLog:
    def test_tells_of_right_and_wrong_passwords_without_them(self, world, door):
        add_staff(world)

        with structlog.testing.capture_logs() as lines:
            door.sign_in()
            door.sign_in(password="wrong canary")

        assert [
            (each["event"], each.get("code")) for each in lines if "login" in each["event"]
        ] == [
            ("login.succeeded", None),
            ("login.refused", "UNAUTHENTICATED"),
        ]
        text = str(lines)
        assert EMAIL not in text
        assert PASSWORD not in text
        assert "wrong canary" not in text
