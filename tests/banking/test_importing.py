"""Statements come in once, however often, in whatever parts, by however many. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.commands.importing import (
    ImportStatements,
    import_statements,
)
from backoffice_api.domain.banking.model.accounts import BankNumbers, UnknownBankAccountOfShop
from backoffice_api.domain.banking.model.files import StatementFormat
from backoffice_api.domain.banking.model.statements import LINES_AT_ONCE, StatementStatus
from backoffice_api.domain.kernel.errors import DomainError
from tests.banking.desk import day, line, statement
from tests.databases import count_statements

COFFEE = line(1, -450, "Coffee")


class TestImporting:
    def test_takes_equal_lines_of_one_day_each_and_only_once(self, desk):
        first = desk.take(statement(COFFEE, COFFEE, line(1, 900, "Sale")))
        again = desk.take(statement(COFFEE, COFFEE, line(1, 900, "Sale")))
        more = desk.take(statement(COFFEE, COFFEE, COFFEE))

        assert (first.added, first.known) == (3, 0)
        assert (again.added, again.known, again.statement_ids) == (0, 3, first.statement_ids)
        assert (more.added, more.known) == (1, 2)
        assert [each.amount_minor for each in desk.lines()].count(-450) == 3
        assert desk.broken() == []

    def test_tells_lines_apart_by_what_the_bank_calls_them(self, desk):
        a, b = (line(1, -450, "Coffee", bank_reference=name) for name in "ab")

        desk.take(statement(a))

        assert desk.take(statement(b)).added == 1

    def test_takes_equal_lines_on_pages_that_come_apart(self, desk):
        """The second page begins where the first one ends, so its coffee is another one."""
        first = desk.take(statement(COFFEE, opening=10_000))
        second = desk.take(statement(COFFEE, opening=9_550))
        again = desk.take(statement(COFFEE, opening=9_550))
        both = desk.take(statement(COFFEE, COFFEE, opening=10_000))

        assert (first.added, second.added) == (1, 1)
        assert again.statement_ids == second.statement_ids
        assert (both.added, both.known) == (0, 2)
        (made,) = desk.world.read(queries.statements_by_ids, second.statement_ids).values()
        assert made.previous_id == first.statement_ids[0]
        assert desk.broken() == []

    def test_takes_a_page_behind_one_whose_lines_wait(self, desk):
        long = [COFFEE, *(line(1, 1, str(each)) for each in range(LINES_AT_ONCE))]
        first = desk.take(statement(*long, opening=0))

        second = desk.take(statement(COFFEE, opening=LINES_AT_ONCE - 450))
        desk.take_parts(first.statement_ids[0])

        assert second.added == 1
        assert [each.amount_minor for each in desk.lines()].count(-450) == 2
        assert desk.broken() == []

    def test_knows_the_lines_of_a_day_that_comes_to_nothing(self, desk):
        """Both statements begin and end with the same balance; the second is no page after it."""
        back = line(1, 450, "Coffee paid back")
        desk.take(statement(COFFEE, back, opening=10_000, starts_on=day(0)))

        again = desk.take(statement(COFFEE, back, line(2, -1, "Fee"), opening=10_000))

        assert (again.added, again.known) == (1, 2)
        assert desk.broken() == []

    def test_takes_pages_of_one_file(self, desk):
        made = desk.take(statement(COFFEE, opening=10_000), statement(COFFEE, opening=9_550))

        assert (made.added, len(made.statement_ids)) == (2, 2)
        assert desk.broken() == []

    def test_joins_statements_that_come_in_any_order(self, desk):
        later = desk.take(statement(line(3, 5), opening=110)).statement_ids[0]
        first = desk.take(statement(line(1, 10), opening=100)).statement_ids[0]

        found = desk.world.read(queries.statements_by_ids, [later])

        assert found[later].previous_id == first
        assert desk.broken() == []

    def test_refuses_what_does_not_balance_with_the_amounts(self, desk):
        wrong = statement(line(1, 10), opening=100, closing=109)
        with pytest.raises(DomainError) as refusal:
            desk.take(wrong)

        fault = refusal.value
        assert fault.code == "BALANCE_MISMATCH"
        assert (fault.opening.minor, fault.lines.minor, fault.closing.minor) == (100, 10, 109)
        assert desk.lines() == []

        made = desk.take(wrong, allow_mismatch=True, mismatch_reason="A cent is missing.")

        (row,) = desk.world.read(queries.statements_by_ids, made.statement_ids).values()
        assert (made.added, row.mismatch_reason) == (1, "A cent is missing.")
        assert desk.broken() == []

    def test_refuses_what_is_not_of_the_account(self, desk):
        iban = "DE89370400440532013000"
        own = desk.account(numbers=BankNumbers(iban=iban))

        def refused(*drafts, account_id=own, **values):
            command = ImportStatements(
                bank_account_id=account_id,
                format=StatementFormat.CAMT,
                statements=drafts,
                **values,
            )
            return desk.refused(import_statements, command)

        other, dollars = statement(COFFEE, account="777"), statement(COFFEE, currency="USD")
        assert refused(other) == ["STATEMENT_OF_OTHER_ACCOUNT"]
        assert refused(other, statement(COFFEE, account="37040044/0532013000")) == []
        assert refused(dollars) == ["STATEMENT_IN_OTHER_CURRENCY"]
        mixed = statement(COFFEE, opening=100, closing=100, is_mixed=True)
        allowed = {"allow_mismatch": True, "mismatch_reason": "The bank says so"}
        assert refused(statement(COFFEE, is_mixed=True)) == ["STATEMENT_MIXES_CURRENCIES"]
        assert refused(mixed, **allowed) == ["STATEMENT_MIXES_CURRENCIES"]
        assert refused(statement(COFFEE), allow_mismatch=True) == ["REASON_NEEDED"]
        assert refused(statement(COFFEE), account_id=UUID(int=1)) == [UnknownBankAccountOfShop.code]

    def test_takes_long_statements_in_parts(self, desk):
        lines = [line(1, 1, str(each % 1_500)) for each in range(LINES_AT_ONCE + 1)]

        made = desk.take(statement(*lines, opening=0))
        (id,) = made.statement_ids

        assert (made.added, desk.lines()) == (0, [])
        assert desk.take_parts(id) == 2
        row = desk.world.read(queries.statements_by_ids, [id])[id]
        assert (row.status, row.added_count) == (StatementStatus.IMPORTED, LINES_AT_ONCE + 1)
        assert desk.take(statement(*lines, opening=0)).statement_ids == (id,)
        assert desk.broken() == []

    def test_takes_as_many_statements_however_many_lines(self, desk):
        with count_statements(desk.world.database) as few:
            desk.take(statement(COFFEE))
        with count_statements(desk.world.database) as many:
            desk.take(statement(*(line(2, each, "x") for each in range(1, 200))))

        assert len(many) <= len(few)

    def test_takes_a_statement_once_that_two_bring_at_once(self, desk):
        draft = statement(COFFEE, COFFEE, line(1, 900, "Sale"), opening=0)
        overlapping = statement(COFFEE, COFFEE, line(2, 5), opening=7)
        start = Barrier(4)

        def bring(given):
            start.wait()
            return desk.take(given)

        with ThreadPoolExecutor(4) as people:
            made = list(people.map(bring, [draft, draft, overlapping, overlapping]))

        assert len({each.statement_ids for each in made}) == 2
        assert len(desk.lines()) == 4
        assert desk.broken() == []

    @settings(
        max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(
        amounts=some.lists(some.tuples(some.integers(0, 4), some.integers(-2, 2)), max_size=12),
        windows=some.lists(some.tuples(some.integers(0, 4), some.integers(0, 4)), max_size=4),
        order=some.randoms(use_true_random=False),
    )
    def test_comes_to_the_same_lines_in_any_order(self, desk, amounts, windows, order):
        """Whole days, in windows that overlap and are brought in any order, some of them twice."""
        account_id = desk.account()
        lines = [line(number, minor, "x") for number, minor in sorted(amounts)]
        parts = [
            [each for each in lines if day(min(window)) <= each.booked_on <= day(max(window))]
            for window in (*windows, (0, 4))
        ]
        parts += parts[:2]
        order.shuffle(parts)

        for part in parts:
            desk.take(statement(*part), account_id=account_id)

        found = sorted((each.booked_on, each.amount_minor) for each in desk.lines(account_id))
        assert found == sorted((each.booked_on, each.amount_minor) for each in lines)
