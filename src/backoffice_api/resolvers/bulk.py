"""What can be asked and done with files, imports and exports."""

from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.bulk.commands import exports, files, imports
from backoffice_api.domain.bulk.model.filters import plain_filter
from backoffice_api.domain.bulk.model.runs import BulkKind, FilterOfAnotherKind
from backoffice_api.domain.bulk.queries import runs as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.bulk import (
    READ,
    BulkExport,
    BulkExportCreateInput,
    BulkExportFilter,
    BulkExportPayload,
    BulkFilePayload,
    BulkImport,
    BulkImportCreateInput,
    BulkImportDownloadInput,
    BulkImportFilter,
    BulkImportPayload,
    BulkSort,
    BulkUploadCreateInput,
)
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.filters import as_filter
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation

# Which of the filters of an export is that of its kind.
_FILTERS = {
    BulkKind.PRODUCTS: "products",
    BulkKind.VARIANTS: "variants",
    BulkKind.PRICES: "variants",
    BulkKind.STOCK: "stock",
    BulkKind.CUSTOMERS: "customers",
    BulkKind.ORDERS: "orders",
    BulkKind.PRODUCT_FIELDS: "products",
    BulkKind.VARIANT_FIELDS: "variants",
    BulkKind.CUSTOMER_FIELDS: "customers",
    BulkKind.COSTS: "variants",
    BulkKind.LIST_PRICES: "list_prices",
}


@strawberry.type
class BulkQuery:
    bulk_import: BulkImport | None = found_by_id(
        "bim",
        queries.imports_by_ids,
        "Which import.",
        "One import. Null if there is none.",
        scope=READ,
    )
    bulk_imports: Connection[BulkImport] = listed(
        queries.import_list,
        "Imports, newest first.",
        scope=READ,
        filter=BulkImportFilter,
        sort=BulkSort,
    )
    bulk_imports_count: Count = counted(
        queries.import_list, "How many imports there are.", scope=READ, filter=BulkImportFilter
    )
    bulk_export: BulkExport | None = found_by_id(
        "bex",
        queries.exports_by_ids,
        "Which export.",
        "One export. Null if there is none.",
        scope=READ,
    )
    bulk_exports: Connection[BulkExport] = listed(
        queries.export_list,
        "Exports, newest first.",
        scope=READ,
        filter=BulkExportFilter,
        sort=BulkSort,
    )
    bulk_exports_count: Count = counted(
        queries.export_list, "How many exports there are.", scope=READ, filter=BulkExportFilter
    )


@strawberry.type
class BulkMutation:
    @mutation(files.create_upload, BulkFilePayload)
    def bulk_upload_create(input: BulkUploadCreateInput) -> files.CreateUpload:
        """Announce a file. The answer has the address to PUT it to."""
        return files.CreateUpload(name=input.name, format=input.format)

    @mutation(imports.start_import, BulkImportPayload)
    def bulk_import_create(input: BulkImportCreateInput) -> imports.StartImport:
        """Import a file that was uploaded, by a job. Takes the right to write what it is about."""
        return imports.StartImport(
            kind=input.kind,
            file_id=ids.parse("fil", input.file_id),
            dry_run=input.dry_run,
            system=input.system,
            locale=input.locale,
            currency=input.currency,
            mapping=tuple((each.title, each.field) for each in input.mapping),
        )

    @mutation(imports.cancel_import, BulkImportPayload)
    def bulk_import_cancel(id: strawberry.ID) -> imports.CancelImport:
        """Call an import off. What was imported stays; the batch under way is finished."""
        return imports.CancelImport(id=ids.parse("bim", id))

    @mutation(imports.retry_import, BulkImportPayload)
    def bulk_import_retry(id: strawberry.ID) -> imports.RetryImport:
        """Import the rejected rows of an import again, and only them. Answers the new import."""
        return imports.RetryImport(id=ids.parse("bim", id))

    @mutation(imports.download_of_import, BulkFilePayload)
    def bulk_import_download(
        id: strawberry.ID, input: BulkImportDownloadInput
    ) -> imports.DownloadOfImport:
        """An address to GET the report or the rejected rows from, once."""
        return imports.DownloadOfImport(id=ids.parse("bim", id), download=input.download)

    @mutation(exports.start_export, BulkExportPayload)
    def bulk_export_create(input: BulkExportCreateInput) -> exports.StartExport:
        """Write what a list would show into a file, by a job. Takes the right to see it."""
        return exports.StartExport(
            kind=input.kind,
            format=input.format,
            filter=_filter(input),
            search=input.search,
        )

    @mutation(exports.cancel_export, BulkExportPayload)
    def bulk_export_cancel(id: strawberry.ID) -> exports.CancelExport:
        """Call an export off."""
        return exports.CancelExport(id=ids.parse("bex", id))

    @mutation(exports.download_of_export, BulkFilePayload)
    def bulk_export_download(id: strawberry.ID) -> exports.DownloadOfExport:
        """An address to GET the file from, once."""
        return exports.DownloadOfExport(id=ids.parse("bex", id))


def _filter(input: BulkExportCreateInput) -> Any:
    """The filter of the kind in plain values.

    Raises:
        FilterOfAnotherKind: one of another kind is given.
    """
    own = _FILTERS[input.kind]
    for name in sorted(set(_FILTERS.values()) - {own}):
        if getattr(input, name) not in (None, UNSET):
            raise FilterOfAnotherKind(input.kind).at(name)
    return plain_filter(as_filter(getattr(input, own)))
