"""Entries come into the books with what causes them. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import func, select

from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import DEFAULT_CHART, AccountRole
from backoffice_api.domain.ledger.model.entries import EntryDraft, PostingDraft
from backoffice_api.domain.ledger.model.refusals import SameAccountTwice, UnknownAccount
from backoffice_api.domain.ledger.tables import accounts, entries, postings, unsealed
from tests.databases import count_statements
from tests.ledger.office import TODAY, post_as_shop, sale


class TestPost:
    def test_takes_five_statements(self, database: Database) -> None:
        post_as_shop(database, sale(0))

        with count_statements(database) as statements:
            made = post_as_shop(database, *(sale(number) for number in range(1, 40)))

        assert len(made) == 39
        assert len([each for each in statements if not each.startswith("BEGIN")]) == 5

    def test_posts_a_source_once(self, database: Database) -> None:
        first = post_as_shop(database, sale(1), sale(2))

        again = post_as_shop(database, sale(2), sale(3), sale(1))

        assert (again[0], again[2]) == (first[1], first[0])
        with database.reading.connect() as db:
            assert db.execute(select(func.count()).select_from(entries)).scalar() == 3
            assert db.execute(select(func.count()).select_from(unsealed)).scalar() == 3

    def test_turns_amounts_below_zero_round_and_leaves_out_zero(self, database: Database) -> None:
        lines = [
            PostingDraft(
                debit=AccountRole.PRICE_VARIANCE,
                credit=AccountRole.INVENTORY,
                amount=Money(minor, "EUR"),
            )
            for minor in (0, -5)
        ]
        draft = EntryDraft(source="a", booked_on=TODAY, description="", postings=lines)
        nothing = EntryDraft(source="b", booked_on=TODAY, description="", postings=lines[:1])

        made = post_as_shop(database, draft, nothing)

        assert len(made) == 1
        credited = accounts.alias()
        with database.reading.connect() as db:
            row = db.execute(
                select(
                    postings.c.position, postings.c.amount_minor, accounts.c.role, credited.c.role
                )
                .join(accounts, accounts.c.id == postings.c.debit_account_id)
                .join(credited, credited.c.id == postings.c.credit_account_id)
            ).one()
        assert tuple(row) == (0, 5, AccountRole.INVENTORY, AccountRole.PRICE_VARIANCE)

    def test_refuses_accounts_that_do_not_fit(self, database: Database) -> None:
        role = AccountRole.SALES

        with pytest.raises(SameAccountTwice):
            post_as_shop(database, sale(1, debit=role, credit=role))
        with pytest.raises(UnknownAccount):
            post_as_shop(database, sale(1, debit=UUID(int=5)))

    def test_makes_each_account_once_however_many_begin(self, database: Database) -> None:
        roles = list(DEFAULT_CHART)
        start = Barrier(4)

        def use(number: int) -> None:
            start.wait()
            lines = [
                PostingDraft(debit=one, credit=two, amount=Money(1, "EUR"))
                for one, two in zip(roles[number:], roles[number + 1 :], strict=False)
            ]
            post_as_shop(
                database,
                EntryDraft(source=str(number), booked_on=TODAY, description="", postings=lines),
            )

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(use, range(4)))

        with database.reading.connect() as db:
            found = db.execute(select(accounts.c.role)).scalars().all()
        assert sorted(found) == sorted(roles)
