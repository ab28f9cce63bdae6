"""Exports of persons on the wire."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.model import exports
from backoffice_api.domain.privacy.model.exports import (
    ExportFormat,
    PersonExportSortKey,
    PersonExportStatus,
)
from backoffice_api.schema.aggregates import Actor, HasTimeline, actor_of
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import IdFilter, filter_input
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.privacy import PrivacyRequest

READ = Scope.PRIVACY_READ
PATH = "/person-exports/"

choice(ExportFormat, name="PersonExportFormat")
choice(PersonExportSortKey)
choice(PersonExportStatus)


@node("pvx", exports.PersonExport, queries.person_exports_by_ids, scope=READ)
class PersonExport(Node, Versioned, HasTimeline):
    """All that is known of a customer, in files for that customer."""

    status: PersonExportStatus = about("How far it is.")
    rows: int = about("How many rows it holds.")
    json_bytes: int | None = about("Size of the file for programs. Null until it is there.")
    pdf_bytes: int | None = about("Size of the paper. Null until it is there, or if it cannot be.")
    expires_at: datetime | None = about("Then its files are removed. Null until they are there.")
    finished_at: datetime | None = about("When it was written, or given up. Null: not yet.")
    customer: Customer | None = one(customers_by_ids, "customer_id", "Of whom it is.")
    request: PrivacyRequest | None = one(
        queries.requests_by_ids, "request_id", "What it answers. Null: nobody had asked."
    )

    @strawberry.field(description="Who asked for it.")
    def actor(parent: strawberry.Parent[exports.PersonExport]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


@filter_input
class PersonExportFilter:
    """Which exports. All words that are given must hold."""

    status: list[PersonExportStatus] | None = about("In one of these states.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)


@strawberry.input(description="Of whom all is to be exported.")
class CustomerExportInput:
    customer_id: strawberry.ID = about("Which customer.")
    request_id: strawberry.ID | None = about(
        "The request that it answers, which is done when the files are there.", default=None
    )


@strawberry.input(description="As what an export is to be fetched.")
class PersonExportDownloadInput:
    format: ExportFormat = about("For programs or for people.")


@payload
class PersonExportPayload(MutationPayload):
    """What asking for an export answers."""

    export: PersonExport | None = one(
        queries.person_exports_by_ids, "value", "The export as it is now. Null if it was refused."
    )


def _link_export(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.export_id


def _link_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    if parent.value is None or parent.value.secret is None:
        return None
    return Secret(PATH + parent.value.secret.reveal())


@payload
class PersonExportLinkPayload(MutationPayload):
    """An address of a file of an export, good for a quarter of an hour."""

    export: PersonExport | None = found_of(
        _link_export, queries.person_exports_by_ids, "The export. Null if it was refused."
    )
    path: Secret | None = about(
        "Where to GET it from, below the address of the API. Null if it was refused, and when an "
        "answer is given again.",
        resolver=_link_path,
    )
