"""Payouts come in: checked, compared with our own books, posted. And what was agreed for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, String, select, update

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import EntryDraft, PostingDraft
from backoffice_api.domain.payments.model.payments import PROVIDER_LENGTH_MAX
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands.writing import Came, settle
from backoffice_api.domain.receivables.model.events import (
    PayoutImported,
    PayoutMatched,
    PayoutTermsSet,
)
from backoffice_api.domain.receivables.model.payouts import (
    BASIS_POINTS,
    DELAY_DAYS_MAX,
    DIFFERENCES,
    LinesOrFile,
    Payout,
    PayoutDiffers,
    PayoutFinding,
    PayoutLine,
    PayoutLineDraft,
    PayoutLineKind,
    PayoutTerms,
    check_payout,
    check_sum,
    payout_state,
    read_csv,
)
from backoffice_api.domain.receivables.model.receivables import (
    ReceivableState,
    SettlementSource,
)
from backoffice_api.domain.receivables.queries.comparing import Verdict, verdicts
from backoffice_api.domain.receivables.tables import payout_lines, payout_terms, payouts

_JUDGE = UpdateEach(
    lambda given: (
        update(payout_lines)
        .where(payout_lines.c.id == given("id"))
        .values(
            finding=given("finding"),
            transaction_id=given("transaction_id"),
            expected_minor=given("expected_minor"),
            expected_fee_minor=given("expected_fee_minor"),
        )
    ),
    id=Id(),
    finding=String(),
    transaction_id=Id(),
    expected_minor=BigInteger(),
    expected_fee_minor=BigInteger(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPayoutTerms(Command):
    """`fee_bp` None: fees are taken as they come. `fee_fixed`: added to each charge's fee."""

    scope = Scope.RECEIVABLES_WRITE
    provider: str
    delay_days: int
    fee_bp: int | None = None
    fee_fixed: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPayout(Command):
    """`lines`, or `csv` with the columns kind, reference, gross, fee and net.

    `reference`: what the provider calls the payout. `arrives_on`: when it should be at the bank.
    """

    scope = Scope.RECEIVABLES_WRITE
    measures = False
    provider: str
    reference: str
    amount: Money
    arrives_on: date
    lines: tuple[PayoutLineDraft, ...] = ()
    csv: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPayout(Command):
    """Once more, for what was not known before."""

    scope = Scope.RECEIVABLES_WRITE
    measures = False
    table = payouts
    id: UUID


def set_payout_terms(uow: UnitOfWork, command: SetPayoutTerms) -> UUID:
    """Say when a provider pays out, and what it may keep. Id of the terms.

    Raises:
        InvalidText, OutOfRange: the input is wrong.
    """
    faults = Faults()
    check_text(command.provider, faults, "provider", maximum=PROVIDER_LENGTH_MAX)
    check_range(command.delay_days, faults, "delay_days", minimum=0, maximum=DELAY_DAYS_MAX)
    check_range(command.fee_bp, faults, "fee_bp", minimum=0, maximum=BASIS_POINTS)
    fixed = command.fee_fixed
    if fixed is not None:
        check_range(fixed.minor, faults, "fee_fixed", minimum=0, maximum=10**9)
    faults.check()
    before = queries.terms_by_providers(uow.db, [command.provider]).get(command.provider)
    after = PayoutTerms(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        provider=command.provider,
        delay_days=command.delay_days,
        currency=fixed.currency if fixed else None,
        fee_bp=command.fee_bp,
        fee_fixed_minor=fixed.minor if fixed else 0,
    )
    if before is None:
        add(uow, payout_terms, [after])
    else:
        after = save(uow, payout_terms, before, after)
    event = PayoutTermsSet(after.id, after.version, after.provider, after.delay_days)
    uow.emit(event, before=before, after=after)
    return after.id


def import_payout(uow: UnitOfWork, command: ImportPayout) -> UUID:
    """Take over a payout, compare it with our own books and post its fees. Its id.

    The same payout again changes nothing. Charges that it holds are settled with it; from then on
    the payout is what is expected of the bank.

    Raises:
        PayoutNotBalanced: its lines do not come to its amount.
        PayoutDiffers: it was imported before, with other lines.
        InvalidPayoutFile, LinesOrFile, LineNotBalanced, WrongSign, CurrencyMismatch, TooMany,
        InvalidText, OutOfRange, TooPrecise: the input is wrong.
    """
    lines = _lines(command)
    faults = Faults()
    check_payout(faults, command.provider, command.reference, command.amount, lines)
    faults.check()
    check_sum(command.amount, lines)
    digest = _digest(command, lines)
    present = queries.payout_at(uow.db, command.provider, command.reference)
    if present is not None:
        if present.digest != digest:
            raise PayoutDiffers(command.reference).at("reference")
        return present.id
    terms = queries.terms_by_providers(uow.db, [command.provider]).get(command.provider)
    found = verdicts(uow.db, command.provider, lines, terms)
    made = _payout(uow, command, lines, found, digest)
    rows = [
        _line(uow, made, position, each, verdict)
        for position, (each, verdict) in enumerate(zip(lines, found, strict=True))
    ]
    add(uow, payouts, [made])
    add(uow, payout_lines, rows)
    _settle_charges(uow, made, rows)
    _post_fees(uow, made, rows)
    event = PayoutImported(
        made.id,
        made.version,
        made.provider,
        made.reference,
        str(made.amount),
        str(made.fee),
        made.differences,
    )
    uow.emit(event, after=made)
    return made.id


