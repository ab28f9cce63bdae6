"""Scalars: exact, bounded, in one canonical form. Floats do not exist here."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal as PythonDecimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.decimals import canonical, parse_decimal
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.secret import Secret

_INT64 = 1 << 63
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def _decimal(value: Any) -> PythonDecimal:
    if not isinstance(value, str):
        raise _bad('A decimal is written as a string, as in "12.50".')
    try:
        return parse_decimal(value)
    except DomainError as fault:
        raise _bad(str(fault)) from None


def _big_int(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not -_INT64 <= value < _INT64:
        raise _bad("A BigInt is a whole number of 64 bits, written as a string.")
    return value


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _bad("A DateTime is written as RFC 3339 with a time zone, as in 2026-01-31T09:30:00Z.")


def _shown_instant(value: datetime) -> str:
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def _day(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _bad("A Date is a calendar day, as in 2026-01-31.")


def _currency(value: Any) -> str:
    if not isinstance(value, str):
        raise _bad("A currency is the three-letter code of ISO 4217, as in EUR.")
    try:
        exponent(value)
    except DomainError as fault:
        raise _bad(str(fault)) from None
    return value


def _secret(value: Any) -> Secret:
    if not isinstance(value, str):
        raise _bad("A secret is written as a string.")
    return Secret(value)


def config() -> StrawberryConfig:
    """How Python types show on the wire."""
    return StrawberryConfig(
        scalar_map={
            PythonDecimal: strawberry.scalar(
                name="Decimal",
                description='An exact decimal number as a string, as in "12.50". Never a float.',
                serialize=canonical,
                parse_value=_decimal,
            ),
            BigInt: strawberry.scalar(
                name="BigInt",
                description="A whole number of up to 64 bits, as a string.",
                serialize=str,
                parse_value=_big_int,
            ),
            datetime: strawberry.scalar(
                name="DateTime",
                description="A moment as RFC 3339, answered in UTC: 2026-01-31T09:30:00Z.",
                serialize=_shown_instant,
                parse_value=_instant,
            ),
            date: strawberry.scalar(
                name="Date",
                description="A calendar day as RFC 3339 writes it: 2026-01-31.",
                serialize=date.isoformat,
                parse_value=_day,
            ),
            CurrencyCode: strawberry.scalar(
                name="CurrencyCode",
                description="A currency by its three letters of ISO 4217, as EUR.",
                serialize=str,
                parse_value=_currency,
            ),
            Secret: strawberry.scalar(
                name="Secret",
                description="A text that is never kept or logged: a password that you set, a key "
                "that you see this once.",
                serialize=Secret.reveal,
                parse_value=_secret,
            ),
            JSON: strawberry.scalar(
                name="JSON",
                description="Any JSON value, where the shape depends on the case.",
                serialize=lambda value: value,
                parse_value=lambda value: value,
            ),
        },
    )
