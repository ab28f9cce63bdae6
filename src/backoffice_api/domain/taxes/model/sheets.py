"""What an order keeps of its taxes: by which rate each line was taxed, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.taxes.model.categories import TaxCategory, percent
from backoffice_api.domain.taxes.model.questions import PlaceSource, TaxVerdict, TaxWhy

MESSAGE_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class TaxedPart:
    """By what a line of an order was taxed. `line_id` None: the delivery."""

    line_id: UUID | None
    category: TaxCategory | None
    rate: Decimal
    reason: str | None
    why: Sequence[TaxWhy]
    rate_id: UUID | None


class TaxAnswerStatus(Choice):
    """Whose word the taxes of an order are."""

    RATES = "rates", "Those of the shop's own rates."
    ASKED = "asked", "Those of the rates, until the provider has answered."
    ANSWERED = "answered", "Those of the provider."
    FAILED = "failed", "Those of the rates: what the provider answered could not be used."


@dataclass(frozen=True, slots=True)
class TaxSheet:
    """The taxes of an order that nobody gave. Lines that are not on it were given theirs.

    `digest`: of the question that `provider` was asked. `shipping_given`: somebody gave the tax
    of the delivery. `lines` as in JSON.
    """

    order_id: UUID
    status: TaxAnswerStatus
    provider: str | None
    digest: str
    message: str | None
    country: str
    region: str | None
    place_source: PlaceSource
    is_business: bool
    shipping_given: bool
    lines: Sequence[Mapping[str, Any]]

    @property
    def verdicts(self) -> Mapping[UUID, TaxVerdict]:
        """By line; the delivery by the id of the order."""
        return {each.key: each for each in map(_verdict, self.lines)}

    @property
    def taxed(self) -> Sequence[TaxedPart]:
        """The lines and the delivery, each with its reasons."""
        return [
            TaxedPart(
                line_id=None if each.key == self.order_id else each.key,
                category=each.category,
                rate=percent(each.rate_ppm),
                reason=each.reason,
                why=each.why,
                rate_id=each.rate_id,
            )
            for each in self.verdicts.values()
        ]


def kept(verdicts: Sequence[TaxVerdict]) -> Sequence[Mapping[str, Any]]:
    """Verdicts as a sheet keeps them."""
    return [
        {
            "key": each.key.hex,
            "rate": each.rate_id.hex if each.rate_id else None,
            "category": each.category.value if each.category else None,
            "ppm": each.rate_ppm,
            "reason": each.reason,
            "tax": each.tax_minor,
            "why": [why.value for why in each.why],
        }
        for each in verdicts
    ]


def _verdict(row: Mapping[str, Any]) -> TaxVerdict:
    return TaxVerdict(
        key=UUID(row["key"]),
        rate_id=UUID(row["rate"]) if row["rate"] else None,
        category=TaxCategory(row["category"]) if row["category"] else None,
        rate_ppm=row["ppm"],
        reason=row["reason"],
        tax_minor=row["tax"],
        why=tuple(TaxWhy(why) for why in row["why"]),
    )
