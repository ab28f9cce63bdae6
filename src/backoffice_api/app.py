"""Composition: settings, database, schema and routes become one ASGI application."""

import asyncio
import ctypes
import gc
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.adapters.webhook_http import WebhookSender
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.context import Context, Prices, Threads, as_request_error
from backoffice_api.domain.kernel import keys
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.documents import COST_MAX
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.privacy.commands.exporting import STORAGE
from backoffice_api.domain.tracking.commands import asking
from backoffice_api.domain.webhooks.model.addresses import Reach
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms
from backoffice_api.engine.trusted import load_trusted
from backoffice_api.key_holding import KeyHolding
from backoffice_api.opening import open_migrated
from backoffice_api.pulse import Pulse
from backoffice_api.readiness import health_of
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from backoffice_api.schema.rules import rules_of
from backoffice_api.settings import Settings
from backoffice_api.supervisor import Post
from backoffice_api.tasks.audit import storage_for_audit
from backoffice_api.tasks.background import background_tasks
from backoffice_api.tasks.documents import document_storage
from backoffice_api.tasks.mailboxes import desk_from
from backoffice_api.tasks.media import storage_from
from backoffice_api.tasks.payments import HANDLE_JOB, TOPIC, gateways_from
from backoffice_api.tasks.privacy import storages
from backoffice_api.tasks.shipping import label_files
from backoffice_api.tasks.tracking import signers_from
from backoffice_api.web import graphiql, logs
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.audit_exports import AuditExports
from backoffice_api.web.authenticate import Authenticator
from backoffice_api.web.bearers import Bearers, Room
from backoffice_api.web.budget_store import budget_from
from backoffice_api.web.documents import Documents
from backoffice_api.web.exports import PersonExports
from backoffice_api.web.files import Files
from backoffice_api.web.files_in import FilesIn
from backoffice_api.web.graphql import Authenticate, GraphQLEndpoint, Shortcut
from backoffice_api.web.headers import CrossOrigin, SecurityHeaders
from backoffice_api.web.journal import Journal
from backoffice_api.web.labels import Labels
from backoffice_api.web.leaving import LEAVING
from backoffice_api.web.live import Live
from backoffice_api.web.mail_in import MailIn
from backoffice_api.web.media import Media
from backoffice_api.web.metrics import Metrics, RequestTally
from backoffice_api.web.operations import MakeContext, Serving
from backoffice_api.web.prices import ServedPrices
from backoffice_api.web.read_log import ReadLog
from backoffice_api.web.received_mails import ReceivedMails
from backoffice_api.web.return_links import ReturnLinks
from backoffice_api.web.sign_in import demand_of, sign_in_routes
from backoffice_api.web.survey_links import SurveyLinks
from backoffice_api.web.webhooks_in import WebhooksIn
from backoffice_api.webhooks_out.dispatcher import Dispatcher, DispatcherThread
from backoffice_api.webhooks_out.payloads import Payloads
from backoffice_api.worker import Worker

_DISPATCHING_THREADS = 4
_GC_THRESHOLDS = (20_000, 20, 50)

log = structlog.get_logger("backoffice_api.app")


def from_environment() -> ASGIApp:
    """The application as the environment describes it: what a server process loads."""
    settings = Settings.from_environment(os.environ, Path(".env"))
    logs.configure(settings)
    application = create_app(settings)
    keep_what_is_loaded()
    return application


