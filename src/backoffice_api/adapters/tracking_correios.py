"""What the Correios tell of parcels: answers of their SRO "Rastro" service, in XML and in JSON.

Source of the latter: the API Rastro of Correios Web Services, https://cws.correios.com.br.
Times are those of Brasília, without their zone; Brazil has had no summer time since 2019, and
what older answers say may be an hour off.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from backoffice_api.adapters.tracking_fields import Garbled, item, items, place_of, text_of
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


def events_of_json(answer: Mapping[str, Any]) -> Sequence[EventDraft]:
    """The same of an answer in JSON.

    Raises:
        Garbled: an event tells no time.
    """
    return [
        _event_of_json(number, event)
        for parcel in items(answer, "objetos")
        if (number := text_of(parcel, "codObjeto"))
        for event in items(parcel, "eventos")
    ]


def _event_of_json(number: str, event: Mapping[str, Any]) -> EventDraft:
    unit = item(event, "unidade")
    place = [text_of(unit, "tipo"), place_of(item(unit, "endereco"), "cidade", "uf")]
    said = " ".join(filter(None, (text_of(event, name) for name in ("descricao", "detalhe"))))
    try:
        at = datetime.fromisoformat(text_of(event, "dtHrCriado"))
    except ValueError as failure:
        raise Garbled("no time") from failure
    return EventDraft(
        carrier=CARRIER,
        number=number,
        source=SOURCE,
        code=code_of(text_of(event, "codigo"), _status(text_of(event, "tipo"))),
        text=said[:RAW_TEXT_LENGTH_MAX],
        place=", ".join(filter(None, place))[:250] or None,
        occurred_at=at if at.tzinfo else at.replace(tzinfo=_BRASILIA),
    )


def _status(text: str) -> str:
    """`01` is 1."""
    return str(int(text)) if text.isascii() and text.isdigit() else text


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
        code=code_of(kind, _status(status)),
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
