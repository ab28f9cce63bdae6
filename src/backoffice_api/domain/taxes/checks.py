"""What must hold of taxes, whoever wrote them."""

from sqlalchemy import ColumnElement, and_, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.taxes.tables import tax_rates

_one, _other = tax_rates.alias("one"), tax_rates.alias("other")


def _same(name: str) -> ColumnElement[bool]:
    return func.coalesce(_one.c[name], "") == func.coalesce(_other.c[name], "")


CHECKS = (
    Check(
        "TX1",
        "No two tax rates are for the same place, goods and buyers at the same time.",
        select(_one.c.id, _one.c.name, _other.c.name.label("other")).join(
            _other,
            and_(
                _one.c.id < _other.c.id,
                _one.c.is_active,
                _other.c.is_active,
                _one.c.place == _other.c.place,
                _one.c.buyers == _other.c.buyers,
                _same("tax_class"),
                _same("hs_prefix"),
                or_(_one.c.valid_until.is_(None), _one.c.valid_until > _other.c.valid_from),
                or_(_other.c.valid_until.is_(None), _other.c.valid_until > _one.c.valid_from),
            ),
        ),
    ),
)
