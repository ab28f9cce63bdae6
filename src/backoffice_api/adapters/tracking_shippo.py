"""What Shippo tells of parcels: a track, or a webhook that holds one.

Fields as in its public API reference for Track and TrackingStatus.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice_api.adapters.tracking_fields import Garbled, instant, item, items, place_of, text_of
from backoffice_api.domain.tracking.model.mappings import code_of
from backoffice_api.domain.tracking.model.trackings import EventDraft

SOURCE = "shippo"


def events_of(payload: Mapping[str, Any]) -> Sequence[EventDraft]:
    """What a track, or the track in a webhook, tells: its history and its present status.

    Raises:
        Garbled: it is neither.
    """
    track = payload.get("data", payload)
    if not isinstance(track, Mapping) or "tracking_number" not in track:
        raise Garbled("no track")
    carrier, number = text_of(track, "carrier"), text_of(track, "tracking_number")
    told = [*items(track, "tracking_history")]
    # The present status is the last of the history, told again; where there is none, it is all.
    if (present := item(track, "tracking_status")) and not told:
        told.append(present)
    return [_event(carrier, number, status) for status in told]


def _event(carrier: str, number: str, status: Mapping[str, Any]) -> EventDraft:
    more = status.get("substatus")
    detail = text_of(more, "code") if isinstance(more, Mapping) else ""
    return EventDraft(
        carrier=carrier,
        number=number,
        source=SOURCE,
        code=code_of(text_of(status, "status"), detail),
        text=text_of(status, "status_details"),
        place=place_of(item(status, "location"), "city", "state", "zip", "country"),
        occurred_at=instant(text_of(status, "status_date")),
    )
