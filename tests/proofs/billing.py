"""What the office needs of invoicing: examples of its inputs, and things to do them on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backoffice_api.domain.execute import execute
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.documents import (
    FailDocument,
    FinishDocument,
    fail_document,
    finish_document,
)
from backoffice_api.domain.invoicing.commands.fiscal import (
    BeginSubmission,
    SettleSubmission,
    begin_submission,
    settle_submission,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "PrintStreamCreateInput": ("orderIds",),
    "SellerLookup": ("code",),
}

SELLER = {"name": "Acme", "lines": ["Rua 1"], "city": "Santos", "country": "BR"}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Billing(office).examples()


class _Billing:
    """A seller, orders, and invoices that an office has to authorise."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        given = {"code": "billed", "name": "Billed", "currency": "EUR", "numberPrefix": "B-"}
        channel = office._id("channelCreate", "channel", input=given)
        seller = {"code": "ACME", **SELLER, "fiscalProvider": "fake", "channelIds": [channel]}
        self.seller = office._id("sellerSet", "seller", input=seller)
        self.place = office._id("locationCreate", "location", input={"code": "BIL", "name": "B"})
        price = {"amount": "10.00", "currency": "EUR"}
        made = office.do(
            "productCreate",
            "product { variants(first: 1) { nodes { id } } }",
            input={"title": "Pen", "variants": [{"sku": "PEN", "prices": [price]}]},
        )
        self.pen = made["variants"]["nodes"][0]["id"]
        lines = [{"variantId": self.pen, "locationId": self.place, "delta": 100}]
        office.do("stockAdjust", input={"lines": lines})

    def examples(self) -> Mapping[str, Any]:
        invoice = self._invoice()
        order = self._order()
        self.office.do("fulfillmentPlan", "fulfillments { id }", input={"orderIds": [order]})
        return {
            "SellerLookup.code": "ACME",
            "SellerSetInput.country": "BR",
            "SellerSetInput.code": "NEWSELLER",
            "InvoiceSeriesSetInput.sellerId": self.seller,
            "InvoiceSeriesSetInput.prefix": "X-",
            "InvoiceSeriesSetInput.numberNext": "1000",
            "InvoiceCreateInput.orderId": self._order(),
            "invoice.id": invoice,
            "creditNoteCreate.id": invoice,
            "DocumentRenderInput.kind": "INVOICE",
            "DocumentRenderInput.subjectId": invoice,
            "PrintStreamCreateInput.kinds": ["PACKING_SLIP"],
            "PrintStreamCreateInput.orderIds": [order],
            **self._documents(invoice),
            **self._fiscal(),
        }

    def _order(self) -> str:
        lines = [{"sku": "PEN", "quantity": 2}]
        given = {"channel": {"code": "billed"}, "lines": lines, "place": True}
        return self.office._id("orderCreate", "order", input=given)

    def _invoice(self) -> str:
        return self.office._id("invoiceCreate", "invoice", input={"orderId": self._order()})

    def _documents(self, invoice: str) -> dict[str, Any]:
        given = {"kind": "INVOICE", "subjectId": invoice}
        failed, drawn = (
            ids.parse("doc", self.office._id("documentRender", "document", input=given))
            for _ in range(2)
        )
        self._run(fail_document, FailDocument(id=failed, error="No."))
        command = FinishDocument(
            id=drawn,
            name="invoice.pdf",
            media_type="application/pdf",
            size_bytes=1,
            pages=1,
            sha256="0" * 64,
            input_sha256="0" * 64,
        )
        self._run(finish_document, command)
        return {
            "document.id": ids.text("doc", drawn),
            "documentDownload.id": ids.text("doc", drawn),
            "documentRetry.id": ids.text("doc", failed),
        }

    def _fiscal(self) -> dict[str, Any]:
        rejected, *pending = (self._fiscal_document() for _ in range(4))
        self._run(begin_submission, BeginSubmission(id=rejected))
        refusal = SettleSubmission(id=rejected, is_authorised=False, reference=None, message="No.")
        self._run(settle_submission, refusal)
        verbs = zip(("EnterContingency", "Waive", "Cancel"), pending, strict=True)
        return {
            "fiscalDocument.id": ids.text("fis", rejected),
            "fiscalDocumentRetry.id": ids.text("fis", rejected),
            **{f"fiscalDocument{verb}.id": ids.text("fis", id) for verb, id in verbs},
        }

    def _fiscal_document(self) -> UUID:
        invoice = ids.parse("inv", self._invoice())
        with self.office.database.reading.connect() as db:
            return queries.fiscal_documents_by_invoices(db, [invoice])[invoice].id

    def _run(self, handler: Any, command: Any) -> Any:
        now = datetime.now(UTC)
        return execute(self.office.database, handler, command, caller=THE_SYSTEM, now=now).value
