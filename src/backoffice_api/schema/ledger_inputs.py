"""What is said of the books on the wire: to find entries, to post and to take back."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.ledger.model.accounts import (
    AccountDraft,
    AccountKind,
    AccountRole,
    AccountSortKey,
)
from backoffice_api.domain.ledger.model.entries import Dimensions, EntrySortKey
from backoffice_api.domain.ledger.model.lines import EntryLine
from backoffice_api.domain.ledger.model.periods import PeriodSortKey
from backoffice_api.domain.ledger.model.rates import RateDraft, RateSortKey
from backoffice_api.schema import ledger
from backoffice_api.schema.directives import about
from backoffice_api.schema.filters import (
    DateFilter,
    DateTimeFilter,
    IdFilter,
    IntFilter,
    MoneyFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.scalars import CurrencyCode

READ = ledger.READ


@filter_input
class AccountFilter:
    """Which accounts. All words that are given must hold."""

    code: StringFilter | None = about("By number.", default=UNSET)
    kind: list[AccountKind] | None = about("Of one of these kinds.", default=UNSET)
    role: list[AccountRole] | None = about("That play one of these roles.", default=UNSET)
    parent_id: IdFilter | None = about("That add to such an account.", default=UNSET)
    is_archived: bool | None = about("Whether they are archived.", default=UNSET)


@strawberry.input(description="The order of a list of accounts.")
class AccountSort:
    key: AccountSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class JournalEntryFilter:
    """Which entries. All words that are given must hold."""

    number: IntFilter | None = about("By number.", default=UNSET)
    booked_on: DateFilter | None = about("That count for such a day.", default=UNSET)
    period: DateFilter | None = about("Of such a month, by its first day.", default=UNSET)
    source: StringFilter | None = about("Made for such a thing.", default=UNSET)
    subject_id: IdFilter | None = about("Behind which is such a thing.", default=UNSET)
    account_id: IdFilter | None = about("That debit or credit such an account.", default=UNSET)
    amount: MoneyFilter | None = about("Some posting is of such an amount.", default=UNSET)
    channel_id: IdFilter | None = about("Some posting is about such a channel.", default=UNSET)
    supplier_id: IdFilter | None = about("Some posting is about such a supplier.", default=UNSET)
    product_id: IdFilter | None = about("Some posting is about such a product.", default=UNSET)
    location_id: IdFilter | None = about("Some posting is about such a location.", default=UNSET)
    is_unrated: bool | None = about(
        "Whether some posting is not counted in the currency of the books yet.", default=UNSET
    )
    created_at: DateTimeFilter | None = about("Posted at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of journal entries.")
class JournalEntrySort:
    key: EntrySortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class LedgerPeriodFilter:
    """Which periods. All words that are given must hold."""

    starts_on: DateFilter | None = about("That begin on such a day.", default=UNSET)
    is_closed: bool | None = about("Whether they are closed.", default=UNSET)


@strawberry.input(description="The order of a list of periods.")
class LedgerPeriodSort:
    key: PeriodSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ExchangeRateFilter:
    """Which rates. All words that are given must hold."""

    from_currency: StringFilter | None = about("Of a unit of such a currency.", default=UNSET)
    to_currency: StringFilter | None = about("In such a currency.", default=UNSET)
    valid_on: DateFilter | None = about("That hold from such a day on.", default=UNSET)
    source: StringFilter | None = about("That such a source gave.", default=UNSET)


@strawberry.input(description="The order of a list of rates.")
class ExchangeRateSort:
    key: RateSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="An account to be added to the chart.")
class AccountCreateInput:
    code: str = about("Its number, 1 to 20 characters, unique in the chart.")
    name: str = about("Its name.")
    kind: AccountKind = about("What it is about; stays as it is.")
    parent_id: strawberry.ID | None = about(
        "The account that it adds to, of the same kind.", default=None
    )
    currency: CurrencyCode | None = about("The only currency it takes. Null: any.", default=None)


@strawberry.input(description="What is to change of an account. What is absent stays.")
class AccountUpdateInput:
    code: str | None = about("Its number.", default=UNSET)
    name: str | None = about("Its name.", default=UNSET)
    parent_id: strawberry.ID | None = about("What it adds to; null: to none.", default=UNSET)
    currency: CurrencyCode | None = about("All it takes; null: any currency.", default=UNSET)


@strawberry.input(description="What the back office is to post to an account by itself.")
class AccountAssignRoleInput:
    role: AccountRole = about("The role; whichever account played it plays it no more.")


@strawberry.input(description="An account of a chart.")
class ChartAccountInput:
    code: str = about("Its number. An account that has it already is changed.")
    name: str = about("Its name.")
    kind: AccountKind = about("What it is about.")
    role: AccountRole | None = about(
        "What the back office posts to it by itself. Null: what it did.", default=None
    )
    parent_code: str | None = about("Number of the account that it adds to.", default=None)
    currency: CurrencyCode | None = about("The only currency it takes. Null: any.", default=None)

    def value(self) -> AccountDraft:
        return AccountDraft(
            code=self.code,
            name=self.name,
            kind=self.kind,
            role=self.role,
            parent_code=self.parent_code,
            currency=self.currency,
        )


@strawberry.input(description="A chart of accounts.")
class ChartInstallInput:
    accounts: list[ChartAccountInput] = about("Its accounts, at most 1,000.")


@strawberry.input(description="How the books are kept.")
class BooksSetInput:
    base_currency: CurrencyCode = about("The currency in which all amounts are counted.")


@strawberry.input(description="A line of an entry: either a debit or a credit.")
class JournalLineInput:
    account_id: strawberry.ID = about("The account.")
    debit: MoneyInput | None = about("What is debited, above zero.", default=None)
    credit: MoneyInput | None = about("What is credited, above zero.", default=None)
    channel_id: strawberry.ID | None = about("About which channel.", default=None)
    supplier_id: strawberry.ID | None = about("About which supplier.", default=None)
    product_id: strawberry.ID | None = about("About which product.", default=None)
    location_id: strawberry.ID | None = about("About which location.", default=None)

    def value(self) -> EntryLine:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return EntryLine(
            account_id=ids.parse("acc", self.account_id),
            debit=self.debit.value() if self.debit else None,
            credit=self.credit.value() if self.credit else None,
            dimensions=Dimensions(
                channel_id=given_id("chn", self.channel_id),
                supplier_id=given_id("sup", self.supplier_id),
                product_id=given_id("prd", self.product_id),
                location_id=given_id("loc", self.location_id),
            ),
        )


@strawberry.input(description="An entry to be posted by hand.")
class JournalEntryPostInput:
    booked_on: date = about("The day it counts for.")
    description: str = about("What happened, 1 to 500 characters.")
    lines: list[JournalLineInput] = about(
        "Its lines, at most 500. Debits and credits are the same in each currency."
    )


@strawberry.input(description="How an entry is taken back.")
class JournalEntryReverseInput:
    booked_on: date | None = about("The day that counts for. Null: today.", default=None)
    description: str | None = about("Why, at most 500 characters.", default=None)


@strawberry.input(description="Which month is to be closed.")
class PeriodCloseInput:
    day: date = about("Any day of the month.")


@strawberry.input(description="What may come into a closed month.")
class PeriodAllowExceptionInput:
    reason: str = about("Why, 1 to 1,000 characters.")
    expires_at: datetime = about("Until then.")
    entries_max: int = about("How many entries that people post, 1 to 1,000.", default=1)


@strawberry.input(description="A rate as a source gives it.")
class ExchangeRateInput:
    valid_on: date = about("From this day on.")
    from_currency: CurrencyCode = about("A unit of this currency.")
    to_currency: CurrencyCode = about("Is worth so much of this one.")
    rate: Decimal = about("How much, above zero, with at most 12 decimals.")

    def value(self) -> RateDraft:
        return RateDraft(
            valid_on=self.valid_on,
            from_currency=self.from_currency,
            to_currency=self.to_currency,
            rate=self.rate,
        )


@strawberry.input(description="Rates of one source.")
class ExchangeRatesAddInput:
    source: str = about("Who says so, 1 to 80 characters: `ECB`.")
    rates: list[ExchangeRateInput] = about("The rates, at most 1,000.")


@strawberry.input(description="At the end of which month foreign balances are counted anew.")
class BooksRevalueInput:
    day: date = about("Any day of the month.")
