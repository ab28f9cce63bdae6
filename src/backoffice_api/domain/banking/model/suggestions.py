"""Suggestions of what a line may be: found by keys, never by comparing all with all.

Open items are laid out once, by amount, by reference and by party. Each line asks only for what
has the same key, so that many lines against many items take time for each line, not each pair.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate
from uuid import UUID

from backoffice_api.domain.banking.model.items import ItemKind, OpenItem
from backoffice_api.domain.banking.model.lines import StatementLine
from backoffice_api.domain.banking.model.rules import (
    ReconciliationRule,
    RuleAction,
    applies,
    said_of,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Missing
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.search import words_of

SUGGESTIONS_MAX = 5
# Of items with one key, so many are looked at: what many share tells little.
SAME_KEY_MAX = 40
PARTY_ITEMS_MAX = 200
# From so many points on, and alone with them, a suggestion of an automatic rule is applied.
CERTAIN = 90
_WORDS_MAX = 80
_NEAR_DAYS = 10


class SuggestionKind(Choice):
    """Where a suggestion comes from."""

    ITEMS = "items", "Open items fit by amount, reference or party."
    RULE = "rule", "A rule says so."
    LEARNED = "learned", "It was matched like this before."


class SuggestionReason(Choice):
    """Why something is suggested."""

    REFERENCE = "reference", "The line names it."
    AMOUNT = "amount", "It comes to exactly this."
    NEAR_AMOUNT = "near_amount", "It comes to this but for a difference within the tolerance."
    SUM = "sum", "Together they come to exactly this."
    PART = "part", "The line pays a part of it, or is more than it."
    PARTY = "party", "It is of the same party, by name."
    LEARNED_PARTY = "learned_party", "Lines of this payer were of this party before."
    LEARNED_ACCOUNT = "learned_account", "Lines of this payer were posted to this account before."
    DAY = "day", "It was due about that day."
    ONLY_ONE = "only_one", "Nothing else open comes to this."
    RULE = "rule", "A rule says so."


_POINTS: Mapping[SuggestionReason, int] = {
    SuggestionReason.REFERENCE: 45,
    SuggestionReason.AMOUNT: 30,
    SuggestionReason.NEAR_AMOUNT: 20,
    SuggestionReason.SUM: 30,
    SuggestionReason.PART: 5,
    SuggestionReason.PARTY: 15,
    SuggestionReason.LEARNED_PARTY: 20,
    SuggestionReason.LEARNED_ACCOUNT: 60,
    SuggestionReason.DAY: 5,
    SuggestionReason.ONLY_ONE: 10,
    SuggestionReason.RULE: 20,
}


@dataclass(frozen=True, slots=True)
class SuggestedItem:
    """How much of what; above zero comes in."""

    kind: ItemKind
    id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`difference_minor`: what is to be written off. `score`: 0 to 100, as sure as it is."""

    kind: SuggestionKind
    score: int
    items: tuple[SuggestedItem, ...]
    reasons: tuple[SuggestionReason, ...]
    difference_minor: int = 0
    write_off_account_id: UUID | None = None
    rule_id: UUID | None = None
    is_automatic: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """What lines with a key were: of a party, or posted to an account."""

    party: str | None
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class LineSuggestion:
    """A suggestion as it is kept."""

    id: UUID
    line_id: UUID
    rank: int
    score: int
    kind: SuggestionKind
    currency: str
    items: Sequence[Mapping[str, object]]
    reasons: Sequence[str]
    difference_minor: int
    write_off_account_id: UUID | None
    rule_id: UUID | None

    @property
    def difference(self) -> Money:
        return Money(self.difference_minor, self.currency)


@dataclass(eq=False)
class UnknownSuggestion(Missing):
    """There is no such suggestion: its line was matched, or looked at again."""

    id: UUID
    message = "There is no such suggestion any more."


def party_key(name: str) -> str:
    """A name as it is compared: its words without order, so that "Doe, Jane" is "Jane Doe"."""
    return " ".join(sorted(set(words_of(name))))


def reference_key(reference: str) -> str | None:
    """A reference as it is looked for. None: too short to tell anything."""
    key = "".join(words_of(reference))
    return key if _is_telling(key) else None


def keys_of(line: StatementLine) -> Sequence[bytes]:
    """Digests of the number and the name of who paid, by which lessons are kept."""
    found = []
    if line.party_account:
        found.append(f"account {line.party_account.upper()}")
    if line.party_name and (name := party_key(line.party_name)):
        found.append(f"name {name}")
    way = "in" if line.amount_minor > 0 else "out"
    return [sha256(f"{way} {each}".encode()).digest()[:16] for each in found]


def _is_telling(key: str) -> bool:
    digits = sum(each.isdigit() for each in key)
    return digits >= 4 or (digits >= 1 and len(key) > digits)


