"""How a server of this installation works: what it works on, listens to, tells and allows."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

_DATABASE_URL = r"^(sqlite:///|postgres(ql)?(\+psycopg)?://)\S*$"
_CURSOR_SECRET_LENGTH_MIN = 32
_AUDIT_SECRET_LENGTH_MIN = 32

Environment = Literal["development", "production"]
LogFormat = Literal["console", "json"]
SmtpSecurity = Literal["none", "starttls", "tls"]
LogLevel = Literal["debug", "info", "warning", "error"]
Metrics = Literal["off", "token", "open"]
BudgetStore = Literal["memory", "database", "redis"]


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ServerSettings:
    """All settings but those of services of others. The defaults are those of production."""

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
            '"redirectUrl": "https://admin.example.com/signed-in"}; also "maxAgeS": how old a '
            'sign-in there may be, "acrValues": of sign-ins with two factors, "groups": who may '
            'come in, by the claim "groups" or what "groupsClaim" names. Not set: none.'
        ),
    ] = None
