"""The ways to sign in, as the settings name them."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.routing import Route

from backoffice_api.context import Threads
from backoffice_api.domain.identity.model.factors import Demand
from backoffice_api.domain.identity.model.providers import ISSUER_LENGTH_MAX
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.dotenv import SettingsError
from backoffice_api.settings import ALL_STAFF, Settings
from backoffice_api.web.login import Login

# What is said there must not be read by others; on one's own machine it may be.
_SAFE = r"^(https://[^\s/?#]+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?)(/[^\s?#]*)?$"


def demand_of(settings: Settings) -> Demand:
    """Of whom a second factor is demanded, and for what anew."""
    of_all = ALL_STAFF in settings.second_factor
    scopes = frozenset() if of_all else frozenset(settings.second_factor)
    return Demand(of_all, scopes, frozenset(settings.fresh_code_scopes))


def sign_in_routes(settings: Settings, database: Database, threads: Threads) -> list[Route]:
    """The doors at which staff sign in and out.

    Raises:
        SettingsError: a provider is named badly, or what speaks with it is not installed.
    """
    login = Login(database, threads, demand=demand_of(settings))
    if settings.oidc_secret is None:
        return login.routes()
    return [*login.routes(), *_through_provider(login, settings.oidc_secret)]


class _Named(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A provider as the setting names it. Without a client secret, PKCE alone proves who asks.

    `max_age_s`: how old a sign-in there may be. `acr_values`: of sign-ins with two factors.
    `groups`: who may sign in, by what the token says of them in `groups_claim`. A list of none is
    refused: it would let in anybody, where nobody may be meant.
    """

    issuer: Annotated[str, Meta(max_length=ISSUER_LENGTH_MAX, pattern=_SAFE)]
    client_id: Annotated[str, Meta(min_length=1)]
    redirect_url: Annotated[str, Meta(pattern=_SAFE)]
    client_secret: Annotated[str, Meta(min_length=16)] | None = None
    max_age_s: Annotated[int, Meta(ge=0, le=31_536_000)] | None = None
    acr_values: tuple[Annotated[str, Meta(pattern=r"^[!-~]{1,200}$")], ...] = ()
    groups: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(min_length=1)
    ] = ()
    groups_claim: Annotated[str, Meta(min_length=1, max_length=200)] = "groups"


def _through_provider(login: Login, setting: str) -> list[Route]:
    try:
        named = msgspec.json.decode(setting, type=_Named)
    except msgspec.MsgspecError as fault:
        # Which quotes no values, and so no secret.
        raise SettingsError((f"BACKOFFICE_OIDC_SECRET cannot be used: {fault}",)) from None
    try:
        # An extra of the package: asked for by those only who name a provider.
        from backoffice_api.adapters.oidc import Provider
        from backoffice_api.web.provider_login import ProviderLogin
    except ImportError:
        lacking = "BACKOFFICE_OIDC_SECRET needs the extra: pip install 'backoffice-api[oidc]'."
        raise SettingsError((lacking,)) from None
    secret = Secret(named.client_secret) if named.client_secret else None
    provider = Provider(
        named.issuer,
        named.client_id,
        secret,
        named.redirect_url,
        max_age_s=named.max_age_s,
        acr_values=named.acr_values,
        groups=named.groups,
        groups_claim=named.groups_claim,
    )
    return ProviderLogin(login, provider).routes()
