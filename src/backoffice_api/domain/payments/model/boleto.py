"""Boletos: the bar code and the digit line of a Brazilian payment slip, made and checked here.

Source: FEBRABAN, "Especificações técnicas para confecção de boleto de pagamento"
layout of 44 positions: bank 3, currency 1 (9 is the real), check digit 1, due factor 4, amount 10,
free field of the bank 25. Check digits: modulo 11 with weights 2 to 9 over the bar code (0, 10 and
11 become 1), modulo 10 over the first three fields of the digit line. The due factor counts days
from 1997-10-07; after 9999 on 2025-02-21 it goes on with 1000 (FEBRABAN, since 2025-02-22).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.money import Money

CURRENCY = "BRL"
AMOUNT_MAX_MINOR = 10**10 - 1
_BASE = date(1997, 10, 7)
_FACTOR_MIN, _FACTORS = 1_000, 9_000
_LAST_DUE = _BASE + timedelta(days=_FACTOR_MIN + 5 * _FACTORS)
_FREE_FIELD = re.compile(r"[0-9]{25}", re.ASCII)
_BANK = re.compile(r"[0-9]{3}", re.ASCII)
_BAR_CODE = re.compile(r"[0-9]{44}", re.ASCII)
_DIGIT_LINE = re.compile(r"[0-9]{47}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoletoTerms:
    """What the bank of the shop gives for a slip: its number, and the free field of 25 digits."""

    bank: str
    free_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Boleto:
    """What a slip says. `due_on` or `amount` None: it does not say."""

    bank: str
    free_field: str
    due_on: date | None
    amount: Money | None


@dataclass(eq=False)
class InvalidBoleto(Invalid):
    """A bar code or digit line has the wrong length, or a check digit that does not fit."""

    message = "This is no boleto, or a digit of it is wrong."


@dataclass(eq=False)
class InvalidBoletoTerms(Invalid):
    """The bank has 3 digits, the free field 25; the amount is in reais; the day has a factor."""

    message = "A boleto cannot be made of this."


def check_terms(terms: BoletoTerms, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with what the bank gives."""
    if not _BANK.fullmatch(terms.bank):
        faults.add(InvalidBoletoTerms().at(*path, "bank"))
    if not _FREE_FIELD.fullmatch(terms.free_field):
        faults.add(InvalidBoletoTerms().at(*path, "free_field"))


def bar_code(terms: BoletoTerms, *, due_on: date, amount: Money) -> str:
    """The 44 digits of the bar code (interleaved 2 of 5).

    Raises:
        InvalidBoletoTerms: the amount is not in reais or too large, or the day is out of range.
    """
    if amount.currency != CURRENCY or not 0 < amount.minor <= AMOUNT_MAX_MINOR:
        raise InvalidBoletoTerms
    tail = f"{_factor(due_on):04}{amount.minor:010}{terms.free_field}"
    head = f"{terms.bank}9"
    return f"{head}{_modulo_11(head + tail)}{tail}"


def digit_line(code: str) -> str:
    """The 47 digits that people type, of a bar code.

    Raises:
        InvalidBoleto: the bar code is none.
    """
    _check_bar_code(code)
    head, check, tail, free = code[:4], code[4], code[5:19], code[19:]
    fields = (head + free[:5], free[5:15], free[15:])
    return "".join(f"{each}{_modulo_10(each)}" for each in fields) + check + tail


def bar_code_of(line: str) -> str:
    """The bar code of a digit line, written with or without dots and spaces.

    Raises:
        InvalidBoleto: a check digit does not fit.
    """
    digits = re.sub(r"[ .]", "", line)
    if not _DIGIT_LINE.fullmatch(digits):
        raise InvalidBoleto
    fields = (digits[:10], digits[10:21], digits[21:32])
    if any(_modulo_10(each[:-1]) != int(each[-1]) for each in fields):
        raise InvalidBoleto
    code = digits[:4] + digits[32:] + digits[4:9] + digits[10:20] + digits[21:31]
    _check_bar_code(code)
    return code


def read_bar_code(code: str, *, today: date) -> Boleto:
    """What a bar code says. `today` tells which round of the due factor is meant: the nearest day.

    Raises:
        InvalidBoleto: it has the wrong length, or its check digit does not fit.
    """
    _check_bar_code(code)
    factor, minor = int(code[5:9]), int(code[9:19])
    return Boleto(
        bank=code[:3],
        free_field=code[19:],
        due_on=_day(factor, today) if factor else None,
        amount=Money(minor, CURRENCY) if minor else None,
    )


def _check_bar_code(code: str) -> None:
    is_right = _BAR_CODE.fullmatch(code) and code[3] == "9"
    if not is_right or _modulo_11(code[:4] + code[5:]) != int(code[4]):
        raise InvalidBoleto


def _factor(day: date) -> int:
    """Raises: InvalidBoletoTerms."""
    days = (day - _BASE).days
    if not days >= _FACTOR_MIN or day >= _LAST_DUE:
        raise InvalidBoletoTerms
    return (days - _FACTOR_MIN) % _FACTORS + _FACTOR_MIN


def _day(factor: int, today: date) -> date:
    """Below 1000 there was one round only."""
    first = _BASE + timedelta(days=factor)
    if factor < _FACTOR_MIN:
        return first
    rounds = max(0, round((today - first).days / _FACTORS))
    return first + timedelta(days=rounds * _FACTORS)


def _modulo_10(digits: str) -> int:
    """Weights 2 and 1 from the right; products of two digits count as the sum of these."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        product = int(digit) * (1 if at % 2 else 2)
        total += product // 10 + product % 10
    return -total % 10


def _modulo_11(digits: str) -> int:
    """Weights 2 to 9 from the right, again and again; what cannot be one digit is 1."""
    total = sum(int(digit) * (2 + at % 8) for at, digit in enumerate(reversed(digits)))
    check = 11 - total % 11
    return check if check <= 9 else 1
