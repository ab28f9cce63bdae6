"""An identity provider as OpenID Connect Core 1.0 describes one: the code flow, with PKCE.

What it publishes of itself and its keys are asked for when they are first needed and kept for an
hour. A token signed with a key that is not known yet has the keys asked for once more, once a
minute at most, so that the provider may change them and nobody else can have us ask.
"""

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from backoffice_api.domain.identity.model.providers import (
    ISSUER_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    Identity,
    Outward,
)
from backoffice_api.domain.kernel.secret import Secret

# Only what takes a private key to make: never `none`, never a secret that we know as well.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
LEEWAY_S = 60
KEPT_S = 3_600.0
ASKED_AGAIN_AFTER_S = 60.0
TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
ANSWER_BYTES_MAX = 200_000

T = TypeVar("T")

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderFailsError(Exception):
    """The provider does not answer, or not as it should. The message is for the log."""


class UnfitTokenError(Exception):
    """What came from the provider proves nothing. The message is for the log."""


class _Published(msgspec.Struct):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct):
    id_token: str


class Provider:
    """One provider, at which this installation is known as `client_id`.

    `redirect_url` is the page to which it sends people back. `max_age_s`: a sign-in there that is
    older has to be done again; None: any is taken. `acr_values`: the classes of sign-ins (`acr`)
    that take more than one factor there; they are asked for. `groups`: only who is in one of them
    there is let in, by what the token says in `groups_claim`; none: anybody is. `clock_s` counts
    seconds since 1970.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: Secret | None,
        redirect_url: str,
        *,
        max_age_s: int | None = None,
        acr_values: Sequence[str] = (),
        groups: Sequence[str] = (),
        groups_claim: str = "groups",
        transport: httpx2.AsyncBaseTransport | None = None,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        assert len(issuer) <= ISSUER_LENGTH_MAX
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_url = redirect_url
        self._max_age_s = max_age_s
        self._acr_values = acr_values
        self._groups = frozenset(groups)
        self._groups_claim = groups_claim
        self._clock_s = clock_s
        self._transport = transport
        self._published: tuple[float, _Published] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def sign_in_url(self, outward: Outward) -> str:
        """Where to send somebody who wants to sign in.

        Raises:
            ProviderFailsError: the provider does not say where that is.
        """
        published = await self._about()
        asked = {
            "response_type": "code",
            "scope": "openid email",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_url,
            "state": outward.state,
            "nonce": outward.nonce,
            "code_challenge": outward.challenge,
            "code_challenge_method": "S256",
        }
        if self._max_age_s is not None:
            asked["max_age"] = str(self._max_age_s)
        if self._acr_values:
            asked["acr_values"] = " ".join(self._acr_values)
        joint = "&" if urlsplit(published.authorization_endpoint).query else "?"
        return f"{published.authorization_endpoint}{joint}{urlencode(asked)}"

    async def identity(self, code: Secret, verifier: Secret, nonce: str) -> Identity:
        """Who came back with this code.

        Raises:
            UnfitTokenError: the code is wrong, or the token that it gives proves nothing to us.
            ProviderFailsError: the provider does not answer.
        """
        published = await self._about()
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": self._redirect_url,
            "code_verifier": verifier.reveal(),
            "client_id": self._client_id,
        }
        auth = None
        if self._client_secret is not None:
            if "client_secret_basic" in published.token_endpoint_auth_methods_supported:
                auth = httpx2.BasicAuth(self._client_id, self._client_secret.reveal())
            else:
                form["client_secret"] = self._client_secret.reveal()
        answer = await self._asked(published.token_endpoint, _Tokens, form, auth)
        return self._checked(await self._claims(answer.id_token), nonce)

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """What a token says whose signature is the provider's."""
        keys = await self._known_keys(KEPT_S)
        try:
            try:
                return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            except InvalidKeyIdError:
                keys = await self._known_keys(ASKED_AGAIN_AFTER_S)
                return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError) as fault:
            raise UnfitTokenError(f"signature: {type(fault).__name__}") from None

    def _checked(self, claims: Mapping[str, Any], nonce: str) -> Identity:
        """Who it is, if the token is meant for us and for now (section 3.1.3.7)."""
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock_s()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as fault:
            raise UnfitTokenError(f"claims: {type(fault).__name__} {fault}") from None
        if claims.get("azp", self._client_id) != self._client_id:
            raise UnfitTokenError("claims: azp")
        if self._groups and self._groups.isdisjoint(_texts(claims.get(self._groups_claim))):
            raise UnfitTokenError(f"claims: {self._groups_claim}")
        subject, email, factors = claims["sub"], claims.get("email"), claims.get("amr")
        if not 0 < len(subject) <= SUBJECT_LENGTH_MAX or not subject.isascii():
            raise UnfitTokenError("claims: sub")
        is_verified = isinstance(email, str) and claims.get("email_verified") is True
        # RFC 8176, section 2; classes are the provider's own.
        by_second = isinstance(factors, list) and "mfa" in factors
        by_second = by_second or claims.get("acr") in self._acr_values
        signed_in_at = self._signed_in_at(claims.get("auth_time"))
        return Identity(
            self._issuer, subject, email if is_verified else None, by_second, signed_in_at
        )

    def _signed_in_at(self, said: object) -> datetime | None:
        """When they signed in at the provider: it must say so where an age is asked for."""
        now_s = self._clock_s()
        if said is None and self._max_age_s is None:
            return None
        if type(said) is not int or not 0 <= said <= now_s + LEEWAY_S:
            raise UnfitTokenError("claims: auth_time")
        if self._max_age_s is not None and now_s - said > self._max_age_s + LEEWAY_S:
            raise UnfitTokenError("claims: auth_time is too long ago")
        return datetime.fromtimestamp(said, UTC)

    async def _about(self) -> _Published:
        if self._published is None or self._clock_s() - self._published[0] >= KEPT_S:
            url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await self._asked(url, _Published)
            if found.issuer != self._issuer:
                raise ProviderFailsError("it says that it is another one")
            for each in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                _check_safe(each)
            self._published = (self._clock_s(), found)
        return self._published[1]

    async def _known_keys(self, kept_s: float) -> KeySet:
        if self._keys is None or self._clock_s() - self._keys[0] >= kept_s:
            url = (await self._about()).jwks_uri
            found = await self._asked(url, dict[str, Any])
            try:
                keys = KeySet.import_key_set(_only_public(found))
            except (JoseError, ValueError, TypeError, KeyError) as fault:
                raise ProviderFailsError(f"its keys: {type(fault).__name__}") from None
            self._keys = (self._clock_s(), keys)
        return self._keys[1]

    async def _asked(
        self,
        url: str,
        shape: type[T],
        form: Mapping[str, str] | None = None,
        auth: httpx2.Auth | None = None,
    ) -> T:
        """What is answered, read as what it should be. `form`: what is posted."""
        content = b""
        try:
            # A client for each: people sign in seldom, and it keeps no cookies.
            async with self._client() as client:
                method = "GET" if form is None else "POST"
                request = client.build_request(method, url, data=form)
                answer = await client.send(request, auth=auth, stream=True)
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > ANSWER_BYTES_MAX:
                        raise ProviderFailsError("its answer is too long")
                await answer.aclose()
        except httpx2.HTTPError as failure:
            raise ProviderFailsError(type(failure).__name__) from None
        if form is not None and 400 <= answer.status_code < 500:
            raise UnfitTokenError(f"the code was refused with {answer.status_code}")
        if answer.status_code != 200:
            raise ProviderFailsError(f"it answers {answer.status_code}")
        try:
            return msgspec.json.decode(content, type=shape)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise ProviderFailsError("its answer has another form") from None

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            timeout=httpx2.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
            trust_env=False,
            transport=self._transport,
            verify=_trusted(),
        )


def _texts(said: object) -> list[str]:
    """What a claim says that is a list, or the one text of it."""
    found = said if isinstance(said, list) else [said]
    return [each for each in found if isinstance(each, str)]


@cache
def _trusted() -> ssl.SSLContext:
    """Loaded once: it takes 20 ms, in which the event loop answers nobody."""
    return httpx2.create_ssl_context(trust_env=False)


def _check_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise ProviderFailsError("an address of it is not https")


def _only_public(found: Mapping[str, Any]) -> Any:
    """Keys to compare signatures with. Others, as those for sealing, may be of unknown kinds."""
    fit = [
        each
        for each in found["keys"]
        if each.get("use", "sig") == "sig" and each.get("kty") in ("RSA", "EC", "OKP")
    ]
    return {"keys": fit}
