"""What tracking needs of the outside."""

from collections.abc import Sequence
from typing import Protocol

from backoffice_api.domain.tracking.model.trackings import EventDraft


class TrackingSource(Protocol):
    """Tells what has become of parcels, when it is asked. Safe to ask again."""

    def ask(self, carrier: str, numbers: Sequence[str]) -> Sequence[EventDraft]:
        """All that is known of these numbers; those that nobody knows are left out.

        Raises:
            SourceFailsError: it does not answer, or not in its own words.
        """


class SourceFailsError(Exception):
    """A source does not answer, or what it answers makes no sense."""
