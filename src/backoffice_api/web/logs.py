"""Logging: one line per event, as JSON or for a person's eyes, with request id and actor.

`configure` is called once in each process. Code logs through `structlog.get_logger()` with names
and values (`log.info("job done", job_id=…)`); what libraries log by the standard library comes out
in the same form. Lines go to standard error: standard output belongs to the commands' answers.
"""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from backoffice_api.redaction import harmless, printable, redacted_pairs
from backoffice_api.server_settings import LogFormat
from backoffice_api.settings import Settings

# A line of a traceback never begins where a line of the log begins, so that the text of an
# exception cannot pass for an event.
_TRACEBACK_MARGIN = "    | "

about: ContextVar[Mapping[str, Any]] = ContextVar("about", default=MappingProxyType({}))
"""What the lines of the log are about now: of it, each bears the `request_id` and `actor_id`.

One variable that is set once per request. The variables of structlog do the same at ten times the
price, and forget nothing where a server starts a request in the context of an earlier one.
"""
_ABOUT = ("request_id", "actor_id")


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (None: standard error).

    Uvicorn must be run with `log_config=None`; its own request lines are off, since `AccessLog`
    writes better ones.
    """
    stream = stream if stream is not None else sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    chain = _processors(settings.log_format, colors=stream.isatty())

    structlog.configure(
        processors=[structlog.stdlib.add_log_level, *chain],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )

    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *chain],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # What libraries say at debug repeats what they were given: bank statements, headers.
    root.setLevel(max(level, logging.INFO))
    logging.getLogger("backoffice_api").setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = name != "uvicorn.access"
    # It tells of each look at the revision of the database, which every probe takes.
    logging.getLogger("alembic.runtime.migration").setLevel(max(level, logging.WARNING))


def _processors(log_format: LogFormat, *, colors: bool) -> list[Processor]:
    console = structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )
    renderers: dict[LogFormat, list[Processor]] = {
        "json": [_json],
        "console": [_indent_traceback, console],
    }
    return [
        add_about,
        structlog.processors.format_exc_info,
        _redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        *renderers[log_format],
    ]


def add_about(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Let a line say what it is about, where it does not do so itself."""
    known = about.get()
    for name in _ABOUT:
        if name in known:
            event.setdefault(name, known[name])
    return event


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    traceback = event.pop("exception", None)
    shown = redacted_pairs(event)
    if traceback is not None:
        shown["exception"] = printable(harmless(traceback), keep="\n")
    return shown


def _indent_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if "exception" in event:
        lines = event["exception"].split("\n")
        event["exception"] = "\n".join(_TRACEBACK_MARGIN + line for line in lines)
    return event


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event).decode()