@dataclass(slots=True)
class Index:
    """Open items of one currency, laid out by what lines may tell of them."""

    items: Sequence[OpenItem]
    rules: Sequence[ReconciliationRule] = ()
    lessons: Mapping[bytes, Sequence[Lesson]] = field(default_factory=dict)
    by_amount: dict[int, list[OpenItem]] = field(default_factory=dict)
    by_reference: dict[str, list[OpenItem]] = field(default_factory=dict)
    by_party: dict[str, list[OpenItem]] = field(default_factory=dict)
    by_name: dict[str, str] = field(default_factory=dict)
    by_group: dict[str, list[OpenItem]] = field(default_factory=dict)
    by_total: dict[int, list[str]] = field(default_factory=dict)
    amounts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for item in self.items:
            if key := reference_key(item.reference):
                self.by_reference.setdefault(key, []).append(item)
            if not item.open_minor:
                continue  # written off: only a line that names it is taken to be it
            self.by_amount.setdefault(item.open_minor, []).append(item)
            if item.party:
                self.by_party.setdefault(item.party, []).append(item)
                if name := party_key(item.party_name):
                    self.by_name.setdefault(name, item.party)
            if item.group:
                self.by_group.setdefault(item.group, []).append(item)
        for group, items in self.by_group.items():
            total = sum(each.open_minor for each in items)
            self.by_total.setdefault(total, []).append(group)
        self.amounts = sorted(self.by_amount)

    def near(self, amount: int, tolerance: int) -> Iterable[OpenItem]:
        """Items whose amount is nearly this one, and has its sign."""
        start = bisect_left(self.amounts, amount - tolerance)
        for found in self.amounts[start : start + SAME_KEY_MAX]:
            if found > amount + tolerance:
                return
            if (found > 0) == (amount > 0):
                yield from self.by_amount[found][:SAME_KEY_MAX]


