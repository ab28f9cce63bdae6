"""What the office needs of the audit: a seal, and an export of the log that is written."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backoffice_api.domain.audit.commands.exporting import FinishAuditExport, finish_audit_export
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.tasks.audit import seal_next

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {"AuditExportInput": ("afterSequence",)}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    seal_next(office.database, None)
    export = office._id("auditExport", "export", input={})
    written = FinishAuditExport(
        id=ids.parse("aux", export), events=1, seals=1, file_bytes=2, sha256="0" * 64
    )
    execute(office.database, finish_audit_export, written, caller=THE_SYSTEM, now=datetime.now(UTC))
    return {
        "AuditExportInput.afterSequence": "0",
        "AuditExportInput.untilSequence": "9",
        "auditExportDownload.id": export,
    }
