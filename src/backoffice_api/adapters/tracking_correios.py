"""What the Correios tell of parcels: the answer of their SRO "Rastro" service, in XML.

Times are those of Brasília, without their zone; Brazil has had no summer time since 2019, and
what older answers say may be an hour off.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from backoffice_api.adapters.tracking_fields import Garbled
from backoffice_api.domain.tracking.model.mappings import code_of
from backoffice_api.domain.tracking.model.trackings import RAW_TEXT_LENGTH_MAX, EventDraft

SOURCE = "correios"
CARRIER = "correios"
ANSWER_BYTES_MAX = 5_000_000

_BRASILIA = timezone(timedelta(hours=-3))


def events_of(answer: bytes) -> Sequence[EventDraft]:
    """What an answer tells of all its parcels; those it does not know are left out.

    Raises:
        Garbled: it is no such answer, or one that declares entities.
    """
    root = _parsed(answer)
    return [
        _event(number, event)
        for parcel in root.iter("objeto")
        if (number := _text(parcel, "numero"))
        for event in parcel.findall("evento")
    ]


def _parsed(answer: bytes) -> Element:
    if len(answer) > ANSWER_BYTES_MAX:
        raise Garbled("too large")
    try:
        # No declarations, so no entities that could grow; the service makes none.
        root: Element = fromstring(answer, forbid_dtd=True)
    except (ParseError, ValueError) as failure:
        raise Garbled("no XML, or with declarations") from failure
    return root


def _event(number: str, event: Element) -> EventDraft:
    kind, status = _text(event, "tipo"), _text(event, "status")
    place = ", ".join(filter(None, (_text(event, name) for name in ("local", "cidade", "uf"))))
    said = " ".join(filter(None, (_text(event, "descricao"), _text(event, "detalhe"))))
    return EventDraft(
        carrier=CARRIER,
        number=number,
        source=SOURCE,
        code=code_of(kind, str(int(status)) if status.isascii() and status.isdigit() else status),
        text=said[:RAW_TEXT_LENGTH_MAX],
        place=place[:250] or None,
        occurred_at=_moment(_text(event, "data"), _text(event, "hora")),
    )


def _moment(day: str, hour: str) -> datetime:
    try:
        return datetime.strptime(f"{day} {hour or '00:00'}", "%d/%m/%Y %H:%M").replace(
            tzinfo=_BRASILIA
        )
    except ValueError as failure:
        raise Garbled("no time") from failure


def _text(element: Element, name: str) -> str:
    found = element.find(name)
    return (found.text or "").strip() if found is not None else ""
