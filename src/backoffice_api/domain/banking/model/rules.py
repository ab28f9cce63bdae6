"""Rules of reconciliation, as data: by what a line is known, and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.banking.model.patterns import matches
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.search import words_of

RULES_MAX = 500
RULE_TEXT_LENGTH_MAX = 100
DAYS_MAX = 366


class RuleAction(Choice):
    """What is done with a line that a rule knows."""

    MATCH = "match", "It is matched with open items, within the tolerance of the rule."
    POST = "post", "It is posted to an account of the ledger."


class LineDirection(Choice):
    """Whether money came or went."""

    IN = "in", "It came in."
    OUT = "out", "It went out."


class RuleSortKey(Choice):
    """By what a list of rules is sorted."""

    PRIORITY = "priority", "Which is asked first."
    CREATED_AT = "created_at", "When it was made."


@dataclass(frozen=True, slots=True)
class ReconciliationRule:
    """All conditions that are given must hold. `priority`: the smallest is asked first.

    `text`, `party`: words that are all in the text or the name. `from_minor`, `to_minor`: bounds
    of the amount without its sign. `days`: of an item whose day is at most so far from the line's.
    `tolerance_minor`: a difference up to this goes to `write_off_account_id`; None: to fees.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    priority: int
    is_active: bool
    is_automatic: bool
    currency: str
    bank_account_id: UUID | None
    direction: LineDirection | None
    text: str | None
    pattern: str | None
    party: str | None
    from_minor: int | None
    to_minor: int | None
    days: int | None
    tolerance_minor: int
    action: RuleAction
    account_id: UUID | None
    write_off_account_id: UUID | None

    @property
    def tolerance(self) -> Money:
        return Money(self.tolerance_minor, self.currency)

    @property
    def amount_from(self) -> Money | None:
        return None if self.from_minor is None else Money(self.from_minor, self.currency)

    @property
    def amount_to(self) -> Money | None:
        return None if self.to_minor is None else Money(self.to_minor, self.currency)


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """See `ReconciliationRule`. `tolerance` names the currency of the lines it is about."""

    name: str
    tolerance: Money
    action: RuleAction
    priority: int = 100
    is_active: bool = True
    is_automatic: bool = False
    bank_account_id: UUID | None = None
    direction: LineDirection | None = None
    text: str | None = None
    pattern: str | None = None
    party: str | None = None
    amount_from: Money | None = None
    amount_to: Money | None = None
    days: int | None = None
    account_id: UUID | None = None
    write_off_account_id: UUID | None = None


@dataclass(eq=False)
class UnknownReconciliationRule(Missing):
    """There is no rule with this id."""

    id: UUID
    message = "There is no such rule."


@dataclass(eq=False)
class RuleMismatch(Invalid):
    """POST takes an account and no tolerance nor days, MATCH takes no account."""

    message = "POST takes an account, and neither tolerance nor days; MATCH takes no account."


@dataclass(eq=False)
class RuleKnowsNothing(Invalid):
    """A rule that posts, or is applied without being asked, has conditions."""

    message = "A rule that posts or is automatic takes a text, a pattern, a party or an amount."


@dataclass(eq=False)
class RuleBoundsReversed(Invalid):
    """The lower bound of the amount is above the upper one, or below zero."""

    message = "The bounds of the amount are at least zero, and in order."


def applies(rule: ReconciliationRule, line: StatementLine, said: str) -> bool:
    """Whether a line is what a rule is about. `said`: all that the bank says of it."""
    size = abs(line.amount_minor)
    return (
        rule.currency == line.currency
        and rule.bank_account_id in (None, line.bank_account_id)
        and (
            rule.direction is None
            or (rule.direction is LineDirection.IN) == (line.amount_minor > 0)
        )
        and (rule.from_minor is None or size >= rule.from_minor)
        and (rule.to_minor is None or size <= rule.to_minor)
        and (rule.text is None or _has_words(said, rule.text))
        and (rule.party is None or _has_words(line.party_name or "", rule.party))
        and (rule.pattern is None or matches(rule.pattern, said))
    )


def _has_words(text: str, wanted: str) -> bool:
    found = f" {' '.join(words_of(text))} "
    return f" {' '.join(words_of(wanted))} " in found


def said_of(line: StatementLine) -> str:
    """All that a bank says of a line."""
    parts: Sequence[str | None] = (
        line.text,
        line.party_name,
        line.reference,
        line.bank_reference,
    )
    return " ".join(filter(None, parts))
