"""What the office needs of privacy: requests that are open, somebody erased, an export written."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.privacy.commands.exporting import FinishPersonExport, finish_export

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {"RetentionRuleSetInput": ("months",)}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    who = office._id("customerCreate", "customer", input={"name": "Zuleika"})
    gone = office._id("customerCreate", "customer", input={"name": "Iracema"})
    asked = {"customerId": who, "kind": "OBJECTION", "regime": "GDPR"}

    def request() -> str:
        return office._id("privacyRequestOpen", "request", input=asked)

    export = office._id("customerExport", "export", input={"customerId": who})
    written = FinishPersonExport(id=ids.parse("pvx", export), rows=1, json_bytes=2, pdf_bytes=2)
    execute(office.database, finish_export, written, caller=THE_SYSTEM, now=datetime.now(UTC))
    return {
        "PrivacyRequestOpenInput.customerId": who,
        "PrivacyRequestOpenInput.receivedOn": "2025-01-31",
        "privacyRequest.id": request(),
        "privacyRequestComplete.id": request(),
        "privacyRequestRefuse.id": request(),
        "CustomerEraseInput.customerId": who,
        "CustomerExportInput.customerId": who,
        "erasure.id": office._id("customerErase", "erasure", input={"customerId": gone}),
        "personExport.id": export,
        "personExportDownload.id": export,
        "RetentionRuleSetInput.months": 60,
    }
