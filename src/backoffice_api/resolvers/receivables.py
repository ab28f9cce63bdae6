"""What can be asked and done with receivables, payouts, dunning, credit limits and write-offs."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids, money
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands import (
    contesting,
    credit,
    dunning,
    payouts,
    writing_off,
)
from backoffice_api.domain.receivables.model.receivables import ReceivableKind
from backoffice_api.domain.receivables.queries.aging import aging
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
from backoffice_api.schema.receivable_inputs import (
    CreditLimitSetInput,
    DunningRunInput,
    DunningStepSetInput,
    PayoutFilter,
    PayoutImportInput,
    PayoutLineFilter,
    PayoutSort,
    PayoutTermsSetInput,
    ReceivableDisputeInput,
    ReceivableFilter,
    ReceivableSort,
    ReceivableWriteOffInput,
    WriteOffFilter,
    WriteOffSort,
)
from backoffice_api.schema.receivables import (
    READ,
    CreditLimitPayload,
    DunningRunPayload,
    DunningStep,
    DunningStepPayload,
    Payout,
    PayoutLine,
    PayoutPayload,
    PayoutTerms,
    PayoutTermsPayload,
    Receivable,
    ReceivablePayload,
    ReceivablesAging,
    WriteOff,
    WriteOffPayload,
)

_On = Annotated[date | None, strawberry.argument(description="On which day. Null: today, in UTC.")]
_Kinds = Annotated[
    list[ReceivableKind] | None,
    strawberry.argument(description="Only of these kinds. Null: of all."),
]
_CustomerId = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only of this customer.")
]


def _aging(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    customer_id = arguments.get("customer_id")
    return aging(
        db,
        arguments.get("on") or datetime.now(UTC).date(),
        kinds=arguments.get("kinds") or (),
        customer_id=given_id("cus", customer_id),
    )


def _terms(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.all_terms(db)


def _steps(db: Db, _: Context, arguments: Mapping[str, Any]) -> Any:
    return queries.all_steps(db)


@strawberry.type
class ReceivableQuery:
    receivable: Receivable | None = found_by_id(
        "rcv",
        queries.receivables_by_ids,
        "Its id.",
        "One receivable. Null if there is none.",
        scope=READ,
    )
    receivables: Connection[Receivable] = listed(
        queries.receivable_list,
        "Receivables, the earliest due first.",
        scope=READ,
        filter=ReceivableFilter,
        sort=ReceivableSort,
    )
    receivables_count: Count = counted(
        queries.receivable_list,
        "How many receivables there are.",
        scope=READ,
        filter=ReceivableFilter,
    )
    receivables_aging: list[ReceivablesAging] = asked(
        _aging,
        [
            parameter("on", _On),
            parameter("kinds", _Kinds),
            parameter("customer_id", _CustomerId),
        ],
        "What is open by how late it is, one row for each currency.",
        scope=READ,
        weight=20,
    )
    payout: Payout | None = found_by_id(
        "pyo", queries.payouts_by_ids, "Its id.", "One payout. Null if there is none.", scope=READ
    )
    payouts: Connection[Payout] = listed(
        queries.payout_list,
        "Payouts, the last to arrive first.",
        scope=READ,
        filter=PayoutFilter,
        sort=PayoutSort,
    )
    payouts_count: Count = counted(
        queries.payout_list, "How many payouts there are.", scope=READ, filter=PayoutFilter
    )
    payout_lines: Connection[PayoutLine] = listed(
        queries.payout_line_list,
        "Lines of all payouts: filter by what was found to see the differences.",
        scope=READ,
        filter=PayoutLineFilter,
    )
    payout_terms: list[PayoutTerms] = asked(
        _terms, [], "What was agreed with each provider, by its name.", scope=READ, weight=5
    )
    dunning_steps: list[DunningStep] = asked(
        _steps, [], "The steps of dunning, in order; at most 10.", scope=READ, weight=5
    )
    write_off: WriteOff | None = found_by_id(
        "wof",
        queries.write_offs_by_ids,
        "Its id.",
        "One write-off. Null if there is none.",
        scope=READ,
    )
    write_offs: Connection[WriteOff] = listed(
        queries.write_off_list,
        "Write-offs, newest first.",
        scope=READ,
        filter=WriteOffFilter,
        sort=WriteOffSort,
    )


@strawberry.type
class ReceivableMutation:
    @mutation(contesting.dispute_receivable, ReceivablePayload)
    def receivable_dispute(
        id: strawberry.ID, input: ReceivableDisputeInput
    ) -> contesting.DisputeReceivable:
        """Note that the customer contests it: nobody is reminded of it meanwhile."""
        return contesting.DisputeReceivable(id=ids.parse("rcv", id), note=input.note)

    @mutation(contesting.end_receivable_dispute, ReceivablePayload)
    def receivable_end_dispute(id: strawberry.ID) -> contesting.EndReceivableDispute:
        """Note that it is not contested any more."""
        return contesting.EndReceivableDispute(id=ids.parse("rcv", id))

    @mutation(writing_off.write_off_receivable, WriteOffPayload)
    def receivable_write_off(
        id: strawberry.ID, input: ReceivableWriteOffInput
    ) -> writing_off.WriteOffReceivable:
        """Ask for giving it up. It is done once another person agrees."""
        return writing_off.WriteOffReceivable(
            id=ids.parse("rcv", id),
            reason=input.reason,
            amount=_money(input.amount),
            note=input.note,
        )

    @mutation(payouts.import_payout, PayoutPayload)
    def payout_import(input: PayoutImportInput) -> payouts.ImportPayout:
        """Take over a payout and compare it with our own books. Again, and nothing changes."""
        return payouts.ImportPayout(
            provider=input.provider,
            reference=input.reference,
            amount=input.amount.value(),
            arrives_on=input.arrives_on,
            lines=tuple(each.value() for each in input.lines),
            csv=input.csv,
        )

    @mutation(payouts.match_payout, PayoutPayload)
    def payout_match(id: strawberry.ID) -> payouts.MatchPayout:
        """Compare again those of its lines that were not known."""
        return payouts.MatchPayout(id=ids.parse("pyo", id))

    @mutation(payouts.set_payout_terms, PayoutTermsPayload)
    def payout_terms_set(input: PayoutTermsSetInput) -> payouts.SetPayoutTerms:
        """Say when a provider pays out, and what it may keep. What is expected already stays."""
        return payouts.SetPayoutTerms(
            provider=input.provider,
            delay_days=input.delay_days,
            fee_bp=input.fee_bp,
            fee_fixed=_money(input.fee_fixed),
        )

    @mutation(dunning.set_dunning_step, DunningStepPayload)
    def dunning_step_set(input: DunningStepSetInput) -> dunning.SetDunningStep:
        """Make or change a step of dunning."""
        return dunning.SetDunningStep(
            number=input.number,
            days_after_due=input.days_after_due,
            kind=input.kind,
            fee=_money(input.fee),
        )

    @mutation(dunning.remove_dunning_step, DunningStepPayload)
    def dunning_step_remove(id: strawberry.ID) -> dunning.RemoveDunningStep:
        """Take a step of dunning out."""
        return dunning.RemoveDunningStep(id=ids.parse("dun", id))

    @mutation(dunning.run_dunning, DunningRunPayload)
    def dunning_run(input: DunningRunInput) -> dunning.RunDunning:
        """Remind customers of what is overdue. A dry run lists whom."""
        given = input.customer_id
        return dunning.RunDunning(customer_id=given_id("cus", given))

    @mutation(credit.set_credit_limit, CreditLimitPayload)
    def credit_limit_set(input: CreditLimitSetInput) -> credit.SetCreditLimit:
        """Say how much a customer may owe in a currency before new orders wait."""
        limit = input.limit
        return credit.SetCreditLimit(
            customer_id=ids.parse("cus", input.customer_id),
            currency=input.currency,
            limit=None if limit is None else money.Money.of(limit, input.currency),
        )


def _money(given: MoneyInput | None) -> money.Money | None:
    return given.value() if given else None
