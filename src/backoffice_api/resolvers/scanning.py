"""What can be asked and done with a scanner in hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.scanning import queries
from backoffice_api.domain.scanning.commands import devices as on_devices
from backoffice_api.domain.scanning.commands import scans as on_scans
from backoffice_api.domain.scanning.model import codes, tasks
from backoffice_api.domain.scanning.queries.tasks import open_tasks
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.scanning import (
    READ,
    CodeResolution,
    Device,
    DeviceFilter,
    DeviceLookup,
    DevicePayload,
    DeviceRegisterInput,
    DeviceSort,
    ScanBatchInput,
    ScanBatchPayload,
    Task,
)

_Code = Annotated[str, strawberry.argument(description="What was read, as the reader sends it.")]


def _resolve(db: Database, context: Context, arguments: Mapping[str, Any]) -> codes.Resolution:
    today = datetime.now(UTC).date()
    return queries.resolve_code(db, arguments["code"], today=today, may=context.caller.may)


def _tasks(db: Database, context: Context, arguments: Mapping[str, Any]) -> Sequence[tasks.Task]:
    return open_tasks(db, datetime.now(UTC), may=context.caller.may)


@strawberry.type
class ScanningQuery:
    code_resolve: CodeResolution = asked(
        _resolve,
        [parameter("code", _Code, Parameter.empty)],
        "What a code is: a barcode, a GS1 element string, a GS1 Digital Link, an SKU, the code of "
        "a location, the number of an order, or one of our ids.",
        scope=Scope.PRODUCTS_READ,
        weight=5,
    )
    tasks: list[Task] = asked(
        _tasks,
        [],
        "What is open for whoever holds a device, oldest first; at most 50. What the caller may "
        "not see is missing.",
        scope=READ,
        weight=5,
    )
    device: Device | None = lookup(
        DeviceLookup,
        "One device. Null if there is none.",
        {
            "id": by_id("dev", queries.devices_by_ids),
            "code": Way(queries.devices_by_codes, str),
        },
        scope=READ,
    )
    devices: Connection[Device] = listed(
        queries.device_list,
        "Devices, newest first.",
        scope=READ,
        filter=DeviceFilter,
        sort=DeviceSort,
    )
    devices_count: Count = counted(
        queries.device_list, "How many devices there are.", scope=READ, filter=DeviceFilter
    )


@strawberry.type
class ScanningMutation:
    @mutation(on_devices.register_device, DevicePayload)
    def device_register(input: DeviceRegisterInput) -> on_devices.RegisterDevice:
        """Make a scanner or phone known, so that it can send what it scans."""
        return on_devices.RegisterDevice(
            code=input.code,
            name=input.name,
            token_id=given_id("tok", input.token_id),
            staff_id=given_id("stf", input.staff_id),
            location_id=given_id("loc", input.location_id),
        )

    @mutation(on_devices.retire_device, DevicePayload)
    def device_retire(id: strawberry.ID) -> on_devices.RetireDevice:
        """Take nothing from a device any more."""
        return on_devices.RetireDevice(id=ids.parse("dev", id))

    @mutation(on_devices.restore_device, DevicePayload)
    def device_restore(id: strawberry.ID) -> on_devices.RestoreDevice:
        """Take a retired device into use again."""
        return on_devices.RestoreDevice(id=ids.parse("dev", id))

    @mutation(on_scans.take_scans, ScanBatchPayload)
    def scan_batch(id: strawberry.ID, input: ScanBatchInput) -> on_scans.TakeScans:
        """Do what a device has scanned, each scan by itself.

        Send a batch again when in doubt, in any order: what was accepted under a number is done
        once. What is refused is not kept; send it again when things have changed.
        """
        return on_scans.TakeScans(
            id=ids.parse("dev", id), scans=tuple(each.value() for each in input.scans)
        )
