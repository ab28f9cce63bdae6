"""What Melhor Envio tells of parcels: a label, or a message that holds one.

Source: https://docs.melhorenvio.com.br, pages "Webhooks", "Rastreio de envios" and "Pesquisar
etiqueta". It tells no events, but when a label came to each of its states, and the present one.
Parcels go by its own number, which it knows from the start and follows with every carrier.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice_api.adapters.tracking_fields import Garbled, instant, text_of
from backoffice_api.domain.tracking.model.trackings import EventDraft

SOURCE = CARRIER = "melhor_envio"
# By which field it tells when a label came to which state.
_MOMENTS = {
    "paid_at": "released",
    "generated_at": "generated",
    "received_at": "received",
    "posted_at": "posted",
    "delivered_at": "delivered",
    "canceled_at": "canceled",
    "expired_at": "expired",
}
_ALSO = {"cancelled": "canceled"}


def events_of(payload: Mapping[str, Any]) -> Sequence[EventDraft]:
    """What a label, or the one in a message, tells. Nothing of a message without any: a trial.

    Raises:
        Garbled: it is neither.
    """
    label = payload.get("data", payload)
    if not isinstance(label, Mapping):
        raise Garbled("no label")
    number = number_of(label)
    if not number:
        if "event" in payload or "id" in label:
            return ()
        raise Garbled("no label")
    told = [(code, at) for name, code in _MOMENTS.items() if (at := text_of(label, name))]
    status = _ALSO.get(found := text_of(label, "status"), found)
    at = text_of(label, "updated_at") or max((at for _, at in told), default="")
    if at and status not in ("", "pending", *(code for code, _ in told)):
        told.append((status, at))
    return [
        EventDraft(
            carrier=CARRIER,
            number=number,
            source=SOURCE,
            code=code,
            text=code,
            place=None,
            occurred_at=instant(at),
        )
        for code, at in told
    ]


def number_of(label: Mapping[str, Any]) -> str:
    """Under which number a parcel goes here: its own one, else that of the carrier."""
    names = ("self_tracking", "melhorenvio_tracking", "tracking")
    return next((found for name in names if (found := text_of(label, name).strip())), "")
