"""What can be asked about bills."""

from backoffice_api.domain.payables.queries.items import open_items

__all__ = ["open_items"]
