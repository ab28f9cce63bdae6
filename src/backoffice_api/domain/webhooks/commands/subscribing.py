"""Webhooks are made, changed, given another secret, and put away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.identity.model.staff import check_held
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.documents import DOCUMENT_LENGTH_MAX, PayloadDocuments
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.commands.progress import begin_to_follow, last_event
from backoffice_api.domain.webhooks.model.addresses import target_of
from backoffice_api.domain.webhooks.model.deliveries import OPEN, DeliveryStatus
from backoffice_api.domain.webhooks.model.selecting import (
    Condition,
    check_selection,
    kinds_of,
)
from backoffice_api.domain.webhooks.model.signing import SECRET_BYTES, new_signing_secret
from backoffice_api.domain.webhooks.model.webhooks import (
    MACHINE,
    OVERLAP,
    OVERLAP_HOURS_MAX,
    WEBHOOKS_MAX,
    NewSecret,
    NobodysWebhook,
    TooManyWebhooks,
    Webhook,
    WebhookCreated,
    WebhookRemoved,
    WebhookSecretRotated,
    WebhookUpdated,
)
from backoffice_api.domain.webhooks.tables import (
    webhook_deliveries,
    webhook_secrets,
    webhook_states,
    webhooks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWebhook(Command):
    scope = Scope.WEBHOOKS_WRITE
    name: str
    url: str
    event_types: tuple[str, ...]
    document: str
    conditions: tuple[Condition, ...] = ()
    changed_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWebhook(Command):
    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID
    name: str | Keep = KEEP
    url: str | Keep = KEEP
    event_types: tuple[str, ...] | Keep = KEEP
    document: str | Keep = KEEP
    conditions: tuple[Condition, ...] | Keep = KEEP
    changed_fields: tuple[str, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateWebhookSecret(Command):
    """`overlap_hours`: how long the old secret signs beside the new one."""

    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID
    overlap_hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWebhook(Command):
    scope = Scope.WEBHOOKS_WRITE
    table = webhooks
    id: UUID


def creating(documents: PayloadDocuments) -> Callable[[UnitOfWork, CreateWebhook], NewSecret]:
    """What makes webhooks with documents of this schema."""

    def create_webhook(uow: UnitOfWork, command: CreateWebhook) -> NewSecret:
        """Have somebody told of what happens from now on. The only time its secret is known.

        Raises:
            UnfitUrl, UnknownEventType, UnknownFact, UnfitDocument, PayloadTooCostly, InvalidText.
            ScopeNotHeld: the caller may not see what would be sent.
            NobodysWebhook, TooManyWebhooks.
        """
        owner = uow.caller.actor
        if owner.id is None:
            raise NobodysWebhook
        begin_to_follow(uow)
        made = Webhook(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            name=command.name,
            url=command.url,
            event_types=command.event_types,
            conditions=_as_json(command.conditions),
            changed_fields=command.changed_fields,
            document=command.document,
            owner_kind=owner.kind,
            owner_id=owner.id,
            status=MACHINE.start,
            pause_reason=None,
            from_sequence=last_event(uow),
            paused_sequence=None,
        )
        _check(uow, documents, made)
        if queries.count_here(uow.db) >= WEBHOOKS_MAX:
            raise TooManyWebhooks(WEBHOOKS_MAX)
        add(uow, webhooks, [made])
        state = {"webhook_id": made.id, "failures": 0, "replay_made": 0}
        uow.db.execute(webhook_states.insert(), state)
        uow.emit(WebhookCreated(made.id, made.version, made.name), after=made)
        return _with_secret(uow, made)

    return create_webhook


def updating(documents: PayloadDocuments) -> Callable[[UnitOfWork, UpdateWebhook], UUID]:
    """What changes webhooks with documents of this schema."""

    def update_webhook(uow: UnitOfWork, command: UpdateWebhook) -> UUID:
        """Change what is given; what is absent stays. From now on the caller's rights hold. The id.

        Raises:
            UnknownWebhook, InvalidTransition, and what the making of one raises.
        """
        owner = uow.caller.actor
        if owner.id is None:
            raise NobodysWebhook
        before = queries.webhook(uow.db, command.id)
        MACHINE.check("update", before.status)
        conditions = command.conditions
        after = replace(
            before,
            name=patched(command.name, before.name),
            url=patched(command.url, before.url),
            event_types=patched(command.event_types, before.event_types),
            document=patched(command.document, before.document),
            conditions=before.conditions if conditions is KEEP else _as_json(conditions),
            changed_fields=patched(command.changed_fields, before.changed_fields),
            owner_kind=owner.kind,
            owner_id=owner.id,
        )
        _check(uow, documents, after)
        after = save(uow, webhooks, before, after)
        uow.emit(WebhookUpdated(after.id, after.version, after.name), before=before, after=after)
        return after.id

    return update_webhook


def rotate_secret(uow: UnitOfWork, command: RotateWebhookSecret) -> NewSecret:
    """Sign with another secret from now on, and with the present one too for a while.

    The only time that the new one is known. One before the present one ends now.

    Raises:
        UnknownWebhook, InvalidTransition, OutOfRange.
    """
    faults = Faults()
    hours = command.overlap_hours
    check_range(hours, faults, "overlap_hours", minimum=0, maximum=OVERLAP_HOURS_MAX)
    faults.check()
    before = queries.webhook(uow.db, command.id)
    MACHINE.check("rotateSecret", before.status)
    after = save(uow, webhooks, before, before)
    ends = uow.now + (OVERLAP if hours is None else OVERLAP * hours / 24)
    rows = webhook_secrets.c
    mine = rows.webhook_id == after.id
    uow.db.execute(delete(webhook_secrets).where(mine, rows.expires_at.is_not(None)))
    uow.db.execute(update(webhook_secrets).where(mine).values(expires_at=ends))
    uow.emit(WebhookSecretRotated(after.id, after.version, after.name))
    return _with_secret(uow, after)


def remove_webhook(uow: UnitOfWork, command: RemoveWebhook) -> UUID:
    """Tell somebody of nothing any more; what was not sent yet is not sent. The id.

    What is under way just now may still arrive.

    Raises:
        UnknownWebhook, InvalidTransition.
    """
    # Whoever follows the log has seen it active, and must not queue anything behind our back.
    begin_to_follow(uow)
    queries.locked_state(uow.db, command.id)
    before = queries.webhook(uow.db, command.id)
    status = MACHINE.check("remove", before.status)
    after = save(uow, webhooks, before, replace(before, status=status, pause_reason=None))
    uow.db.execute(delete(webhook_secrets).where(webhook_secrets.c.webhook_id == after.id))
    rows = webhook_deliveries.c
    uow.db.execute(
        update(webhook_deliveries)
        .where(rows.webhook_id == after.id, rows.status.in_(OPEN))
        .values(status=DeliveryStatus.CANCELLED, settled_at=uow.now, updated_at=uow.now)
    )
    uow.emit(WebhookRemoved(after.id, after.version, after.name), before=before, after=after)
    return after.id


def _with_secret(uow: UnitOfWork, webhook: Webhook) -> NewSecret:
    secret = new_signing_secret(uow.random_bytes(SECRET_BYTES))
    uow.db.execute(
        webhook_secrets.insert(),
        {
            "id": uow.new_id(),
            "webhook_id": webhook.id,
            "made_at": uow.now,
            "secret": secret.reveal(),
        },
    )
    return NewSecret(webhook.id, secret)


def _check(uow: UnitOfWork, documents: PayloadDocuments, wanted: Webhook) -> None:
    """Refuse what is wrong in itself, and what the caller may not see."""
    faults = Faults()
    check_text(wanted.name, faults, "name")
    try:
        target_of(wanted.url)
    except DomainError as fault:
        faults.add(fault.at("url"))
    check_selection(faults, wanted.selection)
    check_text(wanted.document, faults, "document", maximum=DOCUMENT_LENGTH_MAX)
    faults.check()
    try:
        scopes = documents.check(wanted.document).scopes
    except DomainError as fault:
        raise fault.at("document") from None
    check_held(faults, uow.caller, scopes, "document")
    kinds = kinds_of(wanted.event_types)
    check_held(faults, uow.caller, {documents.scope_of(each) for each in kinds}, "event_types")
    check_held(faults, uow.caller, queries.needed_beside(wanted), "conditions")
    faults.check()


def _as_json(conditions: Sequence[Condition]) -> Sequence[Mapping[str, Any]]:
    return [{"fact": each.fact, "values": list(each.values)} for each in conditions]
