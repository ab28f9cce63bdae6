"""What is said of receivables on the wire: to find them, and to change what becomes of them."""

from datetime import date
from decimal import Decimal

import strawberry
from strawberry import UNSET

from backoffice_api.domain.receivables.model.dunning import DunningKind
from backoffice_api.domain.receivables.model.payouts import (
    PayoutFinding,
    PayoutLineDraft,
    PayoutLineKind,
    PayoutLineSortKey,
    PayoutSortKey,
)
from backoffice_api.domain.receivables.model.receivables import (
    ReceivableKind,
    ReceivableSortKey,
    ReceivableState,
)
from backoffice_api.domain.receivables.model.write_offs import (
    WriteOffReason,
    WriteOffSortKey,
    WriteOffStatus,
)
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    IdFilter,
    IntFilter,
    MoneyFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.scalars import CurrencyCode

for _choices in (
    DunningKind,
    PayoutFinding,
    PayoutLineKind,
    PayoutLineSortKey,
    PayoutSortKey,
    ReceivableKind,
    ReceivableSortKey,
    ReceivableState,
    WriteOffReason,
    WriteOffSortKey,
    WriteOffStatus,
):
    choice(_choices)


@filter_input
class ReceivableFilter:
    """Which receivables. All words that are given must hold."""

    state: list[ReceivableState] | None = about("In one of these states.", default=UNSET)
    kind: list[ReceivableKind] | None = about("To come in one of these ways.", default=UNSET)
    order_id: IdFilter | None = about("For such an order.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    provider: StringFilter | None = about("Through such a provider.", default=UNSET)
    due_on: DateFilter | None = about("Due on such a day.", default=UNSET)
    open: MoneyFilter | None = about("So much is open.", default=UNSET)


@strawberry.input(description="The order of a list of receivables.")
class ReceivableSort:
    key: ReceivableSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.ASC)


@filter_input
class PayoutFilter:
    """Which payouts. All words that are given must hold."""

    state: list[ReceivableState] | None = about("In one of these states.", default=UNSET)
    provider: StringFilter | None = about("Of such a provider.", default=UNSET)
    reference: StringFilter | None = about("As its provider calls it.", default=UNSET)
    arrives_on: DateFilter | None = about("To arrive on such a day.", default=UNSET)
    amount: MoneyFilter | None = about("So much is paid out.", default=UNSET)
    differences: IntFilter | None = about("With so many differences.", default=UNSET)


@strawberry.input(description="The order of a list of payouts.")
class PayoutSort:
    key: PayoutSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class PayoutLineFilter:
    """Which lines of payouts. All words that are given must hold."""

    finding: list[PayoutFinding] | None = about("With one of these findings.", default=UNSET)
    payout_id: IdFilter | None = about("Of such a payout.", default=UNSET)


@filter_input
class WriteOffFilter:
    """Which write-offs. All words that are given must hold."""

    status: list[WriteOffStatus] | None = about("In one of these states.", default=UNSET)
    receivable_id: IdFilter | None = about("Of such a receivable.", default=UNSET)


@strawberry.input(description="The order of a list of write-offs.")
class WriteOffSort:
    key: WriteOffSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What a customer contests.")
class ReceivableDisputeInput:
    note: str = about("What the customer says, at most 1,000 characters.", default="")


@strawberry.input(description="What is to be given up.")
class ReceivableWriteOffInput:
    reason: WriteOffReason = about("Why.")
    amount: MoneyInput | None = about("How much. Null: all that is open.", default=None)
    note: str = about("More about it, at most 1,000 characters.", default="")


@strawberry.input(description="One line of a payout.")
class PayoutLineInput:
    kind: PayoutLineKind = about("What it is about.")
    reference: str = about(
        "What the provider calls the transaction, the payment or the refund. Empty: nothing.",
        default="",
    )
    gross: MoneyInput = about("Above zero for charges, below for refunds and chargebacks.")
    fee: MoneyInput = about("What the provider keeps.")
    net: MoneyInput = about("Gross without the fee.")

    def value(self) -> PayoutLineDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return PayoutLineDraft(
            kind=self.kind,
            reference=self.reference,
            gross=self.gross.value(),
            fee=self.fee.value(),
            net=self.net.value(),
        )


@strawberry.input(description="A payout of a provider: with `lines`, or with `csv`.")
class PayoutImportInput:
    provider: str = about("Who pays.")
    reference: str = about("What the provider calls the payout; unique for it.")
    amount: MoneyInput = about("What is paid out. Below zero: the provider takes it.")
    arrives_on: date = about("The day on which it should be at the bank.")
    lines: list[PayoutLineInput] = about("What it is made of, at most 5,000.", default_factory=list)
    csv: str | None = about(
        "The same as a CSV with the columns kind, reference, gross, fee and net.", default=None
    )


@strawberry.input(description="When a provider pays out, and what it may keep.")
class PayoutTermsSetInput:
    provider: str = about("Who.")
    delay_days: int = about("How many days after the capture its payout should be there.")
    fee_bp: int | None = about(
        "What it may keep of a charge, in hundredths of a per cent. Null: fees are not compared.",
        default=None,
    )
    fee_fixed: MoneyInput | None = about("What it may keep besides of each charge.", default=None)


@strawberry.input(description="A step of dunning. The step with this number is replaced.")
class DunningStepSetInput:
    number: int = about("Its place among the steps, 1 to 10.")
    days_after_due: int = about("How many days after the due date it comes.")
    kind: DunningKind = about("How firmly it is put.")
    fee: MoneyInput | None = about("What the message claims besides.", default=None)


@strawberry.input(description="Who is to be reminded.")
class DunningRunInput:
    customer_id: strawberry.ID | None = about("Only this customer. Null: all.", default=None)


@strawberry.input(description="How much a customer may owe.")
class CreditLimitSetInput:
    customer_id: strawberry.ID = about("Who.")
    currency: CurrencyCode = about("In which currency.")
    limit: Decimal | None = about("How much. Null: anything.", default=None)
