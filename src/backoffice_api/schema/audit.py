"""Seals of the log of events, and exports of it, on the wire."""

from datetime import datetime
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.model import exports, seals
from backoffice_api.domain.audit.model.exports import AuditExportSortKey, AuditExportStatus
from backoffice_api.domain.audit.model.seals import EventSealSortKey
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.schema.aggregates import Actor, HasTimeline, actor_of
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.scalars import BigInt

READ = Scope.AUDIT_READ
PATH = "/audit-exports/"

for _choices in (AuditExportSortKey, AuditExportStatus, EventSealSortKey):
    choice(_choices)


@node("aus", seals.EventSeal, queries.seals_by_ids, scope=READ)
class AuditSeal(Node):
    """A block of the log of events that was sealed, chained to the one before."""

    number: BigInt = about("Counts from 1, without gaps.")
    first_sequence: BigInt = about("The number from which on its events are; it may be a gap.")
    last_sequence: BigInt = about("The number of its last event.")
    count: int = about("How many events it holds.")
    key_id: str | None = about("Which key has signed it. Null: none did.")
    sealed_at: datetime = about("When it was sealed.")

    @strawberry.field(description="The hash of the block before, in hexadecimal digits.")
    def previous_hash(parent: strawberry.Parent[seals.EventSeal]) -> str:
        return parent.previous_hash.hex()

    @strawberry.field(description="Its own hash: to be kept elsewhere, it proves all up to here.")
    def hash(parent: strawberry.Parent[seals.EventSeal]) -> str:
        return parent.hash.hex()

    @strawberry.field(description="HMAC-SHA256 of the hash by that key. Null: nothing signed it.")
    def signature(parent: strawberry.Parent[seals.EventSeal]) -> str | None:
        return None if parent.signature is None else parent.signature.hex()


@node("aux", exports.AuditExport, queries.exports_by_ids, scope=READ)
class AuditExport(Node, Versioned, HasTimeline):
    """A part of the log of events with its seals, in a file that anybody can check."""

    status: AuditExportStatus = about("How far it is.")
    after_sequence: BigInt = about("It begins with the block behind this number.")
    until_sequence: BigInt | None = about("It ends with the block of this number. Null: the last.")
    events: int = about("How many events it holds.")
    seals: int = about("How many blocks it holds.")
    file_bytes: BigInt | None = about("Size of the file. Null until it is there.")
    sha256: str | None = about("SHA-256 of the file. Null until it is there.")
    expires_at: datetime | None = about("Then the file is removed. Null until it is there.")
    finished_at: datetime | None = about("When it was written. Null: not yet.")

    @strawberry.field(description="Who asked for it.")
    def actor(parent: strawberry.Parent[exports.AuditExport]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


@strawberry.input(description="What of the log is exported: whole blocks.")
class AuditExportInput:
    after_sequence: BigInt = about(
        "Begin with the block behind the event with this number; 0: the first.", default=0
    )
    until_sequence: BigInt | None = about(
        "End with the block of the event with this number; null: the last.", default=None
    )


@payload
class AuditExportPayload(MutationPayload):
    """What asking for an export of the log answers."""

    export: AuditExport | None = one(
        queries.exports_by_ids, "value", "The export as it is now. Null if it was refused."
    )


def _link_export(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return None if parent.value is None else parent.value.export_id


def _link_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    if parent.value is None or parent.value.secret is None:
        return None
    return Secret(PATH + parent.value.secret.reveal())


@payload
class AuditExportLinkPayload(MutationPayload):
    """An address of the file of an export, good for a quarter of an hour."""

    export: AuditExport | None = found_of(
        _link_export, queries.exports_by_ids, "The export. Null if it was refused."
    )
    path: Secret | None = about(
        "Where to GET it from, below the address of the API. Null if it was refused, and when an "
        "answer is given again.",
        resolver=_link_path,
    )
