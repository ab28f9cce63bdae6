"""Rules: what a product must be to belong to a collection, as data.

A rule compares one fact about a product with a value. Rules are kept as the filters of lists
are, so that a collection is a list that is kept up to date.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.decimals import parse_decimal
from backoffice_api.domain.kernel.errors import DomainError, Faults, Invalid
from backoffice_api.domain.kernel.filters import All, AnyOf, Filter, Keyed, Operator, Test
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_size

RULES_MAX = 20
VALUES_MAX = 100
_PIECES_MAX = 1_000_000_000


class RuleField(Choice):
    """The fact that a rule compares."""

    TITLE = "title", "The title: EQ, IN, STARTS_WITH a text."
    BRAND = "brand", "The brand: EQ, IN, STARTS_WITH a text, or IS_NULL."
    SKU = "sku", "The SKU of one of its variants: EQ, IN, STARTS_WITH a text."
    CREATED_AT = "created_at", "When it was made: GTE, LT a moment, as 2026-01-31T09:30:00Z."
    CATEGORY = "category", "Filed in this category or below it: EQ, IN an id."
    PRICE = (
        "price",
        "The price of one of its variants: EQ, GTE, GT, LTE, LT a decimal; `key` is the currency.",
    )
    AVAILABLE = (
        "available",
        "Pieces that can be promised, of all variants and locations: GTE, GT, LTE, LT a number.",
    )
    CUSTOM_FIELD = (
        "custom_field",
        "A custom field of the product, with `key`: any operator, a value of its type.",
    )


class RuleOperator(Choice):
    """How a rule compares."""

    EQ = "eq", "Is this."
    IN = "in", "Is one of these, at most 100."
    STARTS_WITH = "starts_with", "Starts with this, capitals counting."
    GTE = "gte", "Is at least this."
    GT = "gt", "Is more than this."
    LTE = "lte", "Is at most this."
    LT = "lt", "Is less than this."
    IS_NULL = "is_null", "True: there is none. False: there is one."


class Match(Choice):
    """How many of its rules a product must pass."""

    ALL = "all", "All of them."
    ANY = "any", "At least one of them."


@dataclass(frozen=True, slots=True)
class Rule:
    """`value` as JSON has it. `key`: the currency of a price, the key of a custom field."""

    field: RuleField
    operator: RuleOperator
    value: Any
    key: str | None = None


@dataclass(eq=False)
class InvalidRule(Invalid):
    """The operator, the value or the key of a rule does not go with its field."""

    field: RuleField
    reason: str
    message = "This is no rule about {field.name}: {reason}."


_TEXTS = (RuleOperator.EQ, RuleOperator.IN, RuleOperator.STARTS_WITH)
_BOUNDS = (RuleOperator.GTE, RuleOperator.GT, RuleOperator.LTE, RuleOperator.LT)

_OPERATORS: Mapping[RuleField, Sequence[RuleOperator]] = {
    RuleField.TITLE: _TEXTS,
    RuleField.BRAND: (*_TEXTS, RuleOperator.IS_NULL),
    RuleField.SKU: _TEXTS,
    RuleField.CREATED_AT: (RuleOperator.GTE, RuleOperator.LT),
    RuleField.CATEGORY: (RuleOperator.EQ, RuleOperator.IN),
    RuleField.PRICE: (RuleOperator.EQ, *_BOUNDS),
    RuleField.AVAILABLE: _BOUNDS,
    RuleField.CUSTOM_FIELD: tuple(RuleOperator),
}
_KEYED = (RuleField.PRICE, RuleField.CUSTOM_FIELD)


def check_rules(faults: Faults, rules: Sequence[Rule]) -> None:
    """Note rules that make no sense, each where it stands."""
    check_size(tuple(rules), faults, "rules", maximum=RULES_MAX)
    for position, rule in enumerate(rules):
        try:
            _test(rule)
        except DomainError as fault:
            faults.add(fault.at("rules", position))


def filter_of(match: Match, rules: Sequence[Rule]) -> Filter:
    """What a product must pass. Without rules, nothing passes."""
    tests = tuple(_test(rule) for rule in rules)
    return All(tests) if tests and match is Match.ALL else AnyOf(tests)


def fields_in(rules: Sequence[Rule]) -> frozenset[RuleField]:
    """What the rules are about."""
    return frozenset(rule.field for rule in rules)


def categories_in(rules: Sequence[Rule]) -> frozenset[UUID]:
    """The categories that the rules name."""
    found = [_test(rule).value for rule in rules if rule.field is RuleField.CATEGORY]
    return frozenset(
        id for value in found for id in (value if isinstance(value, tuple) else (value,))
    )


def _test(rule: Rule) -> Test:
    if rule.operator not in _OPERATORS[rule.field]:
        allowed = ", ".join(each.name for each in _OPERATORS[rule.field])
        raise InvalidRule(rule.field, f"it is compared by {allowed}")
    if (rule.key is not None) != (rule.field in _KEYED):
        raise InvalidRule(rule.field, "only prices and custom fields have a key, and they need it")
    operator = Operator(rule.operator.value)
    if operator is Operator.IN:
        if not isinstance(rule.value, list | tuple) or not 1 <= len(rule.value) <= VALUES_MAX:
            raise InvalidRule(rule.field, f"IN takes 1 to {VALUES_MAX} values")
        # Read from the database, several values are a list.
        return Test(rule.field.value, operator, _operand(rule, tuple(rule.value)))
    return Test(rule.field.value, operator, _operand(rule, rule.value))


def _operand(rule: Rule, value: Any) -> Any:
    if rule.field is RuleField.CUSTOM_FIELD:
        _check_plain(rule, value)
        return Keyed(rule.key or "", value)
    if rule.operator is RuleOperator.IS_NULL:
        return _typed(rule, value, bool)
    read = _READERS[rule.field]
    if isinstance(value, tuple):
        return tuple(read(rule, each) for each in value)
    return read(rule, value)


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _check_plain(rule: Rule, value: Any) -> None:
    wanted: type[Any] | tuple[type[Any], ...] = (str, bool, int)
    if rule.operator is RuleOperator.IS_NULL:
        wanted = bool
    elif rule.operator is RuleOperator.STARTS_WITH:
        wanted = str
    for each in _several(value):
        if not isinstance(each, wanted) or (isinstance(each, str) and not _is_line(each)):
            raise InvalidRule(rule.field, "the value is none of a custom field")


def _is_line(text: str) -> bool:
    return len(text) <= NAME_LENGTH_MAX and "\0" not in text and text.isprintable()


def _typed(rule: Rule, value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InvalidRule(rule.field, "the value is of another type")
    return value


def _text(rule: Rule, value: Any) -> str:
    text: str = _typed(rule, value, str)
    if not text or not _is_line(text):
        raise InvalidRule(rule.field, "the text is empty, too long, or not one line")
    return text


def _moment(rule: Rule, value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(_text(rule, value))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidRule(rule.field, "a moment is written 2026-01-31T09:30:00Z")


def _category(rule: Rule, value: Any) -> UUID:
    parts = ids.split(_text(rule, value))
    if parts is None or parts[0] != "ctg":
        raise InvalidRule(rule.field, "the value is no id of a category")
    return parts[1]


def _price(rule: Rule, value: Any) -> UnitPrice:
    if rule.key is None or rule.key not in EXPONENTS:
        raise InvalidRule(rule.field, "the key is no currency of ISO 4217")
    return UnitPrice.of(parse_decimal(_text(rule, value)), rule.key)


def _pieces(rule: Rule, value: Any) -> int:
    pieces: int = _typed(rule, value, int)
    if not -_PIECES_MAX <= pieces <= _PIECES_MAX:
        raise InvalidRule(rule.field, "there are never so many")
    return pieces


_READERS: Mapping[RuleField, Callable[[Rule, Any], Any]] = {
    RuleField.TITLE: _text,
    RuleField.BRAND: _text,
    RuleField.SKU: _text,
    RuleField.CREATED_AT: _moment,
    RuleField.CATEGORY: _category,
    RuleField.PRICE: _price,
    RuleField.AVAILABLE: _pieces,
}
