"""The chart of accounts, and how reports are read. On both databases."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.ledger import queries
from backoffice_api.domain.ledger.commands.chart import (
    ArchiveAccount,
    AssignAccountRole,
    CreateAccount,
    RestoreAccount,
    UpdateAccount,
    archive_account,
    assign_account_role,
    create_account,
    restore_account,
    update_account,
)
from backoffice_api.domain.ledger.commands.installing import InstallChart, install_chart
from backoffice_api.domain.ledger.commands.sealing import SealEntries, seal_entries
from backoffice_api.domain.ledger.model.accounts import (
    Account,
    AccountDraft,
    AccountKind,
    AccountRole,
    AccountStatus,
)
from backoffice_api.domain.ledger.model.entries import Dimensions, EntryDraft, PostingDraft
from backoffice_api.domain.ledger.model.reports import Span
from backoffice_api.domain.ledger.queries.reports import trial_balance
from backoffice_api.domain.ledger.queries.statements import Place, account_statement
from tests.databases import count_statements
from tests.ledger.office import TODAY, post_as_shop, sale
from tests.orders.shop import Shop
from tests.plans import all_indexed
from tests.world import World

ASSET, EXPENSE = AccountKind.ASSET, AccountKind.EXPENSE


class Chart:
    def __init__(self, world: World) -> None:
        self.world = world
        post_as_shop(world.database, sale(1))
        self.bank = self.make("10", ASSET)
        self.part = self.make("11", ASSET, parent_id=self.bank)
        self.dollars = self.make("12", ASSET, currency="USD")
        self.rent = self.make("60", EXPENSE)
        world.run(assign_account_role, AssignAccountRole(id=self.rent, role=AccountRole.GOODWILL))

    def make(self, code: str, kind: AccountKind, **more: Any) -> UUID:
        command = CreateAccount(code=code, name=f"Account {code}", kind=kind, **more)
        id: UUID = self.world.run(create_account, command).value
        return id

    def get(self, id: UUID) -> Account:
        found: Mapping[UUID, Account] = self.world.read(queries.accounts_by_ids, [id])
        return found[id]

    def playing(self, role: AccountRole) -> UUID:
        rows = self.world.read(queries.account_list.page, _by_role(role)).rows
        id: UUID = rows[0].id
        return id


def _by_role(role: AccountRole) -> Any:
    return PageRequest(filter=Test("role", Operator.EQ, role))


@pytest.fixture
def chart(world: World) -> Chart:
    return Chart(world)


class TestAccounts:
    def test_refuse_what_does_not_fit(self, chart: Chart) -> None:
        sales = chart.playing(AccountRole.SALES)
        refused: Mapping[str, tuple[Any, Any]] = {
            "ACCOUNT_CODE_TAKEN": (create_account, _new("10", ASSET)),
            "PARENT_DOES_NOT_FIT": (update_account, _change(chart.bank, parent_id=chart.part)),
            "UNKNOWN_ACCOUNT": (create_account, _new("99", ASSET, parent_id=UUID(int=1))),
            "ROLE_NEEDS_ANY_CURRENCY": (update_account, _change(chart.rent, currency="EUR")),
            "ROLE_OF_OTHER_KIND": (assign_account_role, _role(chart.bank, AccountRole.SALES)),
            "ACCOUNT_HAS_POSTINGS": (
                assign_account_role,
                _role(chart.bank, AccountRole.RECEIVABLES),
            ),
            "ACCOUNT_PLAYS_ROLE": (archive_account, ArchiveAccount(id=sales)),
            "ACCOUNT_HAS_PARTS": (archive_account, ArchiveAccount(id=chart.bank)),
            "INVALID_TRANSITION": (restore_account, RestoreAccount(id=chart.bank)),
        }
        for code, (handler, command) in refused.items():
            with pytest.raises(DomainError) as refusal:
                chart.world.run(handler, command)
            assert refusal.value.code == code
        post_as_shop(chart.world.database, sale(2, debit=chart.part))
        with pytest.raises(DomainError) as refusal:
            chart.world.run(archive_account, ArchiveAccount(id=chart.part))
        assert str(refusal.value) == "There is something on the account: ('10.00 EUR',)."

    def test_hand_on_their_roles(self, chart: Chart) -> None:
        chart.world.run(assign_account_role, _role(chart.bank, AccountRole.CASH))
        chart.world.run(assign_account_role, _role(chart.part, AccountRole.CASH))
        post_as_shop(chart.world.database, sale(2, debit=AccountRole.CASH))

        assert chart.playing(AccountRole.CASH) == chart.part
        page = chart.world.read(
            account_statement, chart.part, "EUR", Span(TODAY, date.max), None, 10
        )
        assert page.closing == Money(1_000, "EUR")

    def test_are_archived_and_restored(self, chart: Chart) -> None:
        chart.world.run(archive_account, ArchiveAccount(id=chart.dollars))
        with pytest.raises(DomainError) as refusal:
            post_as_shop(chart.world.database, sale(3, currency="USD", debit=chart.dollars))
        chart.world.run(restore_account, RestoreAccount(id=chart.dollars))
        post_as_shop(chart.world.database, sale(3, currency="USD", debit=chart.dollars))

        assert refusal.value.code == "ACCOUNT_IS_ARCHIVED"
        assert chart.get(chart.dollars).status is AccountStatus.ACTIVE

    def test_are_installed_again_from_data(self, chart: Chart) -> None:
        drafts = (
            AccountDraft(code="111", name="Till", kind=ASSET, parent_code="1111"),
            AccountDraft(code="1111", name="Tills", kind=ASSET, parent_code="10"),
            AccountDraft(code="10", name="Money", kind=ASSET, role=AccountRole.CASH),
        )
        chart.world.run(assign_account_role, _role(chart.part, AccountRole.CASH))
        command = InstallChart(accounts=drafts)

        first = chart.world.run(install_chart, command)
        again = chart.world.run(install_chart, command)

        assert again.value == first.value
        assert again.effects == []
        till, tills, bank = first.value.account_ids
        assert bank == chart.bank == chart.playing(AccountRole.CASH)
        assert (chart.get(till).parent_id, chart.get(tills).parent_id) == (tills, bank)

    def test_keep_a_role_that_was_posted_to(self, chart: Chart) -> None:
        taken = AccountDraft(code="10", name="Money", kind=ASSET, role=AccountRole.RECEIVABLES)

        with pytest.raises(DomainError) as refusal:
            chart.world.run(install_chart, InstallChart(accounts=(taken,)))

        assert (refusal.value.code, refusal.value.path) == (
            "ACCOUNT_HAS_POSTINGS",
            ("accounts", 0, "role"),
        )

    def test_get_another_number_where_theirs_is_taken(self, chart: Chart) -> None:
        chart.make("1000", ASSET)

        post_as_shop(chart.world.database, sale(5, debit=AccountRole.BANK))

        assert chart.get(chart.playing(AccountRole.BANK)).code == "1000.1"


class TestReports:
    def test_take_few_statements_and_read_by_indexes(self, chart: Chart) -> None:
        world = chart.world
        world.run(seal_entries, SealEntries(), caller=THE_SYSTEM)
        span = Span(date(2025, 1, 10), date(2025, 3, 20))
        id, place = chart.bank, Place(TODAY, UUID(int=1), 0)

        with count_statements(world.database) as statements:
            world.read(trial_balance, span)
        assert len([each for each in statements if each.startswith(("SELECT", "WITH"))]) == 3
        walks = ("anon_1", "anon_2", "anon_3")
        with all_indexed(world.database.reading, sorts=True, walks=walks):
            world.read(account_statement, id, "EUR", span, None, 10)
            world.read(account_statement, id, "EUR", span, place, 10)

    def test_can_be_of_a_channel_alone(self, chart: Chart) -> None:
        channel = Shop(chart.world).channel_id
        posting = PostingDraft(
            debit=AccountRole.RECEIVABLES,
            credit=AccountRole.SALES,
            amount=Money(500, "EUR"),
            dimensions=Dimensions(channel_id=channel),
        )
        post_as_shop(
            chart.world.database,
            EntryDraft(source="a", booked_on=TODAY, description="", postings=[posting]),
        )
        span = Span(TODAY, date(2025, 4, 1))

        def of_channel(db: Any) -> Any:
            return trial_balance(db, span, dimensions={"channel_id": channel})

        assert [each.debit.minor for each in chart.world.read(of_channel).totals] == [500]


def _new(code: str, kind: AccountKind, **more: Any) -> CreateAccount:
    return CreateAccount(code=code, name="New", kind=kind, **more)


def _change(id: UUID, **more: Any) -> UpdateAccount:
    return UpdateAccount(id=id, **more)


def _role(id: UUID, role: AccountRole) -> AssignAccountRole:
    return AssignAccountRole(id=id, role=role)
