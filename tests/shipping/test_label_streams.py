"""All labels of a wave in one file, for one printer. On both databases."""

import io

import pytest
from pypdf import PdfReader

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.invoicing.queries import documents_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.tasks import documents as document_tasks
from backoffice_api.tasks.documents import Drawing
from tests.shipping.desk import Desk

PRINT = """
mutation ($ids: [ID!]!, $kinds: [DocumentKind!]!, $format: PrintFormat!) {
  printStreamCreate(input: {kinds: $kinds, fulfillmentIds: $ids, format: $format}) {
    document { id } userErrors { code path }
  }
}
"""


@pytest.fixture
def desk(world, tmp_path):
    return Desk(world, tmp_path)


async def printed(desk, shipments, format):
    """What becomes of a stream of their labels, and what is in the file."""
    of = [ids.text("ful", desk.shipment(each).fulfillment_id) for each in shipments]
    given = {"ids": of, "kinds": ["CARRIER_LABEL"], "format": format}
    answer = (await desk.world.graphql(PRINT, **given))["printStreamCreate"]
    assert answer["userErrors"] == []
    id = ids.parse("doc", answer["document"]["id"])
    files = LocalFolder(desk.folder / "documents")
    Drawing(desk.world.database, files, desk.storage)(id)
    document = desk.world.read(documents_by_ids, [id])[id]
    if document.sha256 is None:
        return document, b""
    with files.local(document.sha256) as path:
        return document, path.read_bytes()


class TestLabelsOfMany:
    async def test_are_put_into_one_file_in_their_order(self, desk):
        shipments = [desk.labelled(), desk.labelled()]
        numbers = [desk.shipment(each).tracking_number for each in shipments]

        paper, pdf = await printed(desk, shipments, "PDF")
        tape, zpl = await printed(desk, shipments[::-1], "ZPL")

        pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
        assert [number in page for number, page in zip(numbers, pages, strict=True)] == [True] * 2
        assert (paper.media_type, paper.pages, paper.name[-4:]) == ("application/pdf", 2, ".pdf")
        assert (tape.media_type, tape.pages, tape.name[-4:]) == ("application/zpl", None, ".zpl")
        assert zpl.count(b"^XA") == 2
        assert zpl.index(numbers[1].encode()) < zpl.index(numbers[0].encode())

    async def test_say_which_are_missing(self, desk):
        document, _ = await printed(desk, [desk.labelled(), desk.ship()], "ZPL")

        number = desk.fulfillment(document.all_parts[1].subject_id).number
        assert document.error == f"Without such a label: {number}"

    async def test_are_no_more_than_fit_into_memory(self, desk, monkeypatch):
        monkeypatch.setattr(document_tasks, "LABELS_BYTES_MAX", 1_000)
        document, _ = await printed(desk, [desk.labelled(), desk.labelled()], "PDF")

        assert document.error == "These labels are too large for one file: print them in parts."

    async def test_are_printed_by_themselves(self, desk):
        shipment = desk.shipment(desk.ship())
        of = [ids.text("ful", shipment.fulfillment_id)]
        for kinds, format in ((["CARRIER_LABEL", "PICK_LIST"], "PDF"), (["PICK_LIST"], "ZPL")):
            answer = await desk.world.graphql(PRINT, ids=of, kinds=kinds, format=format)

            (error,) = answer["printStreamCreate"]["userErrors"]
            assert error == {"code": "LABELS_APART", "path": ["input", "kinds"]}
