"""How amounts are rounded, in SQL: for checks that recompute what `money` computed."""

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, or_

from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.money import UNIT_PRICE_DECIMALS


def micro_per_minor(currency: ColumnElement[str]) -> ColumnElement[int]:
    """Millionths of the main unit per minor unit of a currency."""
    codes: dict[int, list[str]] = {}
    for code, decimals in EXPONENTS.items():
        codes.setdefault(decimals, []).append(code)
    del codes[2]  # Nearly all of them: the CASE falls back on it.
    steps = [
        (currency.in_(of_step), 10 ** (UNIT_PRICE_DECIMALS - decimals))
        for decimals, of_step in codes.items()
    ]
    return case(*steps, else_=10 ** (UNIT_PRICE_DECIMALS - 2))


def is_not_half_even(
    exact: ColumnElement[int], rounded: ColumnElement[int], step: ColumnElement[int]
) -> ColumnElement[bool]:
    """`rounded` is not what `exact` comes to in steps of `step`, rounded half-even."""
    twice = 2 * func.abs(exact - rounded * step)
    return or_(twice > step, and_(twice == step, rounded % 2 == 1))


def half_even(exact: ColumnElement[int], step: ColumnElement[int]) -> ColumnElement[int]:
    """`exact` in whole steps of `step`, rounded half-even."""
    size = func.abs(exact, type_=BigInteger())
    whole = size // step
    twice = 2 * (size - whole * step)
    up = case((or_(twice > step, and_(twice == step, whole % 2 == 1)), 1), else_=0)
    return case((exact < 0, -1), else_=1) * (whole + up)
