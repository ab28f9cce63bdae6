"""What can be asked and done between a promise and a parcel that leaves."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from inspect import Parameter
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Database
from strawberry import UNSET

from backoffice_api.context import Context
from backoffice_api.domain.fulfillment import queries
from backoffice_api.domain.fulfillment.commands import (
    delivering,
    keeping,
    packing,
    picking,
    planning,
    settings,
    shaping,
    shipping,
    waves,
)
from backoffice_api.domain.fulfillment.model.picking import FULFILLMENTS_MAX
from backoffice_api.domain.fulfillment.queries import picking as of_picking
from backoffice_api.domain.fulfillment.queries import promises
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.pages import InvalidPage
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.fulfillment import (
    READ,
    DispatchFigures,
    Fulfillment,
    FulfillmentPayload,
    FulfillmentPlanPayload,
    Packaging,
    PackagingPayload,
    Parcel,
    ParcelPayload,
    PickList,
    SlaRisk,
    Wave,
    WavePayload,
)
from backoffice_api.schema.fulfillment_inputs import (
    FulfillmentDeliverInput,
    FulfillmentFilter,
    FulfillmentFinishPickingInput,
    FulfillmentMergeInput,
    FulfillmentMoveInput,
    FulfillmentPickInput,
    FulfillmentPlanInput,
    FulfillmentSort,
    FulfillmentSplitInput,
    FulfillmentUpdateInput,
    PackagingFilter,
    PackagingSetInput,
    PackagingSort,
    ParcelCreateInput,
    ParcelFilter,
    ParcelLookup,
    ParcelPackInput,
    ParcelSort,
    ParcelUpdateInput,
    PickScanInput,
    WaveFilter,
    WavePlanInput,
    WaveSort,
)
from backoffice_api.schema.lookups import Way, by_id, found_by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep

_WITHIN_HOURS_MAX = 24 * 30
_Since = Annotated[
    datetime, strawberry.argument(description="Of what had to leave at this moment or later.")
]
_Hours = Annotated[
    int, strawberry.argument(description="Also what has to leave within so many hours, to 720.")
]
_Site = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only at this site. Null: at any.")
]
_Wave = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only of this wave. Null: of any.")
]
_Most = Annotated[
    int, strawberry.argument(description="For at most so many fulfillments, 1 to 250.")
]


def _optional(prefix: str, id: str | None) -> UUID | None:
    return None if id is None else ids.parse(prefix, id)


def _pick_lists(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> Sequence[of_picking.PickList]:
    limit = arguments["limit"]
    if not 1 <= limit <= FULFILLMENTS_MAX:
        raise InvalidPage(f"`limit` is between 1 and {FULFILLMENTS_MAX}.")
    return of_picking.pick_lists(
        db,
        location_id=_optional("loc", arguments.get("location_id")),
        wave_id=_optional("wav", arguments.get("wave_id")),
        limit=limit,
    )


def _risks(db: Database, context: Context, arguments: Mapping[str, Any]) -> Sequence[promises.Risk]:
    hours = arguments["within_hours"]
    if not 0 <= hours <= _WITHIN_HOURS_MAX:
        raise InvalidPage(f"`withinHours` is between 0 and {_WITHIN_HOURS_MAX}.")
    return promises.sla_risk(db, datetime.now(UTC), timedelta(hours=hours))


def _punctuality(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> Sequence[promises.Punctuality]:
    return promises.punctuality(db, arguments["since"], datetime.now(UTC))


@strawberry.type
class FulfillmentQuery:
    fulfillment: Fulfillment | None = found_by_id(
        "ful",
        queries.fulfillments_by_ids,
        "Its id.",
        "One fulfillment. Null if there is none.",
        scope=READ,
    )
    fulfillments: Connection[Fulfillment] = listed(
        queries.fulfillment_list,
        "Fulfillments, newest first.",
        scope=READ,
        filter=FulfillmentFilter,
        sort=FulfillmentSort,
    )
    fulfillments_count: Count = counted(
        queries.fulfillment_list,
        "How many fulfillments there are.",
        scope=READ,
        filter=FulfillmentFilter,
    )
    parcel: Parcel | None = lookup(
        ParcelLookup,
        "One parcel. Null if there is none.",
        {
            "id": by_id("pcl", queries.parcels_by_ids),
            "code": Way(queries.parcels_by_codes, str),
        },
        scope=READ,
    )
    parcels: Connection[Parcel] = listed(
        queries.parcel_list,
        "Parcels, newest first.",
        scope=READ,
        filter=ParcelFilter,
        sort=ParcelSort,
    )
    wave: Wave | None = found_by_id(
        "wav", queries.waves_by_ids, "Its id.", "One wave. Null if there is none.", scope=READ
    )
    waves: Connection[Wave] = listed(
        queries.wave_list,
        "Waves, newest first.",
        scope=READ,
        filter=WaveFilter,
        sort=WaveSort,
    )
    packagings: Connection[Packaging] = listed(
        queries.packaging_list,
        "Kinds of boxes, by code.",
        scope=READ,
        filter=PackagingFilter,
        sort=PackagingSort,
    )
    pick_lists: list[PickList] = asked(
        _pick_lists,
        [
            parameter("location_id", _Site),
            parameter("wave_id", _Wave),
            parameter("limit", _Most, 50),
        ],
        "What is to be picked, the most urgent first: one list for each site, in walking order.",
        scope=READ,
        weight=10,
    )
    sla_risk: list[SlaRisk] = asked(
        _risks,
        [parameter("within_hours", _Hours, 24)],
        "What leaves late or is about to, the latest first, and why; at most 250.",
        scope=READ,
        weight=10,
    )
    dispatch_figures: list[DispatchFigures] = asked(
        _punctuality,
        [parameter("since", _Since, Parameter.empty)],
        "How sites kept the days on which fulfillments had to leave; one for each site.",
        scope=READ,
        weight=20,
    )


@strawberry.type
class FulfillmentMutation:
    @mutation(planning.plan_fulfillments, FulfillmentPlanPayload)
    def fulfillment_plan(input: FulfillmentPlanInput) -> planning.PlanFulfillments:
        """Plan from where orders are sent. What is promised elsewhere is promised there then.

        With `dryRun`, it says from where and why, and leaves everything as it is.
        """
        sites = input.location_ids
        return planning.PlanFulfillments(
            order_ids=tuple(ids.parse("ord", id) for id in input.order_ids),
            strategy=input.strategy,
            location_ids=None if sites is None else tuple(ids.parse("loc", id) for id in sites),
            service=input.service,
        )

    @mutation(shaping.update_fulfillment, FulfillmentPayload)
    def fulfillment_update(
        id: strawberry.ID, input: FulfillmentUpdateInput
    ) -> shaping.UpdateFulfillment:
        """Change how soon a fulfillment is worked on, or with which service it goes."""
        return shaping.UpdateFulfillment(
            id=ids.parse("ful", id),
            priority=keep(input.priority),
            service=keep(input.service, nullable=True),
        )

    @mutation(shaping.split_fulfillment, FulfillmentPayload)
    def fulfillment_split(
        id: strawberry.ID, input: FulfillmentSplitInput
    ) -> shaping.SplitFulfillment:
        """Let pieces of a fulfillment go their own way. Answers the new one."""
        return shaping.SplitFulfillment(
            id=ids.parse("ful", id), lines=tuple(each.value() for each in input.lines)
        )

    @mutation(shaping.merge_fulfillments, FulfillmentPayload)
    def fulfillment_merge(
        id: strawberry.ID, input: FulfillmentMergeInput
    ) -> shaping.MergeFulfillments:
        """Make fulfillments of one order, location and state one; the others are cancelled."""
        return shaping.MergeFulfillments(
            id=ids.parse("ful", id),
            from_ids=tuple(ids.parse("ful", each) for each in input.from_ids),
        )

    @mutation(shaping.move_fulfillment, FulfillmentPayload)
    def fulfillment_move(id: strawberry.ID, input: FulfillmentMoveInput) -> shaping.MoveFulfillment:
        """Send a fulfillment from another site, where its pieces are promised from now on."""
        return shaping.MoveFulfillment(
            id=ids.parse("ful", id), location_id=ids.parse("loc", input.location_id)
        )

    @mutation(keeping.cancel_fulfillment, FulfillmentPayload)
    def fulfillment_cancel(id: strawberry.ID) -> keeping.CancelFulfillment:
        """Call a fulfillment off; its pieces stay promised. What was picked is to be put back."""
        return keeping.CancelFulfillment(id=ids.parse("ful", id))

    @mutation(shipping.release_fulfillment, FulfillmentPayload)
    def fulfillment_release(id: strawberry.ID) -> shipping.ReleaseFulfillment:
        """Hand a fulfillment to the hall, to be picked."""
        return shipping.ReleaseFulfillment(id=ids.parse("ful", id))

    @mutation(picking.pick_fulfillment, FulfillmentPayload)
    def fulfillment_pick(id: strawberry.ID, input: FulfillmentPickInput) -> picking.PickFulfillment:
        """Take pieces for a fulfillment, by lines or by scans."""
        return picking.PickFulfillment(
            id=ids.parse("ful", id), picks=tuple(each.value() for each in input.picks)
        )

    @mutation(picking.pick_fulfillment, FulfillmentPayload)
    def pick_scan(id: strawberry.ID, input: PickScanInput) -> picking.PickFulfillment:
        """Take what was scanned for a fulfillment."""
        return picking.PickFulfillment(id=ids.parse("ful", id), picks=(input.value(),))

    @mutation(picking.finish_picking, FulfillmentPayload)
    def fulfillment_finish_picking(
        id: strawberry.ID, input: FulfillmentFinishPickingInput
    ) -> picking.FinishPicking:
        """Say that what is not picked was not found: it is sent from elsewhere, or waits."""
        return picking.FinishPicking(id=ids.parse("ful", id), short=input.short)

    @mutation(keeping.note_put_back, FulfillmentPayload)
    def fulfillment_put_back(id: strawberry.ID) -> keeping.NotePutBack:
        """Note that pieces that were picked in vain lie where they came from. By their id."""
        return keeping.NotePutBack(note_id=ids.parse("pbk", id))

    @mutation(packing.create_parcel, ParcelPayload)
    def parcel_create(input: ParcelCreateInput) -> packing.CreateParcel:
        """Begin a parcel of a fulfillment that is picked."""
        return packing.CreateParcel(
            fulfillment_id=ids.parse("ful", input.fulfillment_id),
            code=input.code,
            packaging_id=_optional("pkg", input.packaging_id),
            everything=input.everything,
        )

    @mutation(packing.pack_parcel, ParcelPayload)
    def parcel_pack(id: strawberry.ID, input: ParcelPackInput) -> packing.PackParcel:
        """Put pieces into a parcel, by lines or by scans. What does not belong there is refused."""
        return packing.PackParcel(
            id=ids.parse("pcl", id), items=tuple(each.value() for each in input.items)
        )

    @mutation(packing.update_parcel, ParcelPayload)
    def parcel_update(id: strawberry.ID, input: ParcelUpdateInput) -> packing.UpdateParcel:
        """Note what a parcel weighs and measures; its weight is compared with what is in it."""
        box = input.packaging_id
        packaging: UUID | Keep | None = KEEP if box is UNSET else _optional("pkg", box)
        return packing.UpdateParcel(
            id=ids.parse("pcl", id),
            weight_g=keep(input.weight_g, nullable=True),
            length_mm=keep(input.length_mm, nullable=True),
            width_mm=keep(input.width_mm, nullable=True),
            height_mm=keep(input.height_mm, nullable=True),
            packaging_id=packaging,
        )

    @mutation(packing.remove_parcel, FulfillmentPayload)
    def parcel_remove(id: strawberry.ID) -> packing.RemoveParcel:
        """Take a parcel apart; what was in it lies ready to be packed again."""
        return packing.RemoveParcel(id=ids.parse("pcl", id))

    @mutation(settings.set_packaging, PackagingPayload)
    def packaging_set(input: PackagingSetInput) -> settings.SetPackaging:
        """Make or change a kind of box."""
        return settings.SetPackaging(
            code=input.code,
            name=input.name,
            length_mm=input.length_mm,
            width_mm=input.width_mm,
            height_mm=input.height_mm,
            weight_g=input.weight_g,
        )

    @mutation(shipping.ready_fulfillment, FulfillmentPayload)
    def fulfillment_ready(id: strawberry.ID) -> shipping.ReadyFulfillment:
        """Say that a packed fulfillment lies ready for the carrier, labelled."""
        return shipping.ReadyFulfillment(id=ids.parse("ful", id))

    @mutation(shipping.ship_fulfillment, FulfillmentPayload)
    def fulfillment_ship(id: strawberry.ID) -> shipping.ShipFulfillment:
        """Let a fulfillment leave: stock and order follow in the same transaction."""
        return shipping.ShipFulfillment(id=ids.parse("ful", id))

    @mutation(delivering.deliver_fulfillment, FulfillmentPayload)
    def fulfillment_deliver(
        id: strawberry.ID, input: FulfillmentDeliverInput
    ) -> delivering.DeliverFulfillment:
        """Say by hand that what was shipped has arrived: picked up, brought over, told by phone."""
        return delivering.DeliverFulfillment(
            id=ids.parse("ful", id), reason=input.reason, delivered_at=input.delivered_at
        )

    @mutation(waves.plan_wave, WavePayload)
    def wave_plan(input: WavePlanInput) -> waves.PlanWave:
        """Put a wave together of what is planned at a site; with `dryRun`, it shows what fits."""
        return waves.PlanWave(
            location_id=ids.parse("loc", input.location_id),
            name=input.name,
            cut_off_at=input.cut_off_at,
            service=input.service,
            zone=input.zone,
            priority_max=input.priority_max,
            limit=input.limit,
        )

    @mutation(waves.release_wave, WavePayload)
    def wave_release(id: strawberry.ID) -> waves.ReleaseWave:
        """Hand a wave to the hall. What a hold lies on stays behind, outside of it."""
        return waves.ReleaseWave(id=ids.parse("wav", id))

    @mutation(waves.cancel_wave, WavePayload)
    def wave_cancel(id: strawberry.ID) -> waves.CancelWave:
        """Give a wave up; what was in it is planned as before."""
        return waves.CancelWave(id=ids.parse("wav", id))
