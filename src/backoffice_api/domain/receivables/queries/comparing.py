"""What our books know of the lines of a payout."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select, union_all

from backoffice_api.domain.kernel.rows import among, in_parts
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import payments, refunds, transactions
from backoffice_api.domain.receivables.model.payouts import (
    MOVED_BY,
    PayoutFinding,
    PayoutLine,
    PayoutLineDraft,
    PayoutTerms,
)
from backoffice_api.domain.receivables.queries import lines_by_transactions


@dataclass(frozen=True, slots=True)
class Moved:
    """Money of ours that a provider may call `reference`; at most once per name."""

    reference: str
    id: UUID
    kind: TransactionKind
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one line."""

    finding: PayoutFinding
    transaction_id: UUID | None = None
    expected_minor: int | None = None
    expected_fee_minor: int | None = None


def verdicts(
    db: Connection,
    provider: str,
    lines: Sequence[PayoutLineDraft | PayoutLine],
    terms: PayoutTerms | None,
) -> Sequence[Verdict]:
    """What is found of each line of a payout, in their order. A constant number of statements.

    A line names the transaction, the payment or the refund by what its provider calls it. Of
    several that fit, the one with the same amount is taken, else the oldest.
    """
    named = {each.reference for each in lines if each.kind in MOVED_BY and each.reference}
    moved = _moved(db, provider, named)
    of_name: dict[tuple[str, TransactionKind], list[Moved]] = {}
    for each in moved:
        of_name.setdefault((each.reference, each.kind), []).append(each)
    spent = set(lines_by_transactions(db, {each.id for each in moved})) if moved else set()
    found = []
    for line in lines:
        verdict = _verdict(line, of_name, spent, terms)
        if verdict.transaction_id is not None:
            spent.add(verdict.transaction_id)
        found.append(verdict)
    return found


def _verdict(
    line: PayoutLineDraft | PayoutLine,
    of_name: Mapping[tuple[str, TransactionKind], Sequence[Moved]],
    spent: Collection[UUID],
    terms: PayoutTerms | None,
) -> Verdict:
    kind = MOVED_BY.get(line.kind)
    if kind is None:
        return Verdict(PayoutFinding.NOT_COMPARED)
    size = abs(line.gross.minor)
    there = [
        each
        for each in of_name.get((line.reference, kind), ())
        if each.currency == line.gross.currency
    ]
    left = [each for each in there if each.id not in spent]
    if not left:
        return Verdict(PayoutFinding.PAID_BEFORE if there else PayoutFinding.UNKNOWN)
    chosen = next((each for each in left if each.amount_minor == size), left[0])
    sign = 1 if kind is TransactionKind.CAPTURE else -1
    expected = sign * chosen.amount_minor
    agreed = terms.fee_of(line.gross) if terms and kind is TransactionKind.CAPTURE else None
    fee = None if agreed is None else agreed.minor
    finding = PayoutFinding.MATCHED
    if chosen.amount_minor != size:
        finding = PayoutFinding.WRONG_AMOUNT
    elif fee is not None and fee != line.fee.minor:
        finding = PayoutFinding.WRONG_FEE
    return Verdict(finding, chosen.id, expected, fee)


def _moved(db: Connection, provider: str, named: Collection[str]) -> Sequence[Moved]:
    """Money of a provider under each of its names, the oldest first."""
    found: dict[tuple[str, UUID], Moved] = {}
    for part in in_parts(sorted(named)):
        for row in db.execute(_by_names(provider, part)):
            found.setdefault((row[0], row[1]), Moved(*row[:5]))
    return list(found.values())


def _by_names(provider: str, names: Sequence[str]) -> Select[Any]:
    of = transactions.c
    facts = (of.id, of.kind, of.currency, of.amount_minor, of.created_at)
    own = select(of.provider_reference.label("reference"), *facts).where(
        of.provider == provider, among(of.provider_reference, names)
    )
    paid = (
        select(payments.c.provider_reference, *facts)
        .join_from(payments, transactions, of.payment_id == payments.c.id)
        .where(payments.c.provider == provider, among(payments.c.provider_reference, names))
    )
    paid_back = (
        select(refunds.c.provider_reference, *facts)
        .join_from(refunds, transactions, of.refund_id == refunds.c.id)
        .where(of.provider == provider, among(refunds.c.provider_reference, names))
    )
    every = union_all(own, paid, paid_back).subquery("named")
    return select(*every.c).order_by(every.c.created_at, every.c.id)
