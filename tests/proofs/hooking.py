"""What the office needs of webhooks: some to do things with, and a delivery that was settled."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.webhooks.commands.delivering import (
    BeginDeliveries,
    SettleDelivery,
    begin_deliveries,
    settle_delivery,
)
from backoffice_api.domain.webhooks.model.deliveries import Outcome

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {"WebhookUpdateInput": ("name",)}

URL = "https://partner.example/hook"
DOCUMENT = "query ($id: ID!) { node(id: $id) { id ... on Customer { name } } }"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    given = {"name": "partner", "url": URL, "eventTypes": ["customer.*"], "document": DOCUMENT}
    active, paused = (office._id("webhookCreate", "webhook", input=given) for _ in range(2))
    office.do("webhookPause", id=paused)
    delivery = office._id("webhookTest", "delivery", id=active, input={})
    _settle(office, ids.parse("whk", active))
    return {
        "webhook.id": active,
        "WebhookCreateInput.url": URL,
        "WebhookCreateInput.eventTypes": ["customer.created"],
        "WebhookUpdateInput.eventTypes": ["customer.created"],
        "WebhookCreateInput.document": DOCUMENT,
        "WebhookUpdateInput.document": DOCUMENT,
        "WebhookUpdateInput.url": URL,
        "WebhookConditionInput.fact": "kind",
        "WebhookTestInput.subjectId": active,
        "WebhookReplayInput.afterSequence": "0",
        **{
            f"webhook{verb}.id": active
            for verb in ("Update", "SecretRotate", "Pause", "Replay", "Test", "Remove")
        },
        "webhookResume.id": paused,
        "webhookDelivery.id": delivery,
        "webhookDeliveryRetry.id": delivery,
    }


def _settle(office: "Office", webhook_id: UUID) -> None:
    """Have what is due for a webhook taken by its receiver."""
    now = datetime.now(UTC) + timedelta(seconds=1)
    taken = BeginDeliveries(webhook_id=webhook_id)
    begun = execute(office.database, begin_deliveries, taken, caller=THE_SYSTEM, now=now)
    for each in begun.value:
        command = SettleDelivery(id=each.id, attempt=each.attempt, outcome=Outcome())
        execute(office.database, settle_delivery, command, caller=THE_SYSTEM, now=now)
