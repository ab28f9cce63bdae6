"""Work with who tells of parcels: their messages are read, and those that must be are asked.

Whatever is told may be told again: repeats change nothing, so all of it is safe to repeat.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.tracking_fields import Garbled
from backoffice_api.adapters.tracking_http import EasyPostSource, ShippoSource
from backoffice_api.adapters.tracking_webhooks import (
    EasyPostSigner,
    MelhorEnvioSigner,
    ShippoSigner,
    told_in,
)
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import inbox
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.inbox import InboxStatus
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta
from backoffice_api.domain.shipping.queries import telling_carriers
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.commands.asking import (
    HANDLE_JOB,
    POLL_JOB,
    TakeAnswer,
    TakeMessage,
    take_answer,
    take_message,
)
from backoffice_api.domain.tracking.model.trackings import BATCH_MAX
from backoffice_api.domain.tracking.ports import SourceFailsError, TrackingSource
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

TOPIC = "tracking"
ASKED_AT_ONCE = 50
POLL_EVERY_S = 300

log = structlog.get_logger("backoffice_api.tasks.tracking")


class TrackingWork:
    """What a worker does with trackings. `sources`: who is asked, by carrier.

    `carriers` knows who else can be asked: those that sell us labels and tell of parcels.
    """

    def __init__(
        self,
        database: Database,
        sources: Mapping[str, TrackingSource],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        carriers: KnownCarriers | None = None,
    ) -> None:
        self._database = database
        self._sources = sources
        self._now = now
        self._carriers = carriers

    def handle(self, inbox_id: UUID) -> None:
        """Take over what a message tells. One that makes no sense is kept, and said to be so."""
        with self._database.fresh.connect() as db:
            message = inbox.message(db, inbox_id)
        if message.status is not InboxStatus.RECEIVED:
            return
        try:
            told = tuple(islice(told_in(message.provider, message.body or ""), BATCH_MAX))
        except Garbled:
            told = None
        self._run(take_message, TakeMessage(inbox_id=inbox_id, events=told))

    def poll(self, progress: Progress = lambda done, total: True) -> bool:
        """Ask about parcels whose time has come. Whether there may be more of them.

        A source that fails is not asked about others now; its parcels stay due.
        """
        with self._database.fresh.connect() as db:
            sources = {**self._of_carriers(db), **self._sources}
            due = queries.to_poll(db, tuple(sources), self._now(), ASKED_AT_ONCE)
        failed: set[str] = set()
        for done, each in enumerate(due, start=1):
            if each.carrier in failed:
                continue
            try:
                told = sources[each.carrier].ask(each.carrier, [each.number])
            except SourceFailsError as failure:
                log.warning("tracking.source_fails", carrier=each.carrier, reason=str(failure))
                failed.add(each.carrier)
                continue
            events = tuple(islice(told, BATCH_MAX))
            self._run(take_answer, TakeAnswer(tracking_ids=(each.id,), events=events))
            if not progress(done, len(due)):
                return False
        return len(due) == ASKED_AT_ONCE and not failed

    def _of_carriers(self, db: Connection) -> Mapping[str, TrackingSource]:
        if self._carriers is None:
            return {}
        return self._carriers.trackers(telling_carriers(db))

    def _run(self, handler: Callable[..., Any], command: Command) -> None:
        execute(
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self._now(),
            meta=Meta(request_id=TOPIC),
        )


def signers_from(
    settings: Settings,
) -> Mapping[str, EasyPostSigner | MelhorEnvioSigner | ShippoSigner]:
    """Whose messages are taken in, by the names of the providers."""
    return {
        "easypost": EasyPostSigner(settings.easypost_webhook_secret),
        "melhor_envio": MelhorEnvioSigner(settings.melhor_envio_webhook_secret),
        "shippo": ShippoSigner(settings.shippo_webhook_secret),
    }


def sources_from(settings: Settings) -> Mapping[str, TrackingSource]:
    """Who is asked about the parcels of which carrier, by the settings."""
    found: dict[str, TrackingSource] = {}
    if settings.easypost_api_secret and settings.easypost_carriers:
        easypost = EasyPostSource(settings.easypost_api_secret, settings.easypost_url)
        found |= dict.fromkeys(_names(settings.easypost_carriers), easypost)
    if settings.shippo_api_secret and settings.shippo_carriers:
        shippo = ShippoSource(settings.shippo_api_secret, settings.shippo_url)
        found |= dict.fromkeys(_names(settings.shippo_carriers), shippo)
    return found


def tracking_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does with trackings, by the kind of the job."""
    carriers = KnownCarriers(Path(settings.files_folder), settings.carriers_secret)
    return tasks_of(TrackingWork(database, sources_from(settings), carriers=carriers))


def tasks_of(work: TrackingWork) -> Mapping[str, Task]:
    """The same, for this work."""

    def handle(payload: Mapping[str, Any], progress: Progress) -> bool:
        work.handle(UUID(payload["inbox_id"]))
        return False

    def poll(payload: Mapping[str, Any], progress: Progress) -> bool:
        return work.poll(progress)

    return {HANDLE_JOB: Task(handle), POLL_JOB: Task(poll, every_s=POLL_EVERY_S)}


def _names(text: str) -> list[str]:
    return [name for each in text.split(",") if (name := each.strip().lower())]
