"""What the office needs of parcels under way and of messages: examples, and things to do."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.messages.commands.writing import WriteOfEvents, write_of_events
from tests.world import await_feed

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "MessageResendInput": ("recipient",),
    "MessageSendInput": ("recipient",),
    "TrackingLookup": ("id",),
    "TrackingNumberInput": ("carrier", "number"),
}

THEN = "2025-01-01T00:00:00Z"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return {**_parcels(office), **_letters(office)}


def _parcels(office: "Office") -> dict[str, Any]:
    """A parcel that is held, another one, and a code that the shop has mapped."""
    usps = {"carrier": "usps", "number": "N1"}
    held = {**usps, "source": "easypost", "code": "in_transit/held", "occurredAt": THEN}
    odd = {**held, "number": "N2", "code": "odd"}
    office.do("trackingRecord", input={"events": [held, odd]})
    text = """{
      tracking(by: {number: {carrier: "usps", number: "N1"}}) { id }
      trackingExceptions(first: 1) { nodes { id } }
    }"""
    found = office.ask(text).json()["data"]
    exception = found["trackingExceptions"]["nodes"][0]["id"]
    known = {"source": "easypost", "code": "odd", "state": "LOST"}
    mapping = office._id("trackingMappingSet", "mapping", input=known)
    return {
        "TrackingLookup.id": found["tracking"]["id"],
        "TrackingCreateInput.carrier": "usps",
        "TrackingCreateInput.number": "NEW",
        "TrackingEventInput.carrier": "usps",
        "TrackingEventInput.number": "N3",
        "TrackingEventInput.source": "easypost",
        "TrackingEventInput.code": "in_transit/x",
        "TrackingEventInput.occurredAt": THEN,
        "trackingNote.id": found["tracking"]["id"],
        "TrackingNoteInput.state": "IN_TRANSIT",
        "TrackingNoteInput.occurredAt": THEN,
        "trackingMappingRemove.id": mapping,
        "TrackingMappingSetInput.source": "easypost",
        "TrackingRemapInput.source": "easypost",
        "trackingExceptionAcknowledge.id": exception,
        "trackingExceptionResolve.id": exception,
    }


def _letters(office: "Office") -> dict[str, Any]:
    """Templates that are used and not used, and a message to nobody."""

    def template(topic: str, locale: str = "en") -> str:
        input = {"topic": topic, "locale": locale}
        return office._id("messageTemplateSet", "template", input=input)

    used, idle = template("ORDER_PLACED"), template("ORDER_SHIPPED")
    office.do("messageTemplateEnable", id=used)
    lines = [{"sku": "MUG", "quantity": 1}]
    order = {"channel": {"code": "web"}, "lines": lines, "place": True}
    id = office._id("orderCreate", "order", input=order)
    await_feed(office.database)
    command = WriteOfEvents()
    execute(office.database, write_of_events, command, caller=THE_SYSTEM, now=datetime.now(UTC))
    text = "{ messages(filter: {status: [SUPPRESSED]}, first: 1) { nodes { id } } }"
    (message,) = office.ask(text).json()["data"]["messages"]["nodes"]
    return {
        "message.id": message["id"],
        "messageResend.id": message["id"],
        "MessageResendInput.recipient": "ana@example.com",
        "MessageSendInput.orderId": id,
        "MessageSendInput.topic": "ORDER_PLACED",
        "MessageSendInput.recipient": "ana@example.com",
        "MessagePreviewInput.orderId": id,
        "MessagePreviewInput.topic": "ORDER_PLACED",
        "messageVariables.topic": "ORDER_PLACED",
        "messageTemplate.id": used,
        "messageTemplateEnable.id": idle,
        "messageTemplateDisable.id": used,
        "messageTemplateRemove.id": idle,
        "MessageTemplateSetInput.topic": "ORDER_DELIVERED",
        "MessageTemplateSetInput.locale": "en",
    }
