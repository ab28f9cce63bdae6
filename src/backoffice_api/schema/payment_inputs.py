"""What is said of payments on the wire: to find them, to make and to move them."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.payments.model.boleto import BoletoTerms
from backoffice_api.domain.payments.model.br_code import PixReceiver
from backoffice_api.domain.payments.model.credits import StoreCreditSortKey
from backoffice_api.domain.payments.model.disputes import DisputeSortKey
from backoffice_api.domain.payments.model.payments import PaymentSortKey
from backoffice_api.domain.payments.model.refunds import (
    PaymentShare,
    RefundSortKey,
)
from backoffice_api.domain.payments.model.schedules import InstallmentDraft
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    DateTimeFilter,
    IdFilter,
    MoneyFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.payment_choices import (
    DisputeStatus,
    IntentStatus,
    PaymentMethod,
    RefundDestination,
    RefundReason,
    RefundStatus,
)

for _choices in (DisputeSortKey, PaymentSortKey, RefundSortKey, StoreCreditSortKey):
    choice(_choices)


@filter_input
class PaymentFilter:
    """Which payments. All words that are given must hold."""

    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    status: list[IntentStatus] | None = about("In one of these states.", default=UNSET)
    method: list[PaymentMethod] | None = about("By one of these methods.", default=UNSET)
    provider: StringFilter | None = about("Through such a provider.", default=UNSET)
    provider_reference: StringFilter | None = about("As its provider calls it.", default=UNSET)
    amount: MoneyFilter | None = about("So much is to be paid.", default=UNSET)
    due_on: DateFilter | None = about("Some of it is due on such a day.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of payments.")
class PaymentSort:
    key: PaymentSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class RefundFilter:
    """Which refunds. All words that are given must hold."""

    order_id: IdFilter | None = about("Of such an order.", default=UNSET)
    payment_id: IdFilter | None = about("Out of such a payment.", default=UNSET)
    status: list[RefundStatus] | None = about("In one of these states.", default=UNSET)
    reason: list[RefundReason] | None = about("For one of these reasons.", default=UNSET)
    number: StringFilter | None = about("By number.", default=UNSET)
    amount: MoneyFilter | None = about("So much goes back.", default=UNSET)
    created_at: DateTimeFilter | None = about("Asked for at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of refunds.")
class RefundSort:
    key: RefundSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class DisputeFilter:
    """Which disputes. All words that are given must hold."""

    order_id: IdFilter | None = about("About such an order.", default=UNSET)
    payment_id: IdFilter | None = about("About such a payment.", default=UNSET)
    status: list[DisputeStatus] | None = about("In one of these states.", default=UNSET)
    respond_by: DateTimeFilter | None = about("To be answered by such a time.", default=UNSET)
    created_at: DateTimeFilter | None = about("Noted at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of disputes.")
class DisputeSort:
    key: DisputeSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class StoreCreditFilter:
    """Which credits. All words that are given must hold."""

    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    balance: MoneyFilter | None = about("Of such an amount.", default=UNSET)


@strawberry.input(description="The order of a list of credits.")
class StoreCreditSort:
    key: StoreCreditSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="Part of a payment that is due by a day.")
class PaymentInstallmentInput:
    due_on: date = about("The day by which it should be paid.")
    amount: MoneyInput = about("How much is due then.")

    def value(self) -> InstallmentDraft:
        """Raises: TooPrecise, AmountTooLarge."""
        return InstallmentDraft(due_on=self.due_on, amount=self.amount.value())


@strawberry.input(description="Who is paid by PIX, as the BR Code says.")
class PixReceiverInput:
    key: str = about("The PIX key of the shop, at most 77 characters.")
    name: str = about("The name that the buyer sees; 25 characters of it fit in.")
    city: str = about("The city that the buyer sees; 15 characters of it fit in.")

    def value(self) -> PixReceiver:
        return PixReceiver(key=self.key, name=self.name, city=self.city)


@strawberry.input(description="What the shop's bank gives for a boleto.")
class BoletoInput:
    bank: str = about("The number of the bank, 3 digits.")
    free_field: str = about("The 25 digits that the bank has for its own use.")

    def value(self) -> BoletoTerms:
        return BoletoTerms(bank=self.bank, free_field=self.free_field)


@strawberry.input(description="A payment to be asked for.")
class PaymentCreateInput:
    order_id: strawberry.ID = about("What it pays for.")
    method: PaymentMethod = about("How it is paid.")
    amount: MoneyInput | None = about(
        "How much. Null: what is to be paid of the order and not yet asked for.", default=None
    )
    provider: str = about("The gateway. Cards need one.", default="manual")
    token: str | None = about(
        "What the gateway made of a card; then it is asked at once. Never a card number.",
        default=None,
    )
    capture_at_once: bool = about(
        "Capture as soon as it is authorised. By default that is an action of its own.",
        default=False,
    )
    expires_at: datetime | None = about("When it ends if nothing is paid.", default=None)
    due_on: date | None = about("By when it should be paid.", default=None)
    installments: list[PaymentInstallmentInput] = about(
        "For the method TERMS: by when which part is due, at most 60, in order; they sum to the "
        "amount.",
        default_factory=list,
    )
    pix: PixReceiverInput | None = about("For PIX: makes the BR Code.", default=None)
    boleto: BoletoInput | None = about(
        "For a boleto: makes bar code and digit line, due on `dueOn`.", default=None
    )
    note: str = about("What the staff should know, at most 1,000 characters.", default="")


@strawberry.input(description="How a payment is authorised.")
class PaymentAuthorizeInput:
    token: str | None = about("What the gateway made of a card. Never a card number.", default=None)


@strawberry.input(description="What is to be captured.")
class PaymentCaptureInput:
    amount: MoneyInput | None = about("How much. Null: all that is set aside.", default=None)


@strawberry.input(description="Money that came.")
class PaymentRecordInput:
    amount: MoneyInput | None = about("How much. Null: all that was asked for.", default=None)
    reference: str | None = about(
        "What the statement of the bank calls it, at most 250 characters.", default=None
    )
    received_at: datetime | None = about("When it came. Null: now.", default=None)


@strawberry.input(description="What is to be paid back out of one payment.")
class RefundPaymentInput:
    payment_id: strawberry.ID = about("Which payment.")
    amount: MoneyInput = about("How much.")

    def value(self) -> PaymentShare:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        return PaymentShare(
            payment_id=ids.parse("pay", self.payment_id), amount=self.amount.value()
        )


@strawberry.input(description="Money of an order to be paid back.")
class RefundCreateInput:
    order_id: strawberry.ID = about("Which order.")
    reason: RefundReason = about("Why.")
    amount: MoneyInput | None = about(
        "How much, out of the oldest payments first. Null: all that can be.", default=None
    )
    payments: list[RefundPaymentInput] = about(
        "Out of which payments, at most 100; then `amount` says nothing.", default_factory=list
    )
    destination: RefundDestination = about(
        "Where the money goes.", default=RefundDestination.ORIGINAL
    )
    note: str = about("More about it, at most 1,000 characters.", default="")
    submit: bool = about(
        "Submit it at once, unless somebody must approve it. What was paid by hand is then said to "
        "be paid back by hand.",
        default=True,
    )


@strawberry.input(description="A dispute that no gateway tells of.")
class DisputeCreateInput:
    payment_id: strawberry.ID = about("What is disputed.")
    amount: MoneyInput | None = about("How much. Null: all that is left of it.", default=None)
    reason: str = about("Why, at most 250 characters.", default="")
    respond_by: datetime | None = about("When an answer is too late.", default=None)


@strawberry.input(description="What is to change of a dispute. What is absent stays.")
class DisputeUpdateInput:
    evidence: str | None = about(
        "What is held against it, at most 5,000 characters.", default=UNSET
    )
    respond_by: datetime | None = about("When an answer is too late; null: unknown.", default=UNSET)


@strawberry.input(description="How a bank decided.")
class DisputeResolveInput:
    won: bool = about("The shop keeps the money.")


@strawberry.input(description="A change of store credit.")
class StoreCreditAdjustInput:
    customer_id: strawberry.ID = about("Whose credit.")
    delta: MoneyInput = about("By how much; negative takes.")
    note: str = about("Why, at most 1,000 characters.", default="")
