"""What can be asked and done with carriers, services and rate tables."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands import carrier_services, carriers, rate_tables
from backoffice_api.schema.carrier_inputs import (
    CarrierCreateInput,
    CarrierServiceCreateInput,
    CarrierServiceUpdateInput,
    CarrierUpdateInput,
    RateTableCreateInput,
    RateTableSetRowsInput,
    RateTableUpdateInput,
)
from backoffice_api.schema.carriers import (
    READ,
    Carrier,
    CarrierFilter,
    CarrierPayload,
    CarrierService,
    CarrierServiceFilter,
    CarrierServicePayload,
    CarrierServiceSort,
    CarrierSort,
    RateTable,
    RateTableFilter,
    RateTablePayload,
    RateTableSort,
)
from backoffice_api.schema.connections import Connection, listed
from backoffice_api.schema.given_ids import given_id, kept_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep, keep_each


@strawberry.type
class CarrierQuery:
    carrier: Carrier | None = found_by_id(
        "ctr", queries.carriers_by_ids, "Its id.", "One carrier. Null if there is none.", scope=READ
    )
    carriers: Connection[Carrier] = listed(
        queries.carrier_list,
        "Carriers, by their codes.",
        scope=READ,
        filter=CarrierFilter,
        sort=CarrierSort,
    )
    carrier_services: Connection[CarrierService] = listed(
        queries.service_list,
        "Services of carriers, by their codes.",
        scope=READ,
        filter=CarrierServiceFilter,
        sort=CarrierServiceSort,
    )
    rate_table: RateTable | None = found_by_id(
        "rat",
        queries.rate_tables_by_ids,
        "Its id.",
        "One rate table. Null if there is none.",
        scope=READ,
    )
    rate_tables: Connection[RateTable] = listed(
        queries.rate_table_list,
        "Rate tables, those that begin last first.",
        scope=READ,
        filter=RateTableFilter,
        sort=RateTableSort,
    )


@strawberry.type
class CarrierMutation:
    @mutation(carriers.create_carrier, CarrierPayload)
    def carrier_create(input: CarrierCreateInput) -> carriers.CreateCarrier:
        """Make a carrier: an account with somebody who takes parcels away."""
        return carriers.CreateCarrier(
            code=input.code,
            name=input.name,
            kind=input.kind,
            currency=input.currency,
            sender=input.sender.value(),
            time_zone=input.time_zone,
            account=input.account,
            connector=input.connector,
            supplier_id=given_id("sup", input.supplier_id),
        )

    @mutation(carriers.update_carrier, CarrierPayload)
    def carrier_update(id: strawberry.ID, input: CarrierUpdateInput) -> carriers.UpdateCarrier:
        """Change a carrier. What is absent stays."""
        sender = keep(input.sender)
        return carriers.UpdateCarrier(
            id=ids.parse("ctr", id),
            code=keep(input.code),
            name=keep(input.name),
            sender=sender.value() if input.sender else sender,
            time_zone=keep(input.time_zone),
            account=keep(input.account, nullable=True),
            connector=keep(input.connector, nullable=True),
            supplier_id=kept_id("sup", input.supplier_id),
        )

    @mutation(carriers.archive_carrier, CarrierPayload)
    def carrier_archive(id: strawberry.ID) -> carriers.ArchiveCarrier:
        """Have nothing new sent with a carrier."""
        return carriers.ArchiveCarrier(id=ids.parse("ctr", id))

    @mutation(carriers.restore_carrier, CarrierPayload)
    def carrier_restore(id: strawberry.ID) -> carriers.RestoreCarrier:
        """Let things be sent with an archived carrier again."""
        return carriers.RestoreCarrier(id=ids.parse("ctr", id))

    @mutation(carrier_services.create_service, CarrierServicePayload)
    def carrier_service_create(
        input: CarrierServiceCreateInput,
    ) -> carrier_services.CreateCarrierService:
        """Make a service of a carrier, with its limits and surcharges."""
        return carrier_services.CreateCarrierService(
            carrier_id=ids.parse("ctr", input.carrier_id),
            code=input.code,
            name=input.name,
            transit_days_min=input.transit_days_min,
            transit_days_max=input.transit_days_max,
            cut_off_minute=input.cut_off_minute,
            works_saturdays=input.works_saturdays,
            weight_max_g=input.weight_max_g,
            length_max_mm=input.length_max_mm,
            girth_max_mm=input.girth_max_mm,
            volumetric_divisor=input.volumetric_divisor,
            countries=tuple(input.countries),
            collects_cash=input.collects_cash,
            surcharges=tuple(each.value() for each in input.surcharges),
        )

    @mutation(carrier_services.update_service, CarrierServicePayload)
    def carrier_service_update(
        id: strawberry.ID, input: CarrierServiceUpdateInput
    ) -> carrier_services.UpdateCarrierService:
        """Change a service. What is absent stays."""
        return carrier_services.UpdateCarrierService(
            id=ids.parse("svc", id),
            code=keep(input.code),
            name=keep(input.name),
            transit_days_min=keep(input.transit_days_min),
            transit_days_max=keep(input.transit_days_max),
            cut_off_minute=keep(input.cut_off_minute, nullable=True),
            works_saturdays=keep(input.works_saturdays),
            weight_max_g=keep(input.weight_max_g, nullable=True),
            length_max_mm=keep(input.length_max_mm, nullable=True),
            girth_max_mm=keep(input.girth_max_mm, nullable=True),
            volumetric_divisor=keep(input.volumetric_divisor, nullable=True),
            countries=keep(input.countries),
            collects_cash=keep(input.collects_cash),
            surcharges=keep_each(input.surcharges),
        )

    @mutation(carrier_services.archive_service, CarrierServicePayload)
    def carrier_service_archive(id: strawberry.ID) -> carrier_services.ArchiveCarrierService:
        """Have nothing new sent with a service."""
        return carrier_services.ArchiveCarrierService(id=ids.parse("svc", id))

    @mutation(carrier_services.restore_service, CarrierServicePayload)
    def carrier_service_restore(id: strawberry.ID) -> carrier_services.RestoreCarrierService:
        """Let things be sent with an archived service again."""
        return carrier_services.RestoreCarrierService(id=ids.parse("svc", id))

    @mutation(rate_tables.create_rate_table, RateTablePayload)
    def rate_table_create(input: RateTableCreateInput) -> rate_tables.CreateRateTable:
        """Make a rate table of a service, with zones and rows."""
        return rate_tables.CreateRateTable(
            service_id=ids.parse("svc", input.service_id),
            name=input.name,
            valid_from=input.valid_from,
            valid_until=input.valid_until,
            zones=tuple(each.value() for each in input.zones),
            rows=tuple(each.value() for each in input.rows),
        )

    @mutation(rate_tables.update_rate_table, RateTablePayload)
    def rate_table_update(
        id: strawberry.ID, input: RateTableUpdateInput
    ) -> rate_tables.UpdateRateTable:
        """Change name and validity of a rate table. What is absent stays."""
        return rate_tables.UpdateRateTable(
            id=ids.parse("rat", id),
            name=keep(input.name),
            valid_from=keep(input.valid_from),
            valid_until=keep(input.valid_until, nullable=True),
        )

    @mutation(rate_tables.set_rows, RateTablePayload)
    def rate_table_set_rows(
        id: strawberry.ID, input: RateTableSetRowsInput
    ) -> rate_tables.SetRateTableRows:
        """Put zones and rows in the place of those that a rate table has."""
        return rate_tables.SetRateTableRows(
            id=ids.parse("rat", id),
            zones=tuple(each.value() for each in input.zones),
            rows=tuple(each.value() for each in input.rows),
        )
