"""What may differ between installations, read once at the start.

Every setting is an environment variable: `database_url` is `BACKOFFICE_DATABASE_URL`. A `.env` file
may hold them too; the real environment wins. An empty value counts as not set, so that a line can
be left in place. `.env.example` lists them all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_type_hints

import msgspec
from msgspec import Meta

from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.dotenv import SettingsError, read_dotenv
from backoffice_api.redaction import HIDDEN, without_secrets
from backoffice_api.weak_secrets import weakness

PREFIX = "BACKOFFICE_"

_DATABASE_URL = r"^(sqlite:///|postgres(ql)?(\+psycopg)?://)\S*$"
# As browsers send it: lower case, no path, no trailing slash. `*` and `null` are no origins.
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_CURSOR_SECRET_LENGTH_MIN = 32
_AUDIT_SECRET_LENGTH_MIN = 32
_PORT_MAX = 65_535
ALL_STAFF = "all"  # in place of scopes

# What is safe on a developer's machine and not on the internet, where nothing is said of it.
_DEVELOPMENT = {"introspection": "true", "graphiql": "true", "log_format": "console"}

Environment = Literal["development", "production"]
LogFormat = Literal["console", "json"]
SmtpSecurity = Literal["none", "starttls", "tls"]
LogLevel = Literal["debug", "info", "warning", "error"]
Metrics = Literal["off", "token", "open"]
BudgetStore = Literal["memory", "database", "redis"]


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Settings:
    """The settings of one process. The defaults are those of production."""

    database_url: Annotated[
        str,
        Meta(
            pattern=_DATABASE_URL,
            description="Database to work on: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME.",
        ),
    ] = "sqlite:///backoffice.db"
    reading_url: Annotated[
        Annotated[str, Meta(pattern=_DATABASE_URL)] | None,
        Meta(description="Replica that queries read from. Not set: the same database."),
    ] = None
    pool_size: Annotated[
        int, Meta(ge=1, le=1000, description="Connections per process and database, 1 to 1000.")
    ] = 10
    prepared_statements: Annotated[
        bool,
        Meta(
            description="Prepare statements on PostgreSQL: true, or false behind PgBouncer in "
            "transaction mode."
        ),
    ] = True
    connect_timeout_s: Annotated[
        int, Meta(ge=1, le=60, description="Wait for a new database connection, 1 to 60 seconds.")
    ] = 3
    pool_timeout_s: Annotated[
        int, Meta(ge=1, le=60, description="Wait for a free pooled connection, 1 to 60 seconds.")
    ] = 3
    lock_timeout_s: Annotated[
        int, Meta(ge=1, le=60, description="Wait for a lock in the database, 1 to 60 seconds.")
    ] = 3
    statement_timeout_s: Annotated[
        int, Meta(ge=1, le=600, description="Longest database statement, 1 to 600 seconds.")
    ] = 10

    host: Annotated[
        str, Meta(pattern=r"^\S+$", description="Address to listen on; 0.0.0.0 for every one.")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="Port to listen on, 1 to 65535.")] = 8000
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses of reverse proxies whose X-Forwarded-For is believed, separated "
            "by commas: 10.0.0.1,10.0.0.2. Not set: none."
        ),
    ] = ()
    workers: Annotated[int, Meta(ge=1, le=64, description="Server processes, 1 to 64.")] = 1
    worker_in_process: Annotated[
        bool,
        Meta(
            description="Run jobs in the server too: true, or false where `backoffice worker` runs."
        ),
    ] = True
    shutdown_timeout_s: Annotated[
        int, Meta(ge=1, le=600, description="Time for running requests to end, 1 to 600 seconds.")
    ] = 8
    silence_timeout_s: Annotated[
        int,
        Meta(
            ge=2,
            le=300,
            description="Replace a server process that is silent for so long, 2 to 300 seconds.",
        ),
    ] = 20

    environment: Annotated[
        Environment,
        Meta(
            description="development or production. Development turns on what follows by default."
        ),
    ] = "production"
    introspection: Annotated[
        bool, Meta(description="Tell clients the schema: true or false. Default: in development.")
    ] = False
    graphiql: Annotated[
        bool, Meta(description="Serve the GraphiQL page: true or false. Default: in development.")
    ] = False
    log_format: Annotated[
        LogFormat,
        Meta(description="console or json. Default: console in development, json in production."),
    ] = "json"
    log_level: Annotated[LogLevel, Meta(description="debug, info, warning or error.")] = "info"

    metrics: Annotated[
        Metrics,
        Meta(
            description="Who reads /metrics: off for nobody, token for the scope metrics:read, or "
            "open."
        ),
    ] = "off"

    trusted_documents: Annotated[
        str | None,
        Meta(
            description="Folder or file of trusted documents: *.graphql, persisted-documents.json, "
            "Apollo's manifests. Not set: none."
        ),
    ] = None
    trusted_documents_only: Annotated[
        bool,
        Meta(description="Answer no other documents, and serve no GraphiQL: true or false."),
    ] = False
    automatic_persisted_queries: Annotated[
        bool,
        Meta(description="Answer the hash of a document that was sent before: true or false."),
    ] = True
    compiled_execution: Annotated[
        bool,
        Meta(description="Compile operations: true, or false to run all of them on graphql-core."),
    ] = True

    request_body_max_bytes: Annotated[
        int,
        Meta(ge=1024, le=100_000_000, description="Largest request body, 1024 to 100000000 bytes."),
    ] = 1_000_000
    files_folder: Annotated[
        str,
        Meta(
            min_length=1,
            description="Folder for uploaded and exported files; all servers must share it.",
        ),
    ] = "files"
    upload_max_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=10_000_000_000,
            description="Largest file to upload, 1024 to 10000000000 bytes.",
        ),
    ] = 100_000_000
    smtp_host: Annotated[
        Annotated[str, Meta(pattern=r"^\S+$")] | None,
        Meta(description="Mail server that messages are handed to. Not set: messages wait."),
    ] = None
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="Its port, 1 to 65535.")] = 587
    smtp_security: Annotated[
        SmtpSecurity,
        Meta(description="How it is spoken to: starttls, tls from the start, or none."),
    ] = "starttls"
    smtp_user: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description="User name there. Not set: nobody signs in."),
    ] = None
    smtp_password_secret: Annotated[
        Annotated[str, Meta(min_length=1)] | None, Meta(description="Password there.")
    ] = None
    mail_sender: Annotated[
        Annotated[str, Meta(pattern=r"^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$")] | None,
        Meta(description="Sender of mails, as `Shop <shop@example.com>`. Not set: none is sent."),
    ] = None
    mailboxes_secret: Annotated[
        Annotated[str, Meta(min_length=2)] | None,
        Meta(
            description="How mailboxes are reached, as JSON by their codes: "
            '{"support": {"host": "imap.example.com", "user": "...", "password": "..."}, '
            '"form": {"webhook": "..."}}. Not set: none.'
        ),
    ] = None
    live_connections: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            description="Open connections for subscriptions per process, 0 to 100000.",
        ),
    ] = 1_000
    live_subscriptions_per_token: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Subscriptions of one token or person per process, 1 to 10000.",
        ),
    ] = 100
    query_timeout_s: Annotated[
        int, Meta(ge=1, le=600, description="Longest query, 1 to 600 seconds.")
    ] = 10
    mutation_timeout_s: Annotated[
        int, Meta(ge=1, le=600, description="Longest mutation, 1 to 600 seconds.")
    ] = 30
    budget_capacity: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000_000,
            description="Cost that one token or member of staff may spend at once, to 1000000000. "
            "0: no budgets.",
        ),
    ] = 1_000_000
    budget_restore_per_s: Annotated[
        int,
        Meta(ge=1, le=1_000_000_000, description="Cost that comes back in a second, from 1."),
    ] = 50_000
    budget_store: Annotated[
        BudgetStore | None,
        Meta(
            description="Where budgets are kept: memory, database or redis. Not set: memory for "
            "one server process, the database for several."
        ),
    ] = None
    redis_url: Annotated[
        Annotated[str, Meta(pattern=r"^(rediss?|unix)://\S+$")] | None,
        Meta(description="Redis that keeps budgets: redis://:PASSWORD@HOST:6379/0. Not set: none."),
    ] = None
    cursor_secret: Annotated[
        Annotated[str, Meta(min_length=_CURSOR_SECRET_LENGTH_MIN)] | None,
        Meta(
            description="Key that signs page cursors, at least 32 characters, same on all servers."
        ),
    ] = None
    encryption_keys_secret: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="Keys that values at rest are sealed with, newest first: id:base64,"
            "id:base64. `backoffice keys create` makes one. Production needs this or the file."
        ),
    ] = None
    encryption_keys_file: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description="File with the same, a line each. Not set: the setting above."),
    ] = None
    carriers_secret: Annotated[
        Annotated[str, Meta(min_length=2)] | None,
        Meta(
            description="What signs in to carriers, as JSON by their codes: "
            '{"dhl": {"username": "...", "password": "..."}}. Not set: none.'
        ),
    ] = None
    audit_secret: Annotated[
        Annotated[str, Meta(min_length=_AUDIT_SECRET_LENGTH_MIN)] | None,
        Meta(
            description="Key that signs the seals of the log, at least 32 characters; behind it, "
            "separated by commas, those used before. Not set: seals are not signed."
        ),
    ] = None
    cors_origins: Annotated[
        tuple[str, ...],
        Meta(
            description="Web origins whose pages may call the API, separated by commas: "
            "https://admin.example.com. No star."
        ),
    ] = ()
    hsts_max_age_s: Annotated[
        int,
        Meta(ge=0, description="How long browsers must insist on HTTPS, in seconds. 0: not said."),
    ] = 0

    second_factor: Annotated[
        tuple[str, ...],
        Meta(
            description="Of whom of the staff a second factor is demanded: all, or who holds one "
            "of these scopes: access:write,payment-runs:export. Not set: of nobody."
        ),
    ] = ()
    fresh_code_scopes: Annotated[
        tuple[str, ...],
        Meta(
            description="Scopes that staff hold only for ten minutes after a code of the second "
            "factor: privacy:erase,payment-runs:export. Not set: none."
        ),
    ] = ()
    oidc_secret: Annotated[
        Annotated[str, Meta(min_length=2)] | None,
        Meta(
            description="Identity provider that staff may sign in through, as JSON: "
            '{"issuer": "https://login.example.com", "clientId": "...", "clientSecret": "...", '
            '"redirectUrl": "https://admin.example.com/signed-in"}. Not set: none.'
        ),
    ] = None

    stripe_api_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(description="Secret key of the gateway `stripe`. Not set: there is no such gateway."),
    ] = None
    stripe_webhook_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(description="What the gateway `stripe` signs its messages with."),
    ] = None
    stripe_url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s/]+/?$",
            description="Address of the gateway `stripe`, which may be another one that speaks as "
            "it does.",
        ),
    ] = "https://api.stripe.com"

    webhook_ports: Annotated[
        tuple[int, ...],
        Meta(description="Ports that webhooks may lead to besides 80 and 443: 8443,8080."),
    ] = ()
    webhook_loopback: Annotated[
        bool,
        Meta(description="Let webhooks lead to this machine, for trying: true or false."),
    ] = False

    easypost_api_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(description="Key of EasyPost, to ask about parcels. Not set: it is not asked."),
    ] = None
    easypost_webhook_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(description="What EasyPost signs its messages with. Not set: none is taken in."),
    ] = None
    easypost_carriers: Annotated[
        str | None,
        Meta(
            description="Carriers about which EasyPost is asked, by code: usps,ups. Not set: none."
        ),
    ] = None
    easypost_url: Annotated[
        str, Meta(pattern=r"^https?://[^\s/]+/?$", description="Address of EasyPost.")
    ] = "https://api.easypost.com"
    shippo_api_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(description="Key of Shippo, to ask about parcels. Not set: it is not asked."),
    ] = None
    shippo_webhook_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(description="What Shippo signs its messages with. Not set: none is taken in."),
    ] = None
    shippo_carriers: Annotated[
        str | None,
        Meta(description="Carriers about which Shippo is asked, by code: usps,ups. Not set: none."),
    ] = None
    shippo_url: Annotated[
        str, Meta(pattern=r"^https?://[^\s/]+/?$", description="Address of Shippo.")
    ] = "https://api.goshippo.com"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], dotenv_path: Path | None = None) -> Self:
        """The settings named in `environ` and, where it is silent, in the file at `dotenv_path`.

        A file that is not there is an empty one.

        Raises:
            SettingsError: some value cannot be used, the file is not a list of `KEY=VALUE`,
                or it has a `BACKOFFICE_` variable that is no setting.
        """
        from_file = read_dotenv(dotenv_path) if dotenv_path is not None else {}
        # Only the file is checked for unknown names: other tools may share the prefix.
        faults = [
            f"{name} is in the .env file and is not a setting."
            for name in from_file
            if name.startswith(PREFIX) and name not in set(variables())
        ]
        given = {
            field: text
            for name, field in variables().items()
            if (text := environ.get(name) or from_file.get(name))
        }
        if given.get("environment") == "development":
            given = _DEVELOPMENT | given

        values: dict[str, Any] = {}
        for field, text in given.items():
            try:
                values[field] = _parsed(field, text)
            except (ValueError, msgspec.ValidationError):
                faults.append(f"{_variable(field)} cannot be used. Expected: {describe(field)}")
        if values.get("trusted_documents_only") and "trusted_documents" not in given:
            faults.append(
                "BACKOFFICE_TRUSTED_DOCUMENTS_ONLY needs BACKOFFICE_TRUSTED_DOCUMENTS: nothing "
                "would be answered."
            )
        if values.get("budget_store") == "redis" and "redis_url" not in given:
            faults.append("BACKOFFICE_BUDGET_STORE=redis needs BACKOFFICE_REDIS_URL.")
        if values.get("environment", "production") == "production":
            faults += [
                f"{_variable(field)} cannot be used in production: {fault}. "
                "`openssl rand -hex 32` makes a good one, where it is yours to choose."
                for field, value in values.items()
                if field.endswith("_secret") and (fault := weakness(field, value))
            ]
        if faults:
            raise SettingsError(tuple(faults))
        return cls(**values)

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{n}={v!r}' for n, v in self._shown())})"

    def _shown(self) -> Iterator[tuple[str, object]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.endswith("_secret") and value is not None:
                value = HIDDEN
            yield field.name, without_secrets(value) if isinstance(value, str) else value


def variables() -> Mapping[str, str]:
    """Environment variable -> name of the setting, in the order in which they are documented."""
    return {_variable(field.name): field.name for field in fields(Settings)}


def describe(field: str) -> str:
    """What a setting means, with its unit and the values that it takes."""
    for note in _hints()[field].__metadata__:
        if note.description:
            return str(note.description)
    raise LookupError(field)


def _variable(field: str) -> str:
    return PREFIX + field.upper()


@cache
def _hints() -> Mapping[str, Any]:
    return get_type_hints(Settings, include_extras=True)


def _parsed(field: str, text: str) -> object:
    """The value that `text` stands for. Raises ValueError or msgspec.ValidationError."""
    if field == "cors_origins":
        origins = tuple(origin.strip() for origin in text.split(","))
        if not all(map(_ORIGIN.fullmatch, origins)):
            raise ValueError(field)
        return origins
    if field in ("second_factor", "fresh_code_scopes"):
        named = tuple(scope.strip() for scope in text.split(","))
        if set(named) - ALL_SCOPES - ({ALL_STAFF} if field == "second_factor" else set()):
            raise ValueError(field)
        return named
    if field == "trusted_proxies":
        return tuple(str(ip_address(address.strip())) for address in text.split(","))
    if field == "webhook_ports":
        ports = tuple(int(port) for port in text.split(","))
        if not all(1 <= port <= _PORT_MAX for port in ports):
            raise ValueError(field)
        return ports
    return msgspec.convert(text, _hints()[field], strict=False)