def keep_what_is_loaded() -> None:
    """Have the collector pass over all that is there, and give back what loading it has freed.

    Answers are trees without cycles, which go by themselves: they are searched for cycles less
    often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    with suppress(OSError, AttributeError, TypeError):  # only the C library of GNU knows it
        ctypes.CDLL(None).malloc_trim(0)


def create_app(settings: Settings, post: Post | None = None) -> ASGIApp:
    """The application. It opens its database when it starts, and closes it when it stops.

    `post`: where it is one of several processes under a supervisor, its place among them.

    Raises:
        TrustedDocumentsError: the trusted documents cannot be used.
        DatabaseBehindError: the database lacks migrations.
        KeysError: the keys for values at rest are missing, or others than it was sealed with.
    """
    preparer = preparer_from(settings)
    database = open_migrated(settings)
    threads = Threads(database, settings.pool_size)
    budget = budget_from(settings, database, threads)
    authenticator = Authenticator(
        database,
        threads,
        demand=demand_of(settings),
        found=budget.know if budget else None,
    )
    terms = _terms(settings, preparer)
    prices = ServedPrices(preparer, terms, budget)
    make_context = _context_maker(settings, database, threads, prices)
    read_log = ReadLog(database, threads)
    serving = Serving(preparer, make_context, terms, RequestTally(), read_log, budget)
    live = _live(settings, serving, database, threads, authenticator)
    streams = live.around(_endpoint(settings, serving, authenticator))
    pulses = _pulses(post)
    metrics = Metrics(
        database,
        threads,
        preparer,
        terms.compiler,
        serving.tally,
        live.tally,
        pulses,
        authenticate=None if settings.metrics == "open" else authenticator.authenticate,
        budget=budget.counts if budget else None,
    )
    media = Media(database, threads, storage_from(settings))
    bench = bench_from(settings, database)
    application = Starlette(
        routes=[
            Route("/graphql", streams),
            WebSocketRoute("/graphql", live.sockets),
            *media.routes(),
            *_doors(settings, database, threads, bench, authenticator.authenticate, read_log),
            *health_of(database, threads, pulses, post).routes(),
            *(graphiql.routes() if _has_graphiql(settings) else ()),
            *(metrics.routes() if settings.metrics != "off" else ()),
        ],
        lifespan=_lifespan(settings, bench, threads, authenticator, media, serving, live, pulses),
    )
    guarded = CrossOrigin(Shortcut(application, "/graphql", streams), origins=settings.cors_origins)
    return AccessLog(SecurityHeaders(guarded, hsts_max_age_s=settings.hsts_max_age_s))


def _live(
    settings: Settings,
    serving: Serving,
    database: Database,
    threads: Threads,
    authenticator: Authenticator,
) -> Live:
    """What answers subscriptions."""
    return Live(
        serving,
        database,
        threads,
        SchemaFields(schema),
        Bearers(
            authenticator, Room(settings.live_connections, settings.live_subscriptions_per_token)
        ),
        listens=settings.prepared_statements,
    )


def _endpoint(
    settings: Settings, serving: Serving, authenticator: Authenticator
) -> GraphQLEndpoint[Caller]:
    """GraphQL over HTTP, one answer for one request."""
    return GraphQLEndpoint(
        serving.preparer,
        authenticator.authenticate,
        serving.make_context,
        serving.terms,
        html=graphiql.page if _has_graphiql(settings) else None,
        watch=serving.tally.note,
        note=serving.read_log.note,
        spend=serving.spend,
    )


def _terms(settings: Settings, preparer: Preparer) -> Terms:
    """How operations are run."""
    return Terms(
        limits=preparer.limits,
        on_bug=_report,
        translate=as_request_error,
        suggestions=preparer.suggestions,
        compiler=Compiler(SchemaFields(schema)) if settings.compiled_execution else None,
    )


def _pulses(post: Post | None) -> Mapping[str, Pulse]:
    """Of the threads that work beside the requests; without one of them a process is unwell."""
    pulses = {"jobs": Pulse(), "webhooks": Pulse()}
    if post is not None:
        for pulse in pulses.values():
            post.watch(pulse.is_well)
    return pulses


def _doors(
    settings: Settings,
    database: Database,
    threads: Threads,
    bench: Bench,
    authenticate: Authenticate[Caller],
    read_log: ReadLog,
) -> Sequence[Route]:
    """The doors beside GraphQL: signing in, messages of others, files and links."""
    note = read_log.note_file
    return [
        *sign_in_routes(settings, database, threads),
        *_webhooks(settings, database, threads),
        *Documents(database, threads, document_storage(settings), note=note).routes(),
        *AuditExports(database, threads, storage_for_audit(settings)).routes(),
        *PersonExports(database, threads, storages(settings)(STORAGE), note=note).routes(),
        *Files(bench, threads, upload_max_bytes=settings.upload_max_bytes, note=note).routes(),
        *FilesIn(database, threads, authenticate).routes(),
        *Journal(database, threads, authenticate).routes(),
        *Labels(database, threads, label_files(settings)).routes(),
        *ReceivedMails(desk_from(settings, database), threads, authenticate, note).routes(),
        *ReturnLinks(database, threads).routes(),
        *SurveyLinks(database, threads).routes(),
    ]


def bench_from(settings: Settings, database: Database) -> Bench:
    """What the work on files needs, as the settings name it."""
    storage = LocalFolder(Path(settings.files_folder) / "bulk")
    return Bench(database, storage, lambda: datetime.now(UTC))


def limits_from(settings: Settings) -> Limits:
    """How much one request may ask for."""
    return Limits(
        body_bytes=settings.request_body_max_bytes,
        # Stock is adjusted up to 1,000 lines at once; other lists have lower bounds of their own.
        input_list=1_000,
        query_time_s=settings.query_timeout_s,
        mutation_time_s=settings.mutation_timeout_s,
    )


def preparer_from(settings: Settings) -> Preparer:
    """What makes operations of requests, with the trusted documents that the settings name.

    Raises:
        TrustedDocumentsError: they cannot be used.
    """
    preparer = Preparer(
        schema._schema,
        rules_of(schema, introspection=settings.introspection),
        limits_from(settings),
        suggestions=settings.introspection,
        automatic=settings.automatic_persisted_queries,
        trusted_only=settings.trusted_documents_only,
    )
    if settings.trusted_documents is not None:
        load_trusted(preparer, Path(settings.trusted_documents))
    return preparer


def dispatcher_from(
    settings: Settings, database: Database, pulse: Pulse | None = None
) -> DispatcherThread:
    """What sends webhooks, in a thread of its own that is not started yet."""
    reach = Reach(more_ports=settings.webhook_ports, loopback=settings.webhook_loopback)

    def make() -> Dispatcher:
        threads = Threads(database, _DISPATCHING_THREADS)
        cursors = Cursors(_cursor_key(settings, database))

        def context_of(caller: Caller, name: str) -> Context:
            # Of an event that a replica may not have heard of yet.
            return Context(database, threads, caller, cursors, name, fresh=True)

        terms = Terms(
            limits=Limits(cost=COST_MAX, query_time_s=settings.query_timeout_s),
            on_bug=_report,
            translate=as_request_error,
            compiler=Compiler(SchemaFields(schema)) if settings.compiled_execution else None,
        )
        payloads = Payloads(context_of, terms)
        return Dispatcher(database, threads, payloads, WebhookSender(reach), pulse=pulse)

    return DispatcherThread(make)


def _webhooks(settings: Settings, database: Database, threads: Threads) -> list[Route]:
    """Where gateways, and those who tell of parcels or hand over mails, send their messages."""
    of_payments = WebhooksIn(database, threads.writing, TOPIC, gateways_from(settings), HANDLE_JOB)
    of_parcels = WebhooksIn(
        database, threads.writing, "tracking", signers_from(settings), asking.HANDLE_JOB
    )
    of_mails = MailIn(desk_from(settings, database), threads, settings.mailboxes_secret)
    return [*of_payments.routes(), *of_parcels.routes(), *of_mails.routes()]


def _has_graphiql(settings: Settings) -> bool:
    """GraphiQL is for writing queries, and has no use where only trusted ones are answered."""
    return settings.graphiql and not settings.trusted_documents_only


def _context_maker(
    settings: Settings, database: Database, threads: Threads, prices: Prices
) -> MakeContext:
    cursors = Cursors(_cursor_key(settings, database))

    def make_context(caller: Caller, request_id: str, idempotency_key: str | None) -> Context:
        return Context(
            database, threads, caller, cursors, request_id, idempotency_key, prices=prices
        )

    return make_context


def _report(bug: Exception, reference: str) -> None:
    log.error("graphql.bug", reference=reference, exc_info=bug)


def _cursor_key(settings: Settings, database: Database) -> bytes:
    """What signs cursors: the setting, or a key that all processes share through the database."""
    if settings.cursor_secret:
        return settings.cursor_secret.encode()
    with database.writing.begin() as db:
        return keys.key(db, keys.CURSORS).encode()


def _lifespan(
    settings: Settings,
    bench: Bench,
    threads: Threads,
    authenticator: Authenticator,
    media: Media,
    serving: Serving,
    live: Live,
    pulses: Mapping[str, Pulse],
) -> Callable[[Starlette], AbstractAsyncContextManager[Mapping[str, Any]]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        database = bench.database
        tasks = background_tasks(settings, bench)
        worker = Worker(database, tasks=tasks, pulse=pulses["jobs"])
        dispatcher = dispatcher_from(settings, database, pulses["webhooks"])
        thread = None
        if database.watch is not None:
            database.watch.start()
        if settings.worker_in_process:
            thread = worker.start()
            dispatcher.start()
        live.start()
        holding = KeyHolding(database)
        holding.start()
        log.info("server.started", database=database.dialect, jobs=settings.worker_in_process)
        try:
            yield {LEAVING: live.leaving}
        finally:
            await live.close()
            worker.stop()
            dispatcher.stop()
            await authenticator.close()
            await serving.close()
            await asyncio.to_thread(media.close)
            await asyncio.to_thread(threads.shutdown)
            if thread:
                await asyncio.to_thread(thread.join, settings.shutdown_timeout_s)
                await asyncio.to_thread(dispatcher.join, settings.shutdown_timeout_s)
            await asyncio.to_thread(holding.stop)
            database.dispose()
            log.info("server.stopped")

    return lifespan
