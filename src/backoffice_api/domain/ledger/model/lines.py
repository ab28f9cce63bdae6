"""Entries as people write them: lines that debit or credit an account, and how they pair up."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.entries import (
    NO_DIMENSIONS,
    AccountRef,
    Dimensions,
    Posting,
    PostingDraft,
)
from backoffice_api.domain.ledger.model.refusals import UnbalancedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """`amount`, above zero, is debited to the account, or else credited."""

    account: AccountRef
    amount: Money
    is_debit: bool
    dimensions: Dimensions


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """A line as people write it: either a debit or a credit."""

    account_id: UUID
    debit: Money | None = None
    credit: Money | None = None
    dimensions: Dimensions = NO_DIMENSIONS


@dataclass(frozen=True, slots=True)
class JournalLine:
    """What an entry debits or credits an account of one currency; the other side is None."""

    account_id: UUID
    debit: Money | None
    credit: Money | None
    channel_id: UUID | None
    supplier_id: UUID | None
    product_id: UUID | None
    location_id: UUID | None


@dataclass(slots=True)
class _Open:
    """What is left of a line."""

    line: LineDraft
    minor: int


def pairs_of(lines: Sequence[LineDraft], clearing: AccountRef) -> Sequence[PostingDraft]:
    """The lines as postings, each of which debits one account and credits another.

    Debits meet credits in their order. A posting is about what either of its lines is about. Two
    lines that cannot share a posting, as they are of one account or about different things, meet
    over the account `clearing`, which is left as it was.

    Raises:
        UnbalancedEntry: in some currency the debits are not what the credits are.
    """
    _check_balance(lines)
    made: list[PostingDraft] = []
    for currency in dict.fromkeys(each.amount.currency for each in lines):
        of = [each for each in lines if each.amount.currency == currency]
        debits = [_Open(each, each.amount.minor) for each in of if each.is_debit]
        credits = [_Open(each, each.amount.minor) for each in of if not each.is_debit]
        made += [
            PostingDraft(
                debit=debit.account,
                credit=credit.account,
                amount=Money(minor, currency),
                dimensions=dimensions,
            )
            for debit, credit, minor in _met(debits, credits, fitting=True)
            if (dimensions := _common(debit, credit)) is not None
        ]
        for debit, credit, minor in _met(debits, credits, fitting=False):
            amount = Money(minor, currency)
            made += [
                PostingDraft(
                    debit=debit.account,
                    credit=clearing,
                    amount=amount,
                    dimensions=debit.dimensions,
                ),
                PostingDraft(
                    debit=clearing,
                    credit=credit.account,
                    amount=amount,
                    dimensions=credit.dimensions,
                ),
            ]
    return made


def lines_of(postings: Sequence[Posting]) -> Sequence[JournalLine]:
    """Postings as people read them: debits first, one line per account, currency and subject."""
    sums: dict[tuple[bool, UUID, str, Dimensions], int] = defaultdict(int)
    for is_debit in (True, False):
        for each in postings:
            account_id = each.debit_account_id if is_debit else each.credit_account_id
            sums[is_debit, account_id, each.currency, _dimensions_of(each)] += each.amount_minor
    return [
        JournalLine(
            account_id,
            Money(minor, currency) if is_debit else None,
            None if is_debit else Money(minor, currency),
            about.channel_id,
            about.supplier_id,
            about.product_id,
            about.location_id,
        )
        for (is_debit, account_id, currency, about), minor in sums.items()
    ]


def _check_balance(lines: Sequence[LineDraft]) -> None:
    sums: Mapping[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in lines:
        sums[each.amount.currency][0 if each.is_debit else 1] += each.amount.minor
    wrong = [
        f"debits {Money(debit, currency)}, credits {Money(credit, currency)}"
        for currency, (debit, credit) in sums.items()
        if debit != credit
    ]
    if wrong:
        raise UnbalancedEntry(tuple(wrong)).at("lines")


def _met(
    debits: Sequence[_Open], credits: Sequence[_Open], *, fitting: bool
) -> Iterator[tuple[LineDraft, LineDraft, int]]:
    """Which debits meet which credits with how much. `fitting`: those that share a posting."""
    for debit in debits:
        for credit in credits:
            if not debit.minor:
                break
            if not credit.minor or (fitting and _common(debit.line, credit.line) is None):
                continue
            minor = min(debit.minor, credit.minor)
            debit.minor -= minor
            credit.minor -= minor
            yield debit.line, credit.line, minor


def _common(debit: LineDraft, credit: LineDraft) -> Dimensions | None:
    """What a posting of both is about. None: they cannot share one."""
    if debit.account == credit.account:
        return None
    values = {}
    for each in fields(Dimensions):
        of = {getattr(line.dimensions, each.name) for line in (debit, credit)} - {None}
        if len(of) > 1:
            return None
        values[each.name] = next(iter(of), None)
    return Dimensions(**values)


def _dimensions_of(posting: Posting) -> Dimensions:
    return Dimensions(
        channel_id=posting.channel_id,
        supplier_id=posting.supplier_id,
        product_id=posting.product_id,
        location_id=posting.location_id,
    )
