"""Every table of every context: importing this fills `metadata`."""

from backoffice_api.domain.kernel import answers, events, external_ids, jobs, search
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.products import tables as products

__all__ = ["answers", "events", "external_ids", "jobs", "metadata", "products", "search"]
