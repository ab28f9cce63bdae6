"""What can be asked and done with webhooks and their deliveries."""

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.ids import MalformedId
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands import delivering, following, pausing, subscribing
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payload_documents import DOCUMENTS
from backoffice_api.schema.payloads import keep, keep_each
from backoffice_api.schema.webhooks import (
    READ,
    Webhook,
    WebhookCreateInput,
    WebhookDelivery,
    WebhookDeliveryFilter,
    WebhookDeliveryPayload,
    WebhookDeliverySort,
    WebhookEventType,
    WebhookFilter,
    WebhookPayload,
    WebhookReplayInput,
    WebhookResumeInput,
    WebhookSecretPayload,
    WebhookSecretRotateInput,
    WebhookSort,
    WebhookTestInput,
    WebhookUpdateInput,
    event_types,
)


def _event_types(_: Database, __: Context, ___: Mapping[str, Any]) -> Sequence[WebhookEventType]:
    return event_types()


@strawberry.type
class WebhookQuery:
    webhook: Webhook | None = found_by_id(
        "whk", queries.webhooks_by_ids, "Its id.", "One webhook. Null if none.", scope=READ
    )
    webhooks: Connection[Webhook] = listed(
        queries.webhook_list,
        "Who is told of what happens, newest first; removed ones, too.",
        scope=READ,
        filter=WebhookFilter,
        sort=WebhookSort,
    )
    webhooks_count: Count = counted(
        queries.webhook_list, "How many webhooks there are.", scope=READ, filter=WebhookFilter
    )
    webhook_delivery: WebhookDelivery | None = found_by_id(
        "whd", queries.deliveries_by_ids, "Its id.", "One delivery. Null if none.", scope=READ
    )
    webhook_deliveries: Connection[WebhookDelivery] = listed(
        queries.delivery_list,
        "What was delivered of late, or is to be; newest first.",
        scope=READ,
        filter=WebhookDeliveryFilter,
        sort=WebhookDeliverySort,
    )
    webhook_deliveries_count: Count = counted(
        queries.delivery_list,
        "How many deliveries there are.",
        scope=READ,
        filter=WebhookDeliveryFilter,
    )
    webhook_event_types: list[WebhookEventType] = asked(
        _event_types,
        [],
        "Every type of events that webhooks can be told of, by name.",
        scope=READ,
        weight=10,
    )


@strawberry.type
class WebhookMutation:
    @mutation(subscribing.creating(DOCUMENTS), WebhookSecretPayload)
    def webhook_create(input: WebhookCreateInput) -> subscribing.CreateWebhook:
        """Have somebody told of what happens from now on. The secret is shown this once."""
        return subscribing.CreateWebhook(
            name=input.name,
            url=input.url,
            event_types=tuple(input.event_types),
            document=input.document,
            conditions=tuple(each.value() for each in input.conditions),
            changed_fields=tuple(input.changed_fields),
        )

    @mutation(subscribing.updating(DOCUMENTS), WebhookPayload)
    def webhook_update(id: strawberry.ID, input: WebhookUpdateInput) -> subscribing.UpdateWebhook:
        """Change a webhook. What is absent stays. From now on your rights hold for it."""
        return subscribing.UpdateWebhook(
            id=ids.parse("whk", id),
            name=keep(input.name),
            url=keep(input.url),
            event_types=keep(input.event_types),
            document=keep(input.document),
            conditions=keep_each(input.conditions),
            changed_fields=keep(input.changed_fields),
        )

    @mutation(subscribing.rotate_secret, WebhookSecretPayload)
    def webhook_secret_rotate(
        id: strawberry.ID, input: WebhookSecretRotateInput
    ) -> subscribing.RotateWebhookSecret:
        """Sign with another secret, and with the present one too for a while. It is shown once."""
        return subscribing.RotateWebhookSecret(
            id=ids.parse("whk", id), overlap_hours=input.overlap_hours
        )

    @mutation(pausing.pause_webhook, WebhookPayload)
    def webhook_pause(id: strawberry.ID) -> pausing.PauseWebhook:
        """Tell a webhook of nothing until it is resumed. What waits for it is kept."""
        return pausing.PauseWebhook(id=ids.parse("whk", id))

    @mutation(pausing.resume_webhook, WebhookPayload)
    def webhook_resume(id: strawberry.ID, input: WebhookResumeInput) -> pausing.ResumeWebhook:
        """Tell a webhook of what happens again, and of what waits for it at once."""
        return pausing.ResumeWebhook(id=ids.parse("whk", id), catch_up=input.catch_up)

    @mutation(subscribing.remove_webhook, WebhookPayload)
    def webhook_remove(id: strawberry.ID) -> subscribing.RemoveWebhook:
        """Put a webhook away. What was not sent yet is not sent."""
        return subscribing.RemoveWebhook(id=ids.parse("whk", id))

    @mutation(following.replay_webhook, WebhookPayload)
    def webhook_replay(id: strawberry.ID, input: WebhookReplayInput) -> following.ReplayWebhook:
        """Tell a webhook again of what happened after an event, 10,000 events at most."""
        return following.ReplayWebhook(
            id=ids.parse("whk", id), after=input.after_sequence, until=input.until_sequence
        )

    @mutation(delivering.test_webhook, WebhookDeliveryPayload)
    def webhook_test(id: strawberry.ID, input: WebhookTestInput) -> delivering.TestWebhook:
        """Send a webhook something at once, once, even while it is paused."""
        subject = None
        if input.subject_id is not None:
            subject = ids.split(input.subject_id)
            if subject is None:
                raise MalformedId("xxx")
        return delivering.TestWebhook(id=ids.parse("whk", id), subject=subject)

    @mutation(delivering.retry_delivery, WebhookDeliveryPayload)
    def webhook_delivery_retry(id: strawberry.ID) -> delivering.RetryDelivery:
        """Send what was settled once more, under the same `webhook-id`."""
        return delivering.RetryDelivery(id=ids.parse("whd", id))
