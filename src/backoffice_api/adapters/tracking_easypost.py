"""What EasyPost tells of parcels: a tracker, or an event of a webhook that holds one.

Fields as in its public API reference for Tracker and TrackingDetail.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice_api.adapters.tracking_fields import Garbled, instant, item, items, place_of, text_of
from backoffice_api.domain.tracking.model.mappings import code_of
from backoffice_api.domain.tracking.model.trackings import EventDraft

SOURCE = "easypost"


def events_of(payload: Mapping[str, Any]) -> Sequence[EventDraft]:
    """What a tracker, or the tracker in a webhook's event, tells.

    Raises:
        Garbled: it is neither.
    """
    tracker = payload.get("result", payload)
    if not isinstance(tracker, Mapping) or tracker.get("object") != "Tracker":
        raise Garbled("no tracker")
    carrier, number = text_of(tracker, "carrier"), text_of(tracker, "tracking_code")
    return [_event(carrier, number, detail) for detail in items(tracker, "tracking_details")]


def _event(carrier: str, number: str, detail: Mapping[str, Any]) -> EventDraft:
    place = item(detail, "tracking_location")
    return EventDraft(
        carrier=carrier,
        number=number,
        source=SOURCE,
        code=code_of(text_of(detail, "status"), text_of(detail, "status_detail")),
        text=text_of(detail, "message"),
        place=place_of(place, "city", "state", "zip", "country"),
        occurred_at=instant(text_of(detail, "datetime")),
    )
