"""Ids as 32 hexadecimal digits, in SQL: for checks that look for an id within a text."""

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class digits_of(FunctionElement[str]):  # noqa: N801 - it is called as SQL functions are
    """The digits of an id, as `UUID.hex` has them."""

    type = String()
    inherit_cache = True

    def __init__(self, id: ColumnElement[Any]) -> None:
        super().__init__(id)


@compiles(digits_of, "postgresql")
def _on_postgresql(element: digits_of, compiler: Any, **how: Any) -> str:
    return f"replace(CAST({compiler.process(element.clauses, **how)} AS TEXT), '-', '')"


@compiles(digits_of, "sqlite")
def _on_sqlite(element: digits_of, compiler: Any, **how: Any) -> str:
    return f"lower(hex({compiler.process(element.clauses, **how)}))"
