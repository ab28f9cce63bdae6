"""Why something stays when a person is erased, and for how long: the law, by name.

Sources: LGPD (Lei 13.709/2018), GDPR (Regulation (EU) 2016/679). Years of the books: Abgabenordnung
section 147 and HGB section 257 (eight years for vouchers since 2025, ten for books); Brazil, CTN
art. 173 and 195 (five years). The default is the longest of these; a shop sets its own, but none
below the shortest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backoffice_api.domain.kernel.choices import Choice

YEARS_MIN = 5


class Reason(Choice):
    """Why personal data stay for now."""

    CONTRACT = "contract", "An order or a return is under way: it cannot be served without them."
    CLAIM = "claim", "A dispute, a refund or a debt is open: they prove the claim."
    INVOICES = "invoices", "Tax law keeps invoices as they were issued."
    BANK_LINES = "bank_lines", "Tax law keeps statements of accounts."
    JOURNAL = "journal", "Tax law keeps the books."


@dataclass(frozen=True, slots=True)
class Law:
    """What a reason rests on. `years`: after the end of the year; None: until the matter ends."""

    gdpr: str
    lgpd: str
    years: int | None = None

    @property
    def text(self) -> str:
        return f"{self.gdpr}; {self.lgpd}"


_BOOKS_GDPR = "GDPR art. 17(3)(b)"
_BOOKS_LGPD = "LGPD art. 16 I"

LAWS: Mapping[Reason, Law] = {
    Reason.CONTRACT: Law("GDPR art. 6(1)(b), 17(1)(a)", "LGPD art. 7 V, art. 15 I"),
    Reason.CLAIM: Law("GDPR art. 17(3)(e)", "LGPD art. 7 VI"),
    Reason.INVOICES: Law(_BOOKS_GDPR, _BOOKS_LGPD, 10),
    Reason.BANK_LINES: Law(_BOOKS_GDPR, _BOOKS_LGPD, 10),
    Reason.JOURNAL: Law(_BOOKS_GDPR, _BOOKS_LGPD, 10),
}


def held_since(today: date, years: int) -> date:
    """What is dated on this day or later is still kept: years are counted from the end of one."""
    return date(today.year - years, 1, 1)


def kept_until(since: date, years: int) -> date:
    """The first day on which what is dated `since` need not be kept any more."""
    return date(since.year + years + 1, 1, 1)
