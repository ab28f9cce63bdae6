"""The brake on guessing passwords."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backoffice_api.domain.identity.commands.staff import DisableStaff, disable_staff
from backoffice_api.domain.identity.commands.tries import (
    PER_ACCOUNT_MAX,
    PER_ADDRESS_MAX,
    SESSIONS_KEPT,
    WINDOW,
    ForgetOld,
    Forgotten,
    forget_old,
)
from backoffice_api.domain.identity.model.staff import SESSION_LIFE, TooManyTries
from backoffice_api.domain.identity.tables import login_tries, sessions
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from tests.databases import count_statements
from tests.identity.people import EMAIL, add_staff, claim, sign_in
from tests.world import NOW

SECOND = timedelta(seconds=1)


def count(world, table):
    statement = select(func.count()).select_from(table)
    return world.read(lambda db: db.execute(statement).scalar())


def allowed(world, times, **how):
    """How many of so many tries, from another address each, are let through."""
    passed = 0
    for number in range(times):
        try:
            claim(world, **({"address": f"192.0.2.{number}"} | how))
            passed += 1
        except TooManyTries:
            pass
    return passed


class TestClaimTry:
    def test_finds_the_account_capitals_not_counting(self, world):
        id = add_staff(world)

        assert claim(world, email=EMAIL.upper()).account.staff_id == id

    def test_finds_nothing_for_somebody_disabled(self, world):
        world.run(disable_staff, DisableStaff(id=add_staff(world)))

        assert claim(world).account is None

    @pytest.mark.parametrize("email", ["", "nobody@shop.example", "a\0b", "\u00e4@b", "x" * 4_000])
    def test_finds_nothing_for_nobody(self, world, email):
        add_staff(world)

        assert claim(world, email=email).account is None

    @pytest.mark.parametrize("email", [EMAIL, "nobody@shop.example"])
    def test_lets_ten_through_for_one_account_known_or_not(self, world, email):
        add_staff(world)

        assert allowed(world, PER_ACCOUNT_MAX + 5, email=email) == 10
        assert allowed(world, 2, email="other@shop.example") == 2

    def test_lets_thirty_through_from_one_address(self, world):
        outcomes = 0
        for number in range(PER_ADDRESS_MAX + 5):
            outcomes += allowed(world, 1, email=f"{number}@shop.example", address="192.0.2.1")

        assert outcomes == 30
        assert allowed(world, 1, address="192.0.2.2") == 1

    def test_takes_one_network_of_ipv6_for_one_address(self, world):
        for number in range(PER_ADDRESS_MAX):
            claim(world, email=f"{number}@shop.example", address=f"2001:db8::{number:x}")

        assert allowed(world, 1, address="2001:db8:0:0:ffff::1") == 0
        assert allowed(world, 1, address="2001:db8:0:1::1") == 1

    @pytest.mark.parametrize(
        ("one", "same"),
        [("192.0.2.1", "::ffff:192.0.2.1"), (None, "testclient"), ("2001:DB8::1", "2001:db8::2")],
    )
    def test_knows_an_address_in_another_form(self, world, one, same):
        for number in range(PER_ADDRESS_MAX):
            claim(world, email=f"{number}@shop.example", address=one)

        assert allowed(world, 1, address=same) == 0

    def test_says_when_to_try_again_and_is_right(self, world):
        for number in range(PER_ACCOUNT_MAX):
            claim(world, now=NOW + number * SECOND)

        with pytest.raises(TooManyTries) as refused:
            claim(world, now=NOW + 60 * SECOND)

        assert refused.value.retry_after_s == 14 * 60
        again = NOW + WINDOW
        assert allowed(world, 1, now=again - SECOND) == 0
        assert allowed(world, 1, now=again) == 1
        assert allowed(world, 1, now=again) == 0
        assert allowed(world, 1, now=again + SECOND) == 1

    def test_counts_none_that_was_refused(self, world):
        allowed(world, PER_ACCOUNT_MAX)
        allowed(world, 50, now=NOW + 100 * SECOND)

        assert allowed(world, PER_ACCOUNT_MAX + 1, now=NOW + WINDOW) == PER_ACCOUNT_MAX

    def test_starts_the_account_anew_after_the_right_password(self, world):
        add_staff(world)
        allowed(world, PER_ACCOUNT_MAX - 1)

        sign_in(world)

        assert allowed(world, PER_ACCOUNT_MAX + 1) == PER_ACCOUNT_MAX

    def test_gives_the_address_back_no_more_than_the_right_try(self, world):
        add_staff(world)
        for number in range(PER_ADDRESS_MAX - 1):
            claim(world, email=f"{number}@shop.example")

        for _ in range(3):
            sign_in(world)

        claim(world, email="last@shop.example")
        with pytest.raises(TooManyTries):
            claim(world)

    def test_lets_no_more_through_when_they_come_at_once(self, world):
        add_staff(world)

        with ThreadPoolExecutor(8) as threads:
            passed = list(
                threads.map(lambda n: allowed(world, 1, address=f"192.0.2.{n}"), range(40))
            )

        assert Counter(passed) == {1: PER_ACCOUNT_MAX, 0: 40 - PER_ACCOUNT_MAX}

    def test_does_the_same_for_a_known_and_an_unknown_account(self, world):
        add_staff(world)
        seen = []
        for email in (EMAIL, "nobody@shop.example"):
            with count_statements(world.database) as statements:
                claim(world, email=email)
            seen.append(list(statements))

        assert seen[0] == seen[1]


class TestForgetOld:
    def test_drops_tries_that_count_no_more(self, world):
        claim(world, email="a@shop.example", address="192.0.2.1")
        claim(world, email="b@shop.example", address="192.0.2.2", now=NOW + SECOND)

        answer = world.run(forget_old, ForgetOld(), caller=THE_SYSTEM, now=NOW + WINDOW + SECOND)

        assert answer.value == Forgotten(sessions=0, tries=2, challenges=0, logins=0, budgets=0)
        assert count(world, login_tries) == 2

    def test_drops_sessions_that_ran_out_long_ago(self, world):
        add_staff(world)
        sign_in(world)
        sign_in(world, now=NOW + SECOND)

        end = NOW + SESSION_LIFE + SESSIONS_KEPT
        answer = world.run(forget_old, ForgetOld(), caller=THE_SYSTEM, now=end + SECOND)

        assert answer.value.sessions == 1
        assert count(world, sessions) == 1
