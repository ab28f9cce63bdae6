"""Matches: lines of statements and what they are, so that both sides come to the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.banking.model.items import ItemKind
from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move

LINES_MAX = 200


class MatchOrigin(Choice):
    """Who matched."""

    PERSON = "person", "Somebody chose what the line is."
    SUGGESTION = "suggestion", "Somebody took a suggestion."
    RULE = "rule", "A rule that is applied without being asked."


class MatchStatus(Choice):
    """Whether a match holds."""

    ACTIVE = "active", "It holds, and is posted."
    UNDONE = "undone", "It was taken back, and its posting reversed."


MACHINE = Machine(MatchStatus.ACTIVE, move("undo", {MatchStatus.ACTIVE}, MatchStatus.UNDONE))


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A difference of at most `maximum`, either way, goes to an account. None: that of fees."""

    maximum: Money
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StatementMatch:
    """Lines and what they are. Amounts with their signs: above zero came in.

    `lines_minor` = `items_minor` + `write_off_minor`. `entry_id`: how it is posted.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    bank_account_id: UUID
    currency: str
    lines_minor: int
    items_minor: int
    write_off_minor: int
    write_off_account_id: UUID | None
    origin: MatchOrigin
    rule_id: UUID | None
    entry_id: UUID
    status: MatchStatus

    @property
    def lines_total(self) -> Money:
        return Money(self.lines_minor, self.currency)

    @property
    def items_total(self) -> Money:
        return Money(self.items_minor, self.currency)

    @property
    def write_off(self) -> Money:
        return Money(self.write_off_minor, self.currency)

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """How much of a line a match takes, and how much of that is given up or gained."""

    match_id: UUID
    line_id: UUID
    amount_minor: int
    write_off_minor: int


@dataclass(frozen=True, slots=True)
class MatchedItem:
    """How much of what. `settled_id`: under which id it is taken back."""

    match_id: UUID
    position: int
    kind: ItemKind
    item_id: UUID
    settled_id: UUID
    currency: str
    amount_minor: int

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Share:
    """What a match takes of a line."""

    line: StatementLine
    amount_minor: int
    write_off_minor: int


@dataclass(eq=False)
class UnknownMatch(Missing):
    """There is no match with this id."""

    id: UUID
    message = "There is no such match."


@dataclass(eq=False)
class UnknownOpenItem(Missing):
    """There is no such document, or nothing of it is open."""

    id: UUID
    message = "There is no such open item."


@dataclass(eq=False)
class NothingToMatch(Invalid):
    """A match takes lines, each named once, and what they are, each named once."""

    message = "Name lines and what they are, each once."


@dataclass(eq=False)
class LinesOfSeveralAccounts(Invalid):
    """The lines of a match are all on one bank account."""

    message = "The lines of a match are on one bank account."


@dataclass(eq=False)
class AmountsDoNotMeet(Refused):
    """Lines and items do not come to the same, and the difference is not to be written off."""

    lines: Money
    items: Money
    difference: Money
    message = "The lines come to {lines} and the items to {items}: {difference} is left."


@dataclass(eq=False)
class AmountBeyondOpenItem(Refused):
    """More of a document is to be matched than is open of it, or with the other sign."""

    maximum: Money
    message = "At most {maximum} is open of it."


def shares(
    lines: Sequence[StatementLine], items_minor: int, write_off: WriteOff | None
) -> Sequence[Share]:
    """What a match of such lines with items of such a sum takes of each line.

    Of one line it may take a part. Else both sides are the same but for what is written off, which
    is noted with the largest line.

    Raises:
        AmountsDoNotMeet.
    """
    currency = lines[0].currency
    total = sum(line.open_minor for line in lines)
    difference = total - items_minor
    if difference and (write_off is None or abs(difference) > write_off.maximum.minor):
        is_part = (
            len(lines) == 1
            and write_off is None
            and 0 < abs(items_minor) < abs(total)
            and (items_minor > 0) == (total > 0)
        )
        if not is_part:
            raise AmountsDoNotMeet(
                Money(total, currency), Money(items_minor, currency), Money(difference, currency)
            )
        return [Share(lines[0], items_minor, 0)]
    largest = max(range(len(lines)), key=lambda place: abs(lines[place].open_minor))
    return [
        Share(line, line.open_minor, difference if place == largest else 0)
        for place, line in enumerate(lines)
    ]
