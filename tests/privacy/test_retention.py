"""What was kept for long enough goes by itself; requests are due when the law says."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.invoicing.commands.documents import (
    FinishDocument,
    RenderDocument,
    RetryDocument,
    finish_document,
    render_document,
    retry_document,
)
from backoffice_api.domain.invoicing.model.documents import DocumentKind, DocumentStatus
from backoffice_api.domain.invoicing.queries import documents_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.privacy.commands import retaining
from backoffice_api.domain.privacy.commands.noting import NoteReads, note_reads
from backoffice_api.domain.privacy.commands.retaining import (
    ApplyRetention,
    SetRetentionRule,
    apply_retention,
    set_retention_rule,
)
from backoffice_api.domain.privacy.model.reads import Reading
from backoffice_api.domain.privacy.model.requests import PrivacyRegime, due_on
from backoffice_api.domain.privacy.model.retention import RetentionSchedule, cutoff_of
from backoffice_api.domain.shipping.commands.manifests import (
    CloseManifest,
    CreateManifest,
    close_manifest,
    create_manifest,
)
from backoffice_api.domain.shipping.queries import labels_by_shipments
from backoffice_api.tasks.privacy import RemoveFiles
from tests.customers import people
from tests.shipping.desk import Desk
from tests.world import NOW, REQUEST_ID, World, caller

SET = """
mutation ($schedule: RetentionSchedule!, $months: Int) {
  retentionRuleSet(input: {schedule: $schedule, months: $months}) {
    rule { schedule months law } userErrors { code path }
  }
}"""
REFUSED = """
mutation ($id: ID!, $none: ID!) {
  future: privacyRequestOpen(
    input: {customerId: $id, kind: ACCESS, regime: GDPR, receivedOn: "2999-01-01"}
  ) { userErrors { code path } }
  nobody: privacyRequestOpen(input: {customerId: $none, kind: ACCESS, regime: GDPR}) {
    userErrors { code path }
  }
  made: privacyRequestOpen(input: {customerId: $id, kind: ACCESS, regime: GDPR}) {
    request { id status actions { name allowed } }
  }
  erased: customerErase(input: {customerId: $none}) { userErrors { code path } }
}"""
WRONG = """
mutation ($id: ID!, $other: ID!, $request: ID!) {
  kind: customerErase(input: {customerId: $id, requestId: $request}) {
    userErrors { code path }
  }
  person: customerExport(input: {customerId: $other, requestId: $request}) {
    userErrors { code path }
  }
  silent: privacyRequestRefuse(id: $request, input: {reason: ""}) { userErrors { code path } }
  refused: privacyRequestRefuse(id: $request, input: {reason: "Nobody we know"}) {
    request { status reason }
  }
  again: privacyRequestComplete(id: $request) { userErrors { code path } }
}"""


def _drawn(
    world: World, files: LocalFolder, kind: DocumentKind, of: UUID, now: datetime = NOW
) -> UUID:
    """A document of a fulfillment; what is in it is the name of its kind."""
    command = RenderDocument(kind=kind, subject=("ful", of))
    id: UUID = world.run(render_document, command, now=now).value
    content = kind.value.encode()
    digest = sha256(content).hexdigest()
    with files.writing(digest) as writing:
        writing.write(content)
    done = FinishDocument(
        id=id,
        name="a.pdf",
        media_type="application/pdf",
        size_bytes=4,
        pages=1,
        sha256=digest,
        input_sha256=digest,
    )
    world.run(finish_document, done, now=now)
    return id


class TestRetention:
    def test_counts_months_but_for_the_law_years(self) -> None:
        today = date(2025, 3, 31)

        assert cutoff_of(RetentionSchedule.MESSAGES, 1, today) == date(2025, 2, 28)
        assert cutoff_of(RetentionSchedule.READS, 15, today) == date(2023, 12, 28)
        assert cutoff_of(RetentionSchedule.BANK_LINES, 61, today) == date(2019, 1, 1)

    def test_leaves_where_parcels_go_until_their_order_is_served(
        self, world: World, tmp_path: Path
    ) -> None:
        desk = Desk(world, tmp_path)
        shipment = desk.ship()
        rule = SetRetentionRule(schedule=RetentionSchedule.DELIVERIES, months=1)
        world.run(set_retention_rule, rule)
        later = NOW + timedelta(days=60)

        assert world.run(apply_retention, ApplyRetention(), now=later).value == 0
        order_id = desk.shipment(shipment).order_id
        world.run(cancel_order, CancelOrder(id=order_id, reason=CancelReason.CUSTOMER))
        assert world.run(apply_retention, ApplyRetention(), now=later).value == 1
        assert desk.shipment(shipment).recipient == "(erased)"

    def test_removes_files_of_papers_and_labels_that_have_served(
        self, world: World, tmp_path: Path
    ) -> None:
        desk = Desk(world, tmp_path)
        gone, kept = desk.labelled(), desk.labelled(desk.fake()[0])
        manifest = desk.run(create_manifest, CreateManifest(carrier_id=desk.carrier))
        desk.run(close_manifest, CloseManifest(id=manifest))
        desk.work()
        fulfillment = desk.shipment(gone).fulfillment_id
        files = LocalFolder(tmp_path / "documents")
        later = desk.hour + timedelta(days=400)
        slip = _drawn(world, files, DocumentKind.PACKING_SLIP, fulfillment)
        other = _drawn(world, files, DocumentKind.PICK_LIST, fulfillment)
        again = _drawn(world, files, DocumentKind.PICK_LIST, fulfillment, later)

        # Two papers, and a label as PDF and as ZPL.
        assert world.run(apply_retention, ApplyRetention(), now=later).value == 4
        RemoveFiles(world.database, lambda name: LocalFolder(tmp_path / name))()

        found = world.read(documents_by_ids, [slip, other, again])
        statuses = [found[id].status for id in (slip, other, again)]
        assert statuses == [DocumentStatus.REMOVED, DocumentStatus.REMOVED, DocumentStatus.RENDERED]
        # The same list was drawn again, and lies under the same hash.
        assert len([each for each in (tmp_path / "documents").rglob("*") if each.is_file()]) == 1
        labels = world.read(labels_by_shipments, [gone, kept])
        assert [bool(labels.get(id)) for id in (gone, kept)] == [False, True]
        assert world.run(apply_retention, ApplyRetention(), now=later).value == 0
        world.run(retry_document, RetryDocument(id=slip))
        assert world.read(documents_by_ids, [slip])[slip].status is DocumentStatus.QUEUED
        assert desk.broken() == []

    def test_removes_so_many_readers_at_once_and_goes_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retaining, "ROWS_AT_ONCE", 2)
        reading = Reading(NOW, ActorKind.STAFF, None, REQUEST_ID, "Names", (), 0)
        world.run(note_reads, NoteReads(readings=(reading,) * 3))
        later = NOW + timedelta(days=800)

        removed = [world.run(apply_retention, ApplyRetention(), now=later).value for _ in range(3)]

        assert removed == [2, 1, 0]


class TestRequests:
    @pytest.mark.parametrize(
        ("regime", "received", "due"),
        [
            (PrivacyRegime.LGPD, date(2025, 2, 20), date(2025, 3, 7)),
            (PrivacyRegime.GDPR, date(2025, 1, 31), date(2025, 2, 28)),
            (PrivacyRegime.GDPR, date(2024, 1, 31), date(2024, 2, 29)),
            (PrivacyRegime.GDPR, date(2025, 12, 5), date(2026, 1, 5)),
        ],
    )
    def test_are_due_when_the_law_says(
        self, regime: PrivacyRegime, received: date, due: date
    ) -> None:
        assert due_on(regime, received) == due

    async def test_are_refused_for_a_reason(self, world: World) -> None:
        id, other = (ids.text("cus", people.create(world, name=name)) for name in ("Ana", "Eva"))

        first = await world.graphql(REFUSED, id=id, none=ids.text("cus", UUID(int=1)))
        request = first["made"]["request"]
        then = await world.graphql(WRONG, id=id, other=other, request=request["id"])

        assert {name: first[name]["userErrors"][0] for name in ("future", "nobody", "erased")} == {
            "future": {"code": "RECEIVED_IN_FUTURE", "path": ["input", "receivedOn"]},
            "nobody": {"code": "UNKNOWN_CUSTOMER", "path": ["input", "customerId"]},
            "erased": {"code": "UNKNOWN_CUSTOMER", "path": ["input", "customerId"]},
        }
        assert {name: each["userErrors"] for name, each in then.items() if name != "refused"} == {
            "kind": [{"code": "REQUEST_OF_ANOTHER", "path": ["input", "requestId"]}],
            "person": [{"code": "REQUEST_OF_ANOTHER", "path": ["input", "requestId"]}],
            "silent": [{"code": "INVALID_TEXT", "path": ["input", "reason"]}],
            "again": [{"code": "INVALID_TRANSITION", "path": None}],
        }
        assert then["refused"]["request"] == {"status": "REFUSED", "reason": "Nobody we know"}
        made = (await world.graphql(SET, schedule="INVOICES", months=60))["retentionRuleSet"]
        law = "GDPR art. 17(3)(b); LGPD art. 16 I"
        assert made["rule"] == {"schedule": "INVOICES", "months": 60, "law": law}
        for schedule, months in (("READS", 0), ("INVOICES", 59), ("BANK_LINES", 10)):
            wrong = (await world.graphql(SET, schedule=schedule, months=months))["retentionRuleSet"]
            assert wrong["userErrors"] == [{"code": "OUT_OF_RANGE", "path": ["input", "months"]}]

        writer = caller(Scope.PRIVACY_READ, Scope.PRIVACY_WRITE, Scope.PRIVACY_EXPORT)
        erase = "mutation ($id: ID!) { customerErase(input: {customerId: $id}) { replayed } }"
        export = "mutation ($id: ID!) { customerExport(input: {customerId: $id}) { replayed } }"
        for document, missing in ((erase, "privacy:erase"), (export, "personal:read")):
            answer = await world.ask(document, caller=writer, id=id)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
            assert missing in str(answer["errors"])