class _Findings:
    """What was found for one line: each set of items once, with all the reasons for it."""

    def __init__(self, line: StatementLine, index: Index) -> None:
        self.line = line
        self.index = index
        self.amount = line.open_minor
        self.said = said_of(line)
        self.rules = [each for each in index.rules if applies(each, line, self.said)]
        self.match_rule = next((r for r in self.rules if r.action is RuleAction.MATCH), None)
        self.tolerance = self.match_rule.tolerance_minor if self.match_rule else 0
        self.lessons = [each for key in keys_of(line) for each in index.lessons.get(key, ())]
        self.learned = {each.party for each in self.lessons if each.party}
        self.party = index.by_name.get(party_key(line.party_name)) if line.party_name else None
        self.found: dict[tuple[UUID, ...], Suggestion] = {}

    def suggest(self) -> Sequence[Suggestion]:
        named = self._named()
        self._add_named(named)
        for item in self.index.by_amount.get(self.amount, ())[:SAME_KEY_MAX]:
            self._add([item], {SuggestionReason.AMOUNT}, named)
        if self.tolerance:
            for item in self.index.near(self.amount, self.tolerance):
                if item.open_minor != self.amount:
                    self._add([item], {SuggestionReason.NEAR_AMOUNT}, named)
        for party in {self.party, *self.learned} - {None, ""}:
            self._add_sums(self.index.by_party.get(str(party), ()), named)
        for group in self.index.by_total.get(self.amount, ())[:SAME_KEY_MAX]:
            if len(items := self.index.by_group[group]) > 1:
                key = reference_key(group)
                is_named = bool(key and key in "".join(words_of(self.said)))
                self._add(items, {SuggestionReason.SUM}, items if is_named else named)
        self._add_postings()
        ranked = sorted(
            self.found.values(), key=lambda each: (-each.score, len(each.items), each.items[0].id)
        )
        return ranked[:SUGGESTIONS_MAX]

    def _named(self) -> Sequence[OpenItem]:
        """Items whose reference the line has, as words or as several words that follow."""
        said = [self.said, *(str(each.get("reference") or "") for each in self.line.details or ())]
        found: dict[UUID, OpenItem] = {}
        for text in said:
            words = words_of(text)[:_WORDS_MAX]
            for width in (1, 2, 3, 4):
                for start in range(len(words) - width + 1):
                    key = "".join(words[start : start + width])
                    for item in self.index.by_reference.get(key, ())[:SAME_KEY_MAX]:
                        found[item.id] = item
        return [each for each in found.values() if (each.most.minor > 0) == (self.amount > 0)]

    def _add_named(self, named: Sequence[OpenItem]) -> None:
        for item in named[:SAME_KEY_MAX]:
            if item.open_minor == self.amount:
                continue
            difference = abs(self.amount - item.expected.minor)
            is_near = difference <= self.tolerance
            reason = SuggestionReason.NEAR_AMOUNT if is_near else SuggestionReason.PART
            self._add([item], {reason if difference else SuggestionReason.AMOUNT}, named)
        if len(named) > 1 and sum(each.expected.minor for each in named) == self.amount:
            self._add(named, {SuggestionReason.SUM}, named)

    def _add_sums(self, items: Sequence[OpenItem], named: Sequence[OpenItem]) -> None:
        """Several items of one party that come to the line: the oldest ones, or any two."""
        same = [each for each in items if (each.open_minor > 0) == (self.amount > 0)]
        same = sorted(same, key=lambda each: (each.due_on, each.id))[:PARTY_ITEMS_MAX]
        for place, total in enumerate(accumulate(each.open_minor for each in same)):
            if total == self.amount and place:
                self._add(same[: place + 1], {SuggestionReason.SUM}, named)
        seen: dict[int, OpenItem] = {}
        for item in same:
            other = seen.get(self.amount - item.open_minor)
            if other is not None:
                self._add([other, item], {SuggestionReason.SUM}, named)
                break
            seen.setdefault(item.open_minor, item)

    def _add(
        self,
        items: Sequence[OpenItem],
        reasons: set[SuggestionReason],
        named: Collection[OpenItem],
    ) -> None:
        names = {each.id for each in named}
        if all(each.id in names for each in items):
            reasons.add(SuggestionReason.REFERENCE)
        if all(each.party in self.learned for each in items):
            reasons.add(SuggestionReason.LEARNED_PARTY)
        elif self.party and all(each.party == self.party for each in items):
            reasons.add(SuggestionReason.PARTY)
        away = max(abs((each.due_on - self.line.booked_on).days) for each in items)
        if away <= _NEAR_DAYS:
            reasons.add(SuggestionReason.DAY)
        same = self.index.by_amount.get(self.amount, ())
        if SuggestionReason.AMOUNT in reasons and len(same) == 1 and same[0].id == items[0].id:
            reasons.add(SuggestionReason.ONLY_ONE)
        rule = self.match_rule
        if rule and (rule.days is None or away <= rule.days):
            reasons.add(SuggestionReason.RULE)
        else:
            rule = None
        self._keep(items, reasons, rule)

    def _keep(
        self,
        items: Sequence[OpenItem],
        reasons: set[SuggestionReason],
        rule: ReconciliationRule | None,
    ) -> None:
        total = sum(each.expected.minor for each in items)
        difference = self.amount - total
        if SuggestionReason.PART in reasons:
            # The line pays a part of the item; or the item is a part of the line.
            taken = min(abs(self.amount), abs(total)) * (1 if self.amount > 0 else -1)
            chosen = [SuggestedItem(items[0].kind, items[0].id, taken)]
            difference = 0
        else:
            chosen = [SuggestedItem(each.kind, each.id, each.expected.minor) for each in items]
        kind = SuggestionKind.LEARNED if SuggestionReason.LEARNED_PARTY in reasons else None
        made = Suggestion(
            kind=kind or (SuggestionKind.RULE if rule else SuggestionKind.ITEMS),
            score=min(99, sum(_POINTS[each] for each in reasons)),
            items=tuple(chosen),
            reasons=tuple(sorted(reasons)),
            difference_minor=difference,
            write_off_account_id=rule.write_off_account_id if rule and difference else None,
            rule_id=rule.id if rule else None,
            is_automatic=bool(rule and rule.is_automatic and SuggestionReason.PART not in reasons),
        )
        key = tuple(sorted(each.id for each in items))
        present = self.found.get(key)
        if present is None or made.score > present.score:
            self.found[key] = made

    def _add_postings(self) -> None:
        """Accounts that a rule names, or that such lines were posted to."""
        rule = next((each for each in self.rules if each.action is RuleAction.POST), None)
        if rule and rule.account_id:
            self._post(rule.account_id, SuggestionKind.RULE, SuggestionReason.RULE, 95, rule)
        for lesson in self.lessons:
            if lesson.account_id:
                reason = SuggestionReason.LEARNED_ACCOUNT
                self._post(lesson.account_id, SuggestionKind.LEARNED, reason, _POINTS[reason])

    def _post(
        self,
        account_id: UUID,
        kind: SuggestionKind,
        reason: SuggestionReason,
        score: int,
        rule: ReconciliationRule | None = None,
    ) -> None:
        item = SuggestedItem(ItemKind.ACCOUNT, account_id, self.amount)
        made = Suggestion(
            kind=kind,
            score=score,
            items=(item,),
            reasons=(reason,),
            rule_id=rule.id if rule else None,
            is_automatic=bool(rule and rule.is_automatic),
        )
        self.found.setdefault((account_id,), made)


def suggest(line: StatementLine, index: Index) -> Sequence[Suggestion]:
    """What a line may be, the surest first, at most `SUGGESTIONS_MAX`."""
    return _Findings(line, index).suggest()


def certain(found: Sequence[Suggestion]) -> Suggestion | None:
    """What an automatic rule applies without being asked. None: nothing is sure enough."""
    if not found or not found[0].is_automatic or found[0].score < CERTAIN:
        return None
    if len(found) > 1 and found[1].score >= CERTAIN:
        return None
    return found[0]
