"""Templates of messages: one for each topic, language and way."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.messages.model.rendering import Wording
from backoffice_api.domain.messages.model.topics import MessageChannel, MessageTopic

LOCALE_LENGTH_MAX = 35
DEFAULT_LOCALE = "en"
LOCALES = ("en", "de", "pt-BR")

_FOLDER = Path(__file__).parent.parent / "defaults"


class MessageTemplateStatus(Choice):
    """Whether a template is used."""

    DISABLED = "disabled", "Nothing is sent by it of itself."
    ENABLED = "enabled", "Customers are written to by it."
    REMOVED = "removed", "It is kept for what was sent by it, and used no more."


class MessageTemplateSortKey(Choice):
    """By what a list of templates is sorted."""

    CREATED_AT = "created_at", "When it was made."


MACHINE = Machine(
    MessageTemplateStatus.DISABLED,
    move("set", {MessageTemplateStatus.DISABLED, MessageTemplateStatus.ENABLED}),
    move("enable", {MessageTemplateStatus.DISABLED}, MessageTemplateStatus.ENABLED),
    move("disable", {MessageTemplateStatus.ENABLED}, MessageTemplateStatus.DISABLED),
    move(
        "remove",
        {MessageTemplateStatus.DISABLED, MessageTemplateStatus.ENABLED},
        MessageTemplateStatus.REMOVED,
    ),
)


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """`revision` counts how often its wording was changed; each wording is kept.

    `document` is answered with the rights of its owner, who set it.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    topic: MessageTopic
    locale: str
    channel: MessageChannel
    status: MessageTemplateStatus
    revision: int
    subject: str
    text: str
    html: str | None
    document: str | None = None
    owner_kind: ActorKind | None = None
    owner_id: UUID | None = None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)

    @property
    def wording(self) -> Wording:
        return Wording(self.subject, self.text, self.html, self.document)


@dataclass(frozen=True, slots=True)
class MessageTemplateRevision:
    """The wording that a template had. Never changed."""

    template_id: UUID
    revision: int
    created_at: datetime
    subject: str
    text: str
    html: str | None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class MessageTemplateSet(Event):
    type = "message_template.set"
    subject = "mtp"
    summary = "The wording of {topic} in {locale} is at revision {revision}."
    id: UUID
    version: int
    topic: MessageTopic
    locale: str
    revision: int


@dataclass(frozen=True, slots=True)
class MessageTemplateEnabled(Event):
    type = "message_template.enabled"
    subject = "mtp"
    summary = "Customers are written to of {topic} in {locale}."
    id: UUID
    version: int
    topic: MessageTopic
    locale: str


@dataclass(frozen=True, slots=True)
class MessageTemplateDisabled(Event):
    type = "message_template.disabled"
    subject = "mtp"
    summary = "Customers are not written to of {topic} in {locale} any more."
    id: UUID
    version: int
    topic: MessageTopic
    locale: str


@dataclass(frozen=True, slots=True)
class MessageTemplateRemoved(Event):
    type = "message_template.removed"
    subject = "mtp"
    summary = "The wording of {topic} in {locale} was removed."
    id: UUID
    version: int
    topic: MessageTopic
    locale: str


@dataclass(eq=False)
class UnknownMessageTemplate(Missing):
    """There is no template with this id, or none for this topic and language."""

    message = "There is no such template."


@dataclass(eq=False)
class NoWording(Invalid):
    """A wording was left out, and there is none that is shipped in this language."""

    locale: str
    message = "There is no wording of our own in {locale}: give subject and text."


@cache
def defaults(locale: str) -> Mapping[MessageTopic, Wording]:
    """The wordings that are shipped in a language; empty if there are none."""
    if locale not in LOCALES:
        return {}
    with (_FOLDER / f"{locale}.toml").open("rb") as file:
        given = tomllib.load(file)
    return {
        MessageTopic(topic): Wording(each["subject"], each["text"], each.get("html"))
        for topic, each in given.items()
    }


def best_locale(wanted: str | None, there: Sequence[str]) -> str | None:
    """The language to write in: the customer's, one of the same tongue, or the shop's own.

    None: there is nothing at all.
    """
    tongue = (wanted or "").partition("-")[0]
    for fits in (
        lambda each: each == wanted,
        lambda each: each == tongue,
        lambda each: bool(tongue) and each.partition("-")[0] == tongue,
        lambda each: each == DEFAULT_LOCALE,
        lambda each: True,
    ):
        if found := sorted(filter(fits, there)):
            return found[0]
    return None
