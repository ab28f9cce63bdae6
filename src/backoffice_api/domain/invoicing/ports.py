"""What invoicing needs of the outside: a tax office that authorises invoices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class FiscalSubmission:
    """An invoice that is handed in. `key`: whoever hands in the same key again does it once.

    `sheet`: what the invoice says, as `queries.sheets` reads it.
    """

    key: str
    sheet: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FiscalAnswer:
    """What the office decided. `reference`: what it calls the invoice; `message`: its words."""

    is_authorised: bool
    reference: str | None
    message: str | None


class OfficeSilent(Exception):
    """The office did not answer, or has not decided yet: ask again later, with the same key."""


class FiscalAuthority(Protocol):
    """Hands invoices in at a tax office. Safe to repeat with the same key."""

    def submit(self, submission: FiscalSubmission) -> FiscalAnswer:
        """Hand an invoice in, or ask again what became of it.

        Raises:
            OfficeSilent: nobody knows yet.
        """
