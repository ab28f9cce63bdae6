"""What can be asked and done with bills of suppliers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import strawberry
from sqlalchemy import Connection as Db
from strawberry import UNSET

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids, money
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.payables.commands import (
    approving,
    crediting,
    disputing,
    entering,
    matching,
    paying,
    pix_codes,
    tolerances,
)
from backoffice_api.domain.payables.model.aging import Aging
from backoffice_api.domain.payables.queries import aging as on_aging
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.payables.queries import matching as matches
from backoffice_api.schema.bill_inputs import (
    BillCreateInput,
    BillCreditNoteApplyInput,
    BillFilter,
    BillPaymentRecordInput,
    BillReasonInput,
    BillSetPixCodeInput,
    BillSort,
    BillUpdateInput,
    MatchToleranceFilter,
    MatchToleranceSetInput,
)
from backoffice_api.schema.bills import (
    READ,
    Bill,
    BillPayload,
    MatchTolerance,
    MatchTolerancePayload,
    PayablesAging,
)
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.scalars import CurrencyCode

T = TypeVar("T")

On = Annotated[
    date | None,
    strawberry.argument(description="The day from which is counted. Null: today, by UTC."),
]
SupplierId = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only this supplier. Null: all.")
]
OfCurrency = Annotated[
    CurrencyCode | None, strawberry.argument(description="Only this currency. Null: all.")
]


def _aging(db: Db, _: Context, arguments: Mapping[str, Any]) -> Aging:
    supplier_id = arguments.get("supplier_id")
    return on_aging.aging(
        db,
        arguments.get("on") or datetime.now(UTC).date(),
        supplier_id=given_id("sup", supplier_id),
        currency=arguments.get("currency"),
    )


@strawberry.type
class BillQuery:
    bill: Bill | None = found_by_id(
        "bil", queries.bills_by_ids, "Its id.", "One bill. Null if there is none.", scope=READ
    )
    bills: Connection[Bill] = listed(
        queries.bill_list,
        "Bills and credit notes, newest first.",
        scope=READ,
        filter=BillFilter,
        sort=BillSort,
    )
    bills_count: Count = counted(
        queries.bill_list, "How many bills there are.", scope=READ, filter=BillFilter
    )
    match_tolerances: Connection[MatchTolerance] = listed(
        matches.tolerance_list,
        "How far bills may be off, newest first.",
        scope=READ,
        filter=MatchToleranceFilter,
    )
    payables_aging: PayablesAging = asked(
        _aging,
        [
            parameter("on", On),
            parameter("supplier_id", SupplierId),
            parameter("currency", OfCurrency),
        ],
        "What is owed to suppliers, by currency and by how late it is.",
        scope=READ,
        weight=50,
    )


@strawberry.type
class BillMutation:
    @mutation(entering.create_bill, BillPayload)
    def bill_create(input: BillCreateInput) -> entering.CreateBill:
        """Enter a bill, or a credit note, as a draft."""
        return entering.CreateBill(
            supplier_id=ids.parse("sup", input.supplier_id),
            number=input.number,
            issued_on=input.issued_on,
            kind=input.kind,
            currency=input.currency,
            lines=tuple(each.value() for each in input.lines),
            instalments=tuple(each.value() for each in input.instalments),
            due_on=input.due_on,
            attachments=tuple(each.value() for each in input.attachments),
            note=input.note,
            allow_similar=input.allow_similar,
        )

    @mutation(entering.update_bill, BillPayload)
    def bill_update(id: strawberry.ID, input: BillUpdateInput) -> entering.UpdateBill:
        """Change a draft. What is absent stays."""
        return entering.UpdateBill(
            id=ids.parse("bil", id),
            number=keep(input.number),
            issued_on=keep(input.issued_on),
            lines=_values(input.lines),
            instalments=_values(input.instalments),
            due_on=keep(input.due_on),
            attachments=_values(input.attachments),
            note=keep(input.note),
            allow_similar=input.allow_similar,
        )

    @mutation(approving.submit_bill, BillPayload)
    def bill_submit(id: strawberry.ID) -> approving.SubmitBill:
        """Hold a draft against orders and receipts, and ask for its approval."""
        return approving.SubmitBill(id=ids.parse("bil", id))

    @mutation(matching.match_bill, BillPayload)
    def bill_match(id: strawberry.ID) -> matching.MatchBill:
        """Hold a bill that does not match against orders and receipts once more."""
        return matching.MatchBill(id=ids.parse("bil", id))

    @mutation(matching.waive_bill_match, BillPayload)
    def bill_match_waive(id: strawberry.ID, input: BillReasonInput) -> matching.WaiveBillMatch:
        """Agree to what does not match; not for who entered the bill."""
        return matching.WaiveBillMatch(id=ids.parse("bil", id), reason=input.reason)

    @mutation(approving.approve_bill, BillPayload)
    def bill_approve(id: strawberry.ID) -> approving.ApproveBill:
        """Agree to a bill; not for who entered it."""
        return approving.ApproveBill(id=ids.parse("bil", id))

    @mutation(approving.reject_bill, BillPayload)
    def bill_reject(id: strawberry.ID, input: BillReasonInput) -> approving.RejectBill:
        """Do not agree to a bill; it may be corrected."""
        return approving.RejectBill(id=ids.parse("bil", id), reason=input.reason)

    @mutation(approving.reopen_bill, BillPayload)
    def bill_reopen(id: strawberry.ID) -> approving.ReopenBill:
        """Make a rejected bill a draft again."""
        return approving.ReopenBill(id=ids.parse("bil", id))

    @mutation(pix_codes.set_bill_pix_code, BillPayload)
    def bill_set_pix_code(
        id: strawberry.ID, input: BillSetPixCodeInput
    ) -> pix_codes.SetBillPixCode:
        """Keep the QR code of PIX that a bill is paid by. Null takes it away."""
        return pix_codes.SetBillPixCode(id=ids.parse("bil", id), code=input.code)

    @mutation(disputing.dispute_bill, BillPayload)
    def bill_dispute(id: strawberry.ID, input: BillReasonInput) -> disputing.DisputeBill:
        """Argue about a bill: nobody approves or pays it until that is over."""
        return disputing.DisputeBill(id=ids.parse("bil", id), reason=input.reason)

    @mutation(disputing.resolve_bill_dispute, BillPayload)
    def bill_dispute_resolve(id: strawberry.ID) -> disputing.ResolveBillDispute:
        """End the argument about a bill: it stands where it stood."""
        return disputing.ResolveBillDispute(id=ids.parse("bil", id))

    @mutation(disputing.void_bill, BillPayload)
    def bill_void(id: strawberry.ID, input: BillReasonInput) -> disputing.VoidBill:
        """Say that a bill is not owed after all; its entry is reversed."""
        return disputing.VoidBill(id=ids.parse("bil", id), reason=input.reason)

    @mutation(crediting.apply_credit_note, BillPayload)
    def bill_credit_note_apply(
        id: strawberry.ID, input: BillCreditNoteApplyInput
    ) -> crediting.ApplyCreditNote:
        """Set a credit note off against a bill. `id` is that of the credit note."""
        return crediting.ApplyCreditNote(
            id=ids.parse("bil", id),
            bill_id=ids.parse("bil", input.bill_id),
            amount=_money(input.amount),
        )

    @mutation(crediting.reverse_bill_credit, BillPayload)
    def bill_credit_reverse(id: strawberry.ID) -> crediting.ReverseBillCredit:
        """Take back that a credit note was set off; `id` is that of the `BillCredit`."""
        return crediting.ReverseBillCredit(credit_id=ids.parse("bcr", id))

    @mutation(paying.record_bill_payment, BillPayload)
    def bill_payment_record(
        id: strawberry.ID, input: BillPaymentRecordInput
    ) -> paying.RecordBillPayment:
        """Note that a bill was paid outside of runs, or a credit note paid back."""
        return paying.RecordBillPayment(
            id=ids.parse("bil", id),
            amount=_money(input.amount),
            discount=_money(input.discount),
            paid_on=input.paid_on,
            method=input.method,
            reference=input.reference,
        )

    @mutation(paying.reverse_bill_payment, BillPayload)
    def bill_payment_reverse(id: strawberry.ID) -> paying.ReverseBillPayment:
        """Take a payment back that was noted by mistake, or came back. `id`: of the payment."""
        return paying.ReverseBillPayment(payment_id=ids.parse("bpy", id))

    @mutation(tolerances.set_match_tolerance, MatchTolerancePayload)
    def match_tolerance_set(input: MatchToleranceSetInput) -> tolerances.SetMatchTolerance:
        """Say how far bills may be off, of a supplier, a category, both or everything else."""
        return tolerances.SetMatchTolerance(
            supplier_id=given_id("sup", input.supplier_id),
            category_id=given_id("ctg", input.category_id),
            quantity_bp=input.quantity_bp,
            price_bp=input.price_bp,
        )

    @mutation(tolerances.remove_match_tolerance, MatchTolerancePayload)
    def match_tolerance_remove(id: strawberry.ID) -> tolerances.RemoveMatchTolerance:
        """Remove a rule: the next one decides that fits."""
        return tolerances.RemoveMatchTolerance(id=ids.parse("mto", id))


def _money(given: MoneyInput | None) -> money.Money | None:
    return given.value() if given else None


def _values(given: Sequence[Any] | None) -> tuple[Any, ...] | Keep:
    if given is None or given is UNSET:
        return KEEP
    return tuple(each.value() for each in given)
