"""What can be asked and done with quotes, shipments, manifests, pickups and charges."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands import (
    freight,
    labels,
    manifests,
    pickups,
    purchases,
    quotes,
    settling,
    shipments,
)
from backoffice_api.schema.carriers import READ
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.shipping import (
    FreightCharge,
    FreightChargePayload,
    FreightChargesPayload,
    LabelPayload,
    Manifest,
    ManifestPayload,
    Pickup,
    PickupPayload,
    RateQuote,
    RateQuotePayload,
    Shipment,
    ShipmentPayload,
    ShipmentsPayload,
)
from backoffice_api.schema.shipping_inputs import (
    FreightChargeFilter,
    FreightChargeSort,
    FreightChargesRecordInput,
    LabelBuyInput,
    LabelReprintInput,
    LabelResolveInput,
    ManifestAddInput,
    ManifestCreateInput,
    ManifestFilter,
    ManifestRemoveInput,
    ManifestSort,
    PickupConfirmInput,
    PickupFilter,
    PickupRequestInput,
    PickupSort,
    RateQuoteCreateInput,
    ShipmentCreateInput,
    ShipmentFilter,
    ShipmentSort,
    ShipmentUpdateInput,
)


@strawberry.type
class ShippingQuery:
    rate_quote: RateQuote | None = found_by_id(
        "qut", queries.quotes_by_ids, "Its id.", "One quote. Null if there is none.", scope=READ
    )
    shipment: Shipment | None = found_by_id(
        "shm",
        queries.shipments_by_ids,
        "Its id.",
        "One shipment. Null if there is none.",
        scope=READ,
    )
    shipments: Connection[Shipment] = listed(
        queries.shipment_list,
        "Shipments, newest first.",
        scope=READ,
        filter=ShipmentFilter,
        sort=ShipmentSort,
    )
    shipments_count: Count = counted(
        queries.shipment_list, "How many shipments there are.", scope=READ, filter=ShipmentFilter
    )
    manifests: Connection[Manifest] = listed(
        queries.manifest_list,
        "Manifests, newest first.",
        scope=READ,
        filter=ManifestFilter,
        sort=ManifestSort,
    )
    pickups: Connection[Pickup] = listed(
        queries.pickup_list,
        "Visits of carriers, latest first.",
        scope=READ,
        filter=PickupFilter,
        sort=PickupSort,
    )
    freight_charges: Connection[FreightCharge] = listed(
        queries.charge_list,
        "What carriers have charged, newest first; with the status DIFFERS what has to be looked "
        "at.",
        scope=READ,
        filter=FreightChargeFilter,
        sort=FreightChargeSort,
    )


@strawberry.type
class ShippingMutation:
    @mutation(quotes.create_rate_quote, RateQuotePayload)
    def rate_quote_create(input: RateQuoteCreateInput) -> quotes.CreateRateQuote:
        """Ask what all services want for a parcel. Carriers that are asked answer later."""
        return quotes.CreateRateQuote(
            currency=input.currency,
            parcel_id=given_id("pcl", input.parcel_id),
            destination=input.destination.value() if input.destination else None,
            weight_g=input.weight_g,
            length_mm=input.length_mm,
            width_mm=input.width_mm,
            height_mm=input.height_mm,
            value=input.value.value() if input.value else None,
            cash=input.cash.value() if input.cash else None,
            wish=input.wish,
            needed_by=input.needed_by,
        )

    @mutation(shipments.create_shipments, ShipmentsPayload)
    def shipment_create(input: ShipmentCreateInput) -> shipments.CreateShipments:
        """Make a shipment for each of some parcels. A parcel has one at a time."""
        return shipments.CreateShipments(
            service_id=ids.parse("svc", input.service_id),
            parcels=tuple(each.value_of() for each in input.parcels),
            quote_id=given_id("qut", input.quote_id),
        )

    @mutation(shipments.update_shipment, ShipmentPayload)
    def shipment_update(id: strawberry.ID, input: ShipmentUpdateInput) -> shipments.UpdateShipment:
        """Choose another service, or other values, while there is no label."""
        service_id = keep(input.service_id)
        value, cash = keep(input.value, nullable=True), keep(input.cash, nullable=True)
        return shipments.UpdateShipment(
            id=ids.parse("shm", id),
            service_id=ids.parse("svc", service_id) if isinstance(service_id, str) else service_id,
            value=value.value() if input.value else value,
            cash=cash.value() if input.cash else cash,
        )

    @mutation(shipments.cancel_shipment, ShipmentPayload)
    def shipment_cancel(id: strawberry.ID) -> shipments.CancelShipment:
        """Give a shipment up that has no label; its parcel is free for another one."""
        return shipments.CancelShipment(id=ids.parse("shm", id))

    @mutation(labels.buy_label, ShipmentPayload)
    def label_buy(id: strawberry.ID, input: LabelBuyInput) -> labels.BuyLabel:
        """Have the label of a shipment bought, once. It is PENDING until the carrier answers."""
        return labels.BuyLabel(
            id=ids.parse("shm", id),
            tracking_number=input.tracking_number,
            cost=input.cost.value() if input.cost else None,
        )

    @mutation(settling.resolve_purchase, ShipmentPayload)
    def label_resolve(id: strawberry.ID, input: LabelResolveInput) -> purchases.ResolvePurchase:
        """Say what became of a purchase that is UNCLEAR, after asking the carrier by telephone."""
        return purchases.ResolvePurchase(
            id=ids.parse("shm", id),
            was_bought=input.was_bought,
            tracking_number=input.tracking_number,
            cost=input.cost.value() if input.cost else None,
        )

    @mutation(labels.void_label, ShipmentPayload)
    def label_void(id: strawberry.ID) -> labels.VoidLabel:
        """Have a label given back. It is VOIDING until the carrier answers."""
        return labels.VoidLabel(id=ids.parse("shm", id))

    @mutation(labels.reprint_label, LabelPayload)
    def label_reprint(id: strawberry.ID, input: LabelReprintInput) -> labels.ReprintLabel:
        """Get an address from which the label of a shipment can be fetched once."""
        return labels.ReprintLabel(id=ids.parse("shm", id), format=input.format)

    @mutation(manifests.create_manifest, ManifestPayload)
    def manifest_create(input: ManifestCreateInput) -> manifests.CreateManifest:
        """Put labelled shipments on a new manifest of their carrier."""
        given = input.shipment_ids
        return manifests.CreateManifest(
            carrier_id=ids.parse("ctr", input.carrier_id),
            shipment_ids=None if given is None else tuple(ids.parse("shm", id) for id in given),
        )

    @mutation(manifests.add_to_manifest, ManifestPayload)
    def manifest_add(id: strawberry.ID, input: ManifestAddInput) -> manifests.AddToManifest:
        """Put more shipments on an open manifest."""
        return manifests.AddToManifest(
            id=ids.parse("man", id),
            shipment_ids=tuple(ids.parse("shm", each) for each in input.shipment_ids),
        )

    @mutation(manifests.remove_from_manifest, ManifestPayload)
    def manifest_remove(
        id: strawberry.ID, input: ManifestRemoveInput
    ) -> manifests.RemoveFromManifest:
        """Take shipments off an open manifest."""
        return manifests.RemoveFromManifest(
            id=ids.parse("man", id),
            shipment_ids=tuple(ids.parse("shm", each) for each in input.shipment_ids),
        )

    @mutation(manifests.close_manifest, ManifestPayload)
    def manifest_close(id: strawberry.ID) -> manifests.CloseManifest:
        """Have the carrier told what it is handed over. PENDING until it has answered."""
        return manifests.CloseManifest(id=ids.parse("man", id))

    @mutation(manifests.cancel_manifest, ManifestPayload)
    def manifest_cancel(id: strawberry.ID) -> manifests.CancelManifest:
        """Give an open manifest up; what stood on it is free for another one."""
        return manifests.CancelManifest(id=ids.parse("man", id))

    @mutation(pickups.request_pickup, PickupPayload)
    def pickup_request(input: PickupRequestInput) -> pickups.RequestPickup:
        """Ask a carrier to come."""
        return pickups.RequestPickup(
            carrier_id=ids.parse("ctr", input.carrier_id),
            location_id=ids.parse("loc", input.location_id),
            window_from=input.window_from,
            window_until=input.window_until,
            pieces=input.pieces,
            weight_g=input.weight_g,
            note=input.note,
        )

    @mutation(pickups.confirm_pickup, PickupPayload)
    def pickup_confirm(id: strawberry.ID, input: PickupConfirmInput) -> pickups.ConfirmPickup:
        """Note that a carrier will come that we do not speak with over the net."""
        return pickups.ConfirmPickup(id=ids.parse("pup", id), confirmation=input.confirmation)

    @mutation(pickups.cancel_pickup, PickupPayload)
    def pickup_cancel(id: strawberry.ID) -> pickups.CancelPickup:
        """Call a carrier off."""
        return pickups.CancelPickup(id=ids.parse("pup", id))

    @mutation(freight.record_charges, FreightChargesPayload)
    def freight_charges_record(input: FreightChargesRecordInput) -> freight.RecordFreightCharges:
        """Record an invoice of a carrier, each line against what was expected."""
        return freight.RecordFreightCharges(
            carrier_id=ids.parse("ctr", input.carrier_id),
            invoice=input.invoice,
            charges=tuple(each.value() for each in input.charges),
            tolerance=input.tolerance.value() if input.tolerance else None,
        )

    @mutation(freight.accept_charge, FreightChargePayload)
    def freight_charge_accept(id: strawberry.ID) -> freight.AcceptFreightCharge:
        """Have a charge paid, whatever was expected."""
        return freight.AcceptFreightCharge(id=ids.parse("frc", id))

    @mutation(freight.dispute_charge, FreightChargePayload)
    def freight_charge_dispute(id: strawberry.ID) -> freight.DisputeFreightCharge:
        """Have a charge not paid."""
        return freight.DisputeFreightCharge(id=ids.parse("frc", id))
