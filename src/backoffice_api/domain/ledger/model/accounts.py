"""Accounts of the ledger: what money is kept as, owed, owned, earned and spent for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move

CODE_LENGTH_MAX = 20
INSTALLED_MAX = 1_000


class AccountKind(Choice):
    """What an account is about. Assets and expenses grow by debits, the others by credits."""

    ASSET = "asset", "What the shop has, or is owed."
    LIABILITY = "liability", "What the shop owes."
    EQUITY = "equity", "What belongs to the owners."
    INCOME = "income", "What is earned."
    EXPENSE = "expense", "What is spent."


class AccountRole(Choice):
    """What the back office itself posts to. Each role is played by one account of the chart."""

    BANK = "bank", "Money at the bank, where no bank account names one of its own."
    CASH = "cash", "Money in hand."
    PAYMENTS_IN_TRANSIT = "payments_in_transit", "Taken by a provider and not paid out yet."
    BANK_CLEARING = "bank_clearing", "Lines of statements that nothing explains yet."
    RECEIVABLES = "receivables", "What customers owe."
    INVENTORY = "inventory", "Goods at hand, at what they cost."
    INVENTORY_IN_TRANSIT = "inventory_in_transit", "Goods between two of our places."
    INPUT_TAX = "input_tax", "Tax paid to suppliers that the state gives back."
    SUPPLIER_CREDITS = "supplier_credits", "What suppliers owe: debit and credit notes."
    CARRIER_CLAIMS = "carrier_claims", "What carriers owe for goods that they lost or broke."
    PAYABLES = "payables", "What suppliers are owed."
    GOODS_NOT_BILLED = "goods_not_billed", "Goods received that no bill has come for yet."
    FREIGHT_NOT_BILLED = "freight_not_billed", "Labels, freight and duty without a bill as yet."
    PAYMENTS_UNDER_WAY = "payments_under_way", "Paid to suppliers and not seen at the bank yet."
    OUTPUT_TAX = "output_tax", "Tax taken from customers for the state."
    CUSTOMER_DEPOSITS = "customer_deposits", "Paid by customers before the goods left."
    REFUNDS_DUE = "refunds_due", "Promised to customers and not paid back yet."
    STORE_CREDIT = "store_credit", "Credit of customers with the shop."
    OPENING = "opening", "What was there before the books began."
    CURRENCY_CLEARING = "currency_clearing", "Both sides of what is changed into other money."
    SALES = "sales", "Goods sold, before discounts."
    DISCOUNTS = "discounts", "Taken off what was sold; an income that shrinks."
    SHIPPING_INCOME = "shipping_income", "Shipping that customers paid for."
    RETURNS = "returns", "Sales that came back; an income that shrinks."
    FEES_INCOME = "fees_income", "Restocking fees and what else customers pay."
    PURCHASE_DISCOUNTS = "purchase_discounts", "Taken off by suppliers for paying early."
    COST_OF_SALES = "cost_of_sales", "What the goods that were sold had cost."
    INVENTORY_ADJUSTMENTS = "inventory_adjustments", "Goods found, lost, broken or given away."
    PRICE_VARIANCE = "price_variance", "Bills that differ from what was ordered or received."
    FREIGHT_OUT = "freight_out", "Labels and carriers on the way to customers."
    PROVIDER_FEES = "provider_fees", "What payment providers and marketplaces keep."
    CHARGEBACKS = "chargebacks", "Payments that banks took back for good."
    GOODWILL = "goodwill", "Given to customers without a duty."
    WRITE_OFFS = "write_offs", "Owed to the shop and given up."
    BANK_FEES = "bank_fees", "What the bank takes, and small differences."
    EXCHANGE_DIFFERENCES = "exchange_differences", "Gains and losses by changing rates."
    PURCHASED_SERVICES = "purchased_services", "Rent, ads and other services."


# Accounts whose balance other rooms prove by their own documents: what is owed and by whom, what
# lies in stock and at which cost. Who posts to them by hand makes the books contradict these.
CONTROL_ROLES = frozenset(
    {
        AccountRole.CARRIER_CLAIMS,
        AccountRole.CUSTOMER_DEPOSITS,
        AccountRole.FREIGHT_NOT_BILLED,
        AccountRole.GOODS_NOT_BILLED,
        AccountRole.INVENTORY,
        AccountRole.INVENTORY_IN_TRANSIT,
        AccountRole.PAYABLES,
        AccountRole.PAYMENTS_IN_TRANSIT,
        AccountRole.PAYMENTS_UNDER_WAY,
        AccountRole.RECEIVABLES,
        AccountRole.REFUNDS_DUE,
        AccountRole.STORE_CREDIT,
        AccountRole.SUPPLIER_CREDITS,
    }
)


class AccountStatus(Choice):
    """Whether an account is in use."""

    ACTIVE = "active", "It takes postings."
    ARCHIVED = "archived", "It takes no more postings, and is kept with what was posted."


MACHINE = Machine(
    AccountStatus.ACTIVE,
    move("update", {AccountStatus.ACTIVE}),
    move("assign_role", {AccountStatus.ACTIVE}),
    move("archive", {AccountStatus.ACTIVE}, AccountStatus.ARCHIVED),
    move("restore", {AccountStatus.ARCHIVED}, AccountStatus.ACTIVE),
)


class AccountSortKey(Choice):
    """By what a list of accounts is sorted."""

    CODE = "code", "The number of the account."
    NAME = "name", "Its name."


@dataclass(frozen=True, slots=True)
class Account:
    """`role`: what the back office posts to it by itself. `currency` None: any.

    `parent_id`: the account whose balance it adds to in reports.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    kind: AccountKind
    role: AccountRole | None
    parent_id: UUID | None
    currency: str | None
    is_archived: bool

    @property
    def is_control(self) -> bool:
        """Whether documents of other rooms prove its balance, so that no hand may post to it."""
        return self.role in CONTROL_ROLES

    @property
    def status(self) -> AccountStatus:
        return AccountStatus.ARCHIVED if self.is_archived else AccountStatus.ACTIVE

    @property
    def actions(self) -> Sequence[Action]:
        """What can be done with it now."""
        blocks = {"archive": (f"it plays the role {self.role.name}",)} if self.role else {}
        return MACHINE.actions(self.status, blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """An account to be made. `parent_code`: what it adds to, present or made with it."""

    code: str
    name: str
    kind: AccountKind
    role: AccountRole | None = None
    parent_code: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ChartInstalled:
    """The accounts of the chart, in the order given."""

    account_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class AccountCreated(Event):
    """There is a new account."""

    type: ClassVar[str] = "account.created"
    subject: ClassVar[str] = "acc"
    summary: ClassVar[str] = "Account {code} was made."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class AccountUpdated(Event):
    """An account is called otherwise, adds to another one, takes another currency."""

    type: ClassVar[str] = "account.updated"
    subject: ClassVar[str] = "acc"
    summary: ClassVar[str] = "Account {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class AccountRoleChanged(Event):
    """The back office posts something else to the account by itself, or nothing."""

    type: ClassVar[str] = "account.role_changed"
    subject: ClassVar[str] = "acc"
    summary: ClassVar[str] = "Account {code} plays another role."
    id: UUID
    version: int
    code: str
    role: AccountRole | None


@dataclass(frozen=True, slots=True)
class AccountArchived(Event):
    """An account takes no more postings."""

    type: ClassVar[str] = "account.archived"
    subject: ClassVar[str] = "acc"
    summary: ClassVar[str] = "Account {code} was archived."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class AccountRestored(Event):
    """An archived account takes postings again."""

    type: ClassVar[str] = "account.restored"
    subject: ClassVar[str] = "acc"
    summary: ClassVar[str] = "Account {code} is in use again."
    id: UUID
    version: int
    code: str


_A, _L, _E, _I, _X = AccountKind

# The chart that a shop starts with: the number and the kind of the account that plays each role.
# Numbers as in the usual five classes: 1 assets, 2 liabilities, 3 equity, 4 income, 5-6 expenses.
DEFAULT_CHART: Mapping[AccountRole, tuple[str, AccountKind, str]] = {
    AccountRole.BANK: ("1000", _A, "Bank"),
    AccountRole.CASH: ("1010", _A, "Cash"),
    AccountRole.PAYMENTS_IN_TRANSIT: ("1050", _A, "Payments in transit"),
    AccountRole.BANK_CLEARING: ("1090", _A, "Bank clearing"),
    AccountRole.RECEIVABLES: ("1100", _A, "Receivables"),
    AccountRole.SUPPLIER_CREDITS: ("1150", _A, "Supplier credits"),
    AccountRole.CARRIER_CLAIMS: ("1160", _A, "Claims on carriers"),
    AccountRole.INVENTORY: ("1200", _A, "Inventory"),
    AccountRole.INVENTORY_IN_TRANSIT: ("1210", _A, "Inventory in transit"),
    AccountRole.INPUT_TAX: ("1300", _A, "Input tax"),
    AccountRole.PAYABLES: ("2000", _L, "Payables"),
    AccountRole.GOODS_NOT_BILLED: ("2010", _L, "Goods received, not billed"),
    AccountRole.FREIGHT_NOT_BILLED: ("2020", _L, "Freight not billed"),
    AccountRole.PAYMENTS_UNDER_WAY: ("2050", _L, "Payments under way"),
    AccountRole.OUTPUT_TAX: ("2100", _L, "Output tax"),
    AccountRole.CUSTOMER_DEPOSITS: ("2200", _L, "Customer deposits"),
    AccountRole.REFUNDS_DUE: ("2210", _L, "Refunds due"),
    AccountRole.STORE_CREDIT: ("2220", _L, "Store credit"),
    AccountRole.OPENING: ("3000", _E, "Opening balances"),
    AccountRole.CURRENCY_CLEARING: ("3900", _E, "Currency clearing"),
    AccountRole.SALES: ("4000", _I, "Sales"),
    AccountRole.DISCOUNTS: ("4010", _I, "Discounts"),
    AccountRole.RETURNS: ("4020", _I, "Returns"),
    AccountRole.SHIPPING_INCOME: ("4100", _I, "Shipping income"),
    AccountRole.FEES_INCOME: ("4200", _I, "Fees income"),
    AccountRole.PURCHASE_DISCOUNTS: ("4300", _I, "Purchase discounts"),
    AccountRole.COST_OF_SALES: ("5000", _X, "Cost of sales"),
    AccountRole.INVENTORY_ADJUSTMENTS: ("5100", _X, "Inventory adjustments"),
    AccountRole.PRICE_VARIANCE: ("5200", _X, "Purchase price variance"),
    AccountRole.FREIGHT_OUT: ("5300", _X, "Freight out"),
    AccountRole.PROVIDER_FEES: ("6000", _X, "Payment provider fees"),
    AccountRole.CHARGEBACKS: ("6010", _X, "Chargebacks"),
    AccountRole.GOODWILL: ("6020", _X, "Goodwill"),
    AccountRole.WRITE_OFFS: ("6030", _X, "Write-offs"),
    AccountRole.BANK_FEES: ("6040", _X, "Bank fees and small differences"),
    AccountRole.EXCHANGE_DIFFERENCES: ("6050", _X, "Exchange differences"),
    AccountRole.PURCHASED_SERVICES: ("6100", _X, "Purchased services"),
}