def match_payout(uow: UnitOfWork, command: MatchPayout) -> UUID:
    """Compare again those lines of a payout that were not known. Its id.

    Raises:
        UnknownPayout.
    """
    uow.db.execute(select(payouts.c.id).where(payouts.c.id == command.id).with_for_update())
    before = queries.payout(uow.db, command.id)
    every = queries.lines_by_payouts(uow.db, [before.id]).get(before.id, ())
    lines = [each for each in every if each.finding is PayoutFinding.UNKNOWN]
    terms = queries.terms_by_providers(uow.db, [before.provider]).get(before.provider)
    found = verdicts(uow.db, before.provider, lines, terms)
    judged = [
        (line, each)
        for line, each in zip(lines, found, strict=True)
        if each.finding is not PayoutFinding.UNKNOWN
    ]
    if not judged:
        return before.id
    _JUDGE(
        uow.db,
        [
            {
                "id": line.id,
                "finding": each.finding.value,
                "transaction_id": each.transaction_id,
                "expected_minor": each.expected_minor,
                "expected_fee_minor": each.expected_fee_minor,
            }
            for line, each in judged
        ],
    )
    _settle_charges(
        uow, before, [replace(line, transaction_id=each.transaction_id) for line, each in judged]
    )
    cleared = sum(each.finding not in DIFFERENCES for _, each in judged)
    after = save(uow, payouts, before, replace(before, differences=before.differences - cleared))
    event = PayoutMatched(after.id, after.version, after.reference, after.differences)
    uow.emit(event, before=before, after=after)
    return after.id


def _lines(command: ImportPayout) -> Sequence[PayoutLineDraft]:
    """Raises: LinesOrFile, InvalidPayoutFile, TooMany, TooPrecise, AmountTooLarge."""
    if command.csv is None:
        return command.lines
    if command.lines:
        raise LinesOrFile().at("csv")
    return read_csv(command.csv, command.amount.currency)


def _digest(command: ImportPayout, lines: Sequence[PayoutLineDraft]) -> str:
    """Names what a payout says, whichever way it was given."""
    parts = [f"{command.amount}"] + [
        f"{each.kind.value}\t{each.reference}\t{each.gross}\t{each.fee}" for each in lines
    ]
    return sha256("\n".join(parts).encode()).hexdigest()


def _payout(
    uow: UnitOfWork,
    command: ImportPayout,
    lines: Sequence[PayoutLineDraft],
    found: Sequence[Verdict],
    digest: str,
) -> Payout:
    amount = command.amount
    made = Payout(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        provider=command.provider,
        reference=command.reference,
        state=ReceivableState.EXPECTED,
        arrives_on=command.arrives_on,
        currency=amount.currency,
        amount_minor=amount.minor,
        settled_minor=0,
        open_minor=amount.minor,
        fee_minor=sum(each.fee.minor for each in lines),
        differences=sum(each.finding in DIFFERENCES for each in found),
        settled_on=None,
        digest=digest,
    )
    return replace(made, state=payout_state(made, uow.now.date()))


def _line(
    uow: UnitOfWork, payout: Payout, position: int, each: PayoutLineDraft, verdict: Verdict
) -> PayoutLine:
    return PayoutLine(
        id=uow.new_id(),
        payout_id=payout.id,
        position=position,
        kind=each.kind,
        reference=each.reference,
        currency=payout.currency,
        gross_minor=each.gross.minor,
        fee_minor=each.fee.minor,
        net_minor=each.net.minor,
        finding=verdict.finding,
        transaction_id=verdict.transaction_id,
        expected_minor=verdict.expected_minor,
        expected_fee_minor=verdict.expected_fee_minor,
    )


def _settle_charges(uow: UnitOfWork, payout: Payout, rows: Sequence[PayoutLine]) -> None:
    """What was expected of the provider has come, as far as the lines go."""
    gross: Mapping[UUID, int] = {
        each.transaction_id: each.gross_minor
        for each in rows
        if each.kind is PayoutLineKind.CHARGE and each.transaction_id is not None
    }
    expected = queries.receivables_by_transactions(uow.db, gross)
    came = [
        Came(each, minor, SettlementSource.PAYOUT, payout.arrives_on)
        for id, each in sorted(expected.items())
        if (minor := min(gross[id], each.open_minor))
    ]
    if came:
        settle(uow, came)


def _post_fees(uow: UnitOfWork, payout: Payout, rows: Sequence[PayoutLine]) -> None:
    """What the provider kept, and added or took off otherwise, is a cost or an income of ours.

    What is paid out of money that we do not know stays on the account of payments in transit,
    until somebody has found out.
    """
    adjusted = sum(
        each.gross_minor
        for each in rows
        if each.kind in (PayoutLineKind.ADJUSTMENT, PayoutLineKind.FEE)
    )
    kept = payout.fee_minor - adjusted
    if not kept:
        return
    debit, credit = AccountRole.PROVIDER_FEES, AccountRole.PAYMENTS_IN_TRANSIT
    if kept < 0:
        debit, credit = credit, debit
    amount = Money(abs(kept), payout.currency)
    draft = EntryDraft(
        source=f"payout:{payout.id.hex}",
        booked_on=uow.now.date(),
        description=f"Fees of payout {payout.reference[:100]} of {payout.provider}",
        postings=[PostingDraft(debit=debit, credit=credit, amount=amount)],
        subject=("pyo", payout.id),
    )
    post(uow, draft)
