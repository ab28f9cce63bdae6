"""What can be asked and done with a scanner under its own right."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.scanning.commands import counting
from backoffice_api.domain.scanning.model import sheets
from backoffice_api.domain.scanning.queries import sheets as queries
from backoffice_api.schema.connections import asked, parameter
from backoffice_api.schema.count_sheets import (
    CountScanInput,
    CountScanPayload,
    CountSheetLine,
    DeviceTask,
)
from backoffice_api.schema.mutations import mutation

_SKIP_MAX = 1_000_000

_Id = Annotated[strawberry.ID, strawberry.argument(description="Which count.")]
_First = Annotated[int, strawberry.argument(description="How many lines, 1 to 250.")]
_Skip = Annotated[int, strawberry.argument(description="Behind so many lines.")]


def _tasks(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> Sequence[sheets.DeviceTask]:
    return queries.device_tasks(db, context.caller, datetime.now(UTC))


def _sheet(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> Sequence[sheets.SheetLine]:
    first, skip = arguments["first"], arguments["skip"]
    if not 1 <= first <= sheets.PAGE_MAX:
        raise OutOfRange(1, sheets.PAGE_MAX)
    if not 0 <= skip <= _SKIP_MAX:
        raise OutOfRange(0, _SKIP_MAX)
    return queries.count_sheet(db, ids.parse("cnt", arguments["id"]), first, skip)


@strawberry.type
class CountSheetQuery:
    device_tasks: list[DeviceTask] = asked(
        _tasks,
        [],
        "What is open, for a scanner that may see no levels, oldest first; at most 50.",
        scope=Scope.DEVICES_USE,
        weight=5,
    )
    count_sheet: list[CountSheetLine] = asked(
        _sheet,
        [
            parameter("id", _Id, Parameter.empty),
            parameter("first", _First, 100),
            parameter("skip", _Skip, 0),
        ],
        "What a count is of, place after place, for a scanner that may see no levels.",
        scope=Scope.DEVICES_USE,
        weight=5,
        multipliers=["first"],
    )


@strawberry.type
class CountSheetMutation:
    @mutation(counting.scan_count, CountScanPayload)
    def count_scan(id: strawberry.ID, input: CountScanInput) -> counting.ScanCount:
        """Write down what was found, by codes. It takes no right to see stock or to change it."""
        return counting.ScanCount(
            id=ids.parse("cnt", id), entries=tuple(each.value() for each in input.entries)
        )
