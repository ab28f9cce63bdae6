"""What must be true of stored webhooks and deliveries."""

from sqlalchemy import and_, exists, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.model.deliveries import DeliveryStatus
from backoffice_api.domain.webhooks.model.webhooks import WebhookStatus
from backoffice_api.domain.webhooks.tables import (
    webhook_attempts,
    webhook_deliveries,
    webhook_secrets,
    webhook_states,
    webhooks,
)

_hook, _delivery = webhooks.c, webhook_deliveries.c
_is_here = _hook.status != WebhookStatus.REMOVED

CHECKS: tuple[Check, ...] = (
    Check(
        "H1",
        "No delivery of an active webhook waits behind nobody.",
        select(_delivery.id, _delivery.sequence)
        .join_from(webhook_deliveries, webhooks)
        .where(
            _delivery.status == DeliveryStatus.WAITING,
            _hook.status == WebhookStatus.ACTIVE,
            ~queries.is_behind(),
        ),
    ),
    Check(
        "H2",
        "A delivery is of the event that its number names.",
        select(_delivery.id, _delivery.sequence, events.c.sequence.label("expected"))
        .join_from(webhook_deliveries, events, events.c.id == _delivery.event_id)
        .where(
            or_(
                events.c.sequence != _delivery.sequence,
                events.c.type != _delivery.event_type,
                events.c.subject_id != _delivery.subject_id,
            )
        ),
    ),
    Check(
        "H3",
        "A webhook that was not removed has one secret that stays, and its state.",
        select(_hook.id)
        .outerjoin(webhook_states, webhook_states.c.webhook_id == _hook.id)
        .outerjoin(
            webhook_secrets,
            and_(webhook_secrets.c.webhook_id == _hook.id, webhook_secrets.c.expires_at.is_(None)),
        )
        .where(_is_here)
        .group_by(_hook.id, webhook_states.c.webhook_id)
        .having(
            or_(func.count(webhook_secrets.c.secret) != 1, webhook_states.c.webhook_id.is_(None))
        ),
    ),
    Check(
        "H4",
        "A delivery that was settled by a try has the answer of its last one.",
        select(_delivery.id, _delivery.attempts).where(
            _delivery.status.in_((DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)),
            ~exists().where(
                webhook_attempts.c.delivery_id == _delivery.id,
                webhook_attempts.c.number == _delivery.attempts,
            ),
        ),
    ),
)
