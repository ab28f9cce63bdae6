"""What must be true of stored shipments, manifests and charges."""

from sqlalchemy import and_, func, or_, select

from backoffice_api.domain.fulfillment.tables import parcels
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.shipping.model.handover import ManifestStatus
from backoffice_api.domain.shipping.model.shipments import ENDED, ShipmentStatus
from backoffice_api.domain.shipping.tables import (
    carrier_services,
    carriers,
    freight_charges,
    manifests,
    rate_candidates,
    rate_table_rows,
    rate_table_zones,
    rate_tables,
    shipments,
    shipping_labels,
)

_on = (
    select(shipments.c.manifest_id, func.count().label("pieces"))
    .where(shipments.c.manifest_id.is_not(None))
    .group_by(shipments.c.manifest_id)
    .subquery("on_manifest")
)
_made = (
    select(manifests.c.carrier_id, func.count().label("made"))
    .group_by(manifests.c.carrier_id)
    .subquery("made")
)
_zones = select(rate_table_zones.c.table_id, rate_table_zones.c.code).distinct().subquery("zones")
_first = rate_candidates.alias("first_candidate")

CHECKS: tuple[Check, ...] = (
    Check(
        "SH1",
        "A parcel has at most one shipment that has not ended.",
        select(shipments.c.parcel_id, func.count().label("shipments"))
        .where(shipments.c.status.not_in(ENDED))
        .group_by(shipments.c.parcel_id)
        .having(func.count() > 1),
    ),
    Check(
        "SH2",
        "A shipment belongs to the order and the fulfillment of its parcel.",
        select(shipments.c.id, shipments.c.parcel_id)
        .join(parcels, parcels.c.id == shipments.c.parcel_id)
        .where(
            or_(
                parcels.c.order_id != shipments.c.order_id,
                parcels.c.fulfillment_id != shipments.c.fulfillment_id,
            )
        ),
    ),
    Check(
        "SH3",
        "A manifest counts the shipments that stand on it.",
        select(manifests.c.id, manifests.c.pieces, _on.c.pieces.label("stand_on_it"))
        .outerjoin(_on, _on.c.manifest_id == manifests.c.id)
        .where(manifests.c.pieces != func.coalesce(_on.c.pieces, 0)),
    ),
    Check(
        "SH4",
        "What stands on a manifest is its carrier's, and handed over exactly when it is closed.",
        select(shipments.c.id, shipments.c.status, manifests.c.status.label("manifest"))
        .join(manifests, manifests.c.id == shipments.c.manifest_id)
        .where(
            or_(
                manifests.c.carrier_id != shipments.c.carrier_id,
                (shipments.c.status == ShipmentStatus.HANDED_OVER)
                != (manifests.c.status == ManifestStatus.CLOSED),
            )
        ),
    ),
    Check(
        "SH5",
        "A carrier counts its manifests, so that no number is left out.",
        select(carriers.c.id, carriers.c.manifests_made, _made.c.made)
        .outerjoin(_made, _made.c.carrier_id == carriers.c.id)
        .where(carriers.c.manifests_made != func.coalesce(_made.c.made, 0)),
    ),
    Check(
        "SH6",
        "The service of a shipment is one of its carrier's.",
        select(shipments.c.id, shipments.c.service_id)
        .join(carrier_services, carrier_services.c.id == shipments.c.service_id)
        .where(carrier_services.c.carrier_id != shipments.c.carrier_id),
    ),
    Check(
        "SH7",
        "A charge is held against a shipment of the carrier that charges.",
        select(freight_charges.c.id, freight_charges.c.shipment_id)
        .join(shipments, shipments.c.id == freight_charges.c.shipment_id)
        .where(shipments.c.carrier_id != freight_charges.c.carrier_id),
    ),
    Check(
        "SH8",
        "Each row of a rate table is of one of its zones, in its currency.",
        select(rate_table_rows.c.table_id, rate_table_rows.c.zone)
        .join(rate_tables, rate_tables.c.id == rate_table_rows.c.table_id)
        .outerjoin(
            _zones,
            and_(
                _zones.c.table_id == rate_table_rows.c.table_id,
                _zones.c.code == rate_table_rows.c.zone,
            ),
        )
        .where(or_(_zones.c.code.is_(None), rate_tables.c.currency != rate_table_rows.c.currency)),
    ),
    Check(
        "SH9",
        "The files of a label are of a purchase of its shipment.",
        select(shipping_labels.c.id, shipping_labels.c.shipment_id)
        .join(shipments, shipments.c.id == shipping_labels.c.shipment_id)
        .where(shipments.c.purchase_key.is_(None)),
    ),
    Check(
        "SH10",
        "No candidate that takes a parcel stands behind one that refuses it.",
        select(rate_candidates.c.quote_id, rate_candidates.c.position)
        .join(
            _first,
            and_(
                _first.c.quote_id == rate_candidates.c.quote_id,
                _first.c.position == rate_candidates.c.position - 1,
            ),
        )
        .where(rate_candidates.c.total_minor.is_not(None), _first.c.total_minor.is_(None)),
    ),
)
