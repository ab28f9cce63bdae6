"""What the database itself refuses, whoever writes: states without their moments, bad bounds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.tables import Json

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
ENDS = {"status": "finished", "finished_at": None}
RULE = {"service_level_permille": 900, "coverage_days": 30, "safety": 0, "reorder_point": 0}

REFUSED: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "a minimum above the maximum": (
        "replenishment_rules",
        {**RULE, "method": "reorder_point", "minimum": 2, "maximum": 1},
        "minimum_to_maximum",
    ),
    "a service level of more than all": (
        "replenishment_rules",
        {**RULE, "method": "reorder_point", "service_level_permille": 1_001},
        "service_level_bounded",
    ),
    "a rule that covers no day": (
        "replenishment_rules",
        {**RULE, "method": "reorder_point", "coverage_days": 0},
        "covers_some_days",
    ),
    "what is published since never": (
        "publications",
        {"status": "published", "published_at": None},
        "published_at_while_published",
    ),
    "what is hidden and published since": (
        "publications",
        {"status": "unpublished", "published_at": NOW},
        "published_at_while_published",
    ),
    "a transfer on its way that has not left": (
        "transfers",
        {"status": "in_transit", "shipped_at": None},
        "shipped_at_when_shipped",
    ),
    "a draft of a transfer that has left": (
        "transfers",
        {"status": "draft", "shipped_at": NOW},
        "shipped_at_when_shipped",
    ),
    "a transfer that has arrived before its last piece": (
        "transfers",
        {"status": "in_transit", "shipped_at": NOW, "received_at": NOW},
        "received_at_when_received",
    ),
    "an import that ended at no moment": ("bulk_imports", ENDS, "finished_at_the_end"),
    "an export that ended at no moment": ("bulk_exports", ENDS, "finished_at_the_end"),
}


def sample(column: Column[Any], number: int) -> Any:
    """A value that the column takes."""
    if column.type is Json or column.type.__class__.__name__ == "JSON":
        return {}
    kind = column.type.python_type
    if issubclass(kind, Enum):
        return next(iter(kind)).value
    values = {UUID: UUID(int=number), datetime: NOW, str: "EUR", int: 1, bool: False}
    return values[kind]


@pytest.mark.parametrize("wrong", REFUSED)
def test_the_database_refuses(database: Database, wrong: str) -> None:
    name, given, constraint = REFUSED[wrong]
    table = metadata.tables[name]
    needed = [each for each in table.c if not each.nullable and each.name not in given]
    row = {each.name: sample(each, number) for number, each in enumerate(needed, start=1)}

    with pytest.raises(IntegrityError, match=constraint), database.writing.begin() as db:
        db.execute(table.insert(), {**row, **given})
