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
from typing import Annotated, Any, Self, get_type_hints

import msgspec
from msgspec import Meta

from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.dotenv import SettingsError, read_dotenv
from backoffice_api.redaction import HIDDEN, without_secrets
from backoffice_api.server_settings import ServerSettings
from backoffice_api.weak_secrets import weakness

PREFIX = "BACKOFFICE_"

# As browsers send it: lower case, no path, no trailing slash. `*` and `null` are no origins.
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_PORT_MAX = 65_535
ALL_STAFF = "all"  # in place of scopes

# What is safe on a developer's machine and not on the internet, where nothing is said of it.
_DEVELOPMENT = {"introspection": "true", "graphiql": "true", "log_format": "console"}


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Settings(ServerSettings):
    """The settings of one process. The defaults are those of production."""

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

    nfe_secret: Annotated[
        Annotated[str, Meta(min_length=2)] | None,
        Meta(
            description="Certificates (ICP-Brasil A1) that sign NF-e, as JSON by CNPJ: "
            '{"11222333000181": {"pfx": "BASE64", "password": "..."}}. Not set: none is signed.'
        ),
    ] = None
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
    melhor_envio_webhook_secret: Annotated[
        Annotated[str, Meta(min_length=8)] | None,
        Meta(
            description="Secret of the application at Melhor Envio, with which it signs messages. "
            "Not set: none is taken in."
        ),
    ] = None
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
