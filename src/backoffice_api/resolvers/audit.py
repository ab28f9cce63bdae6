"""What can be asked and done about the seals of the log of events."""

import strawberry

from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.commands import exporting
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.audit import (
    READ,
    AuditExport,
    AuditExportInput,
    AuditExportLinkPayload,
    AuditExportPayload,
    AuditSeal,
)
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.mutations import mutation


@strawberry.type
class AuditQuery:
    audit_seals: Connection[AuditSeal] = listed(
        queries.seal_list,
        "Blocks of the log of events that were sealed, newest first: the first one is the head.",
        scope=READ,
    )
    audit_seals_count: Count = counted(queries.seal_list, "How many seals there are.", scope=READ)
    audit_exports: Connection[AuditExport] = listed(
        queries.export_list, "Exports of the log, newest first.", scope=READ
    )


@strawberry.type
class AuditMutation:
    @mutation(exporting.export_log, AuditExportPayload)
    def audit_export(input: AuditExportInput) -> exporting.ExportLog:
        """Have the log of events written into a file with its seals, by a job. Also takes
        `costs:read` and `personal:read`."""
        return exporting.ExportLog(
            after_sequence=input.after_sequence, until_sequence=input.until_sequence
        )

    @mutation(exporting.download_audit_export, AuditExportLinkPayload)
    def audit_export_download(id: strawberry.ID) -> exporting.DownloadAuditExport:
        """An address from which the file of an export can be fetched, for a quarter of an hour.
        Also takes `costs:read` and `personal:read`."""
        return exporting.DownloadAuditExport(id=ids.parse("aux", id))
