"""What can be asked and done for the sake of privacy."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.commands import erasing, exporting, requesting, retaining
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.personal_reads import (
    PersonalRead,
    PersonalReadFilter,
    PersonalReadSort,
)
from backoffice_api.schema.privacy import (
    READ,
    CustomerEraseInput,
    Erasure,
    ErasureFilter,
    ErasurePayload,
    PrivacyRequest,
    PrivacyRequestFilter,
    PrivacyRequestOpenInput,
    PrivacyRequestPayload,
    PrivacyRequestRefuseInput,
    PrivacyRequestSort,
)
from backoffice_api.schema.privacy_exports import (
    CustomerExportInput,
    PersonExport,
    PersonExportDownloadInput,
    PersonExportFilter,
    PersonExportLinkPayload,
    PersonExportPayload,
)
from backoffice_api.schema.retention import (
    RetentionRule,
    RetentionRulePayload,
    RetentionRuleSetInput,
    RetentionRun,
    RetentionRunFilter,
)


@strawberry.type
class PrivacyQuery:
    privacy_request: PrivacyRequest | None = found_by_id(
        "pvr",
        queries.requests_by_ids,
        "Its id.",
        "One request of a person about their data. Null if there is none.",
        scope=READ,
    )
    privacy_requests: Connection[PrivacyRequest] = listed(
        queries.request_list,
        "What persons have asked for about their data, newest first.",
        scope=READ,
        filter=PrivacyRequestFilter,
        sort=PrivacyRequestSort,
    )
    privacy_requests_count: Count = counted(
        queries.request_list,
        "How many requests there are.",
        scope=READ,
        filter=PrivacyRequestFilter,
    )
    erasure: Erasure | None = found_by_id(
        "ers", queries.erasures_by_ids, "Its id.", "One erasure. Null if there is none.", scope=READ
    )
    erasures: Connection[Erasure] = listed(
        queries.erasure_list,
        "Who was erased, newest first: to be erased again after a backup was restored.",
        scope=READ,
        filter=ErasureFilter,
    )
    person_export: PersonExport | None = found_by_id(
        "pvx",
        queries.person_exports_by_ids,
        "Its id.",
        "One export of a customer. Null if there is none.",
        scope=READ,
    )
    person_exports: Connection[PersonExport] = listed(
        queries.person_export_list,
        "Exports of customers, newest first.",
        scope=READ,
        filter=PersonExportFilter,
    )
    personal_reads: Connection[PersonalRead] = listed(
        queries.read_list,
        "Who read personal data of whom, newest first: what a breach report asks for.",
        scope=READ,
        filter=PersonalReadFilter,
        sort=PersonalReadSort,
    )
    personal_reads_count: Count = counted(
        queries.read_list, "How many entries there are.", scope=READ, filter=PersonalReadFilter
    )
    retention_rules: Connection[RetentionRule] = listed(
        queries.retention_rule_list,
        "For how long what is kept, where the shop has said so.",
        scope=READ,
    )
    retention_runs: Connection[RetentionRun] = listed(
        queries.retention_run_list,
        "What went when its time was over, newest first.",
        scope=READ,
        filter=RetentionRunFilter,
    )


@strawberry.type
class PrivacyMutation:
    @mutation(retaining.set_retention_rule, RetentionRulePayload)
    def retention_rule_set(input: RetentionRuleSetInput) -> retaining.SetRetentionRule:
        """Say for how long something is kept. What is older is emptied by a job, every day."""
        return retaining.SetRetentionRule(schedule=input.schedule, months=input.months)

    @mutation(requesting.open_privacy_request, PrivacyRequestPayload)
    def privacy_request_open(input: PrivacyRequestOpenInput) -> requesting.OpenPrivacyRequest:
        """Note what a person asks for about their data; the answer says by when it is due."""
        return requesting.OpenPrivacyRequest(
            customer_id=ids.parse("cus", input.customer_id),
            kind=input.kind,
            regime=input.regime,
            received_on=input.received_on,
            note=input.note,
        )

    @mutation(requesting.complete_privacy_request, PrivacyRequestPayload)
    def privacy_request_complete(id: strawberry.ID) -> requesting.CompletePrivacyRequest:
        """Note that a request was answered."""
        return requesting.CompletePrivacyRequest(id=ids.parse("pvr", id))

    @mutation(requesting.refuse_privacy_request, PrivacyRequestPayload)
    def privacy_request_refuse(
        id: strawberry.ID, input: PrivacyRequestRefuseInput
    ) -> requesting.RefusePrivacyRequest:
        """Note that a request was refused, and what the person was told."""
        return requesting.RefusePrivacyRequest(id=ids.parse("pvr", id), reason=input.reason)

    @mutation(erasing.erase_customer, ErasurePayload)
    def customer_erase(input: CustomerEraseInput) -> erasing.EraseCustomer:
        """Erase a customer for good, in every table. What an open matter or the law keeps stays,
        and goes by itself when it may. With `meta.dryRun` nothing is changed, and the answer says
        what would go, what would stay, and why."""
        request = input.request_id
        return erasing.EraseCustomer(
            customer_id=ids.parse("cus", input.customer_id),
            request_id=given_id("pvr", request),
        )

    @mutation(exporting.export_customer, PersonExportPayload)
    def customer_export(input: CustomerExportInput) -> exporting.ExportCustomer:
        """Have all that is known of a customer written into files, by a job. Also takes
        `personal:read`."""
        request = input.request_id
        return exporting.ExportCustomer(
            customer_id=ids.parse("cus", input.customer_id),
            request_id=given_id("pvr", request),
        )

    @mutation(exporting.download_export, PersonExportLinkPayload)
    def person_export_download(
        id: strawberry.ID, input: PersonExportDownloadInput
    ) -> exporting.DownloadExport:
        """An address from which a file of an export can be fetched, for a quarter of an hour. Also
        takes `personal:read`."""
        return exporting.DownloadExport(id=ids.parse("pvx", id), format=input.format)
