"""Mailboxes on a server that speaks IMAP (RFC 3501), over TLS, bounded in time and size.

A mail is fetched without being marked (BODY.PEEK), and marked only when it is kept here: moved to
another folder, or flagged as seen. Nothing is ever deleted for good.
"""

import imaplib
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Literal

from backoffice_api.domain.mailboxes.model.letters import RAW_BYTES_MAX
from backoffice_api.domain.mailboxes.ports import SourceSilentError, WaitingMail

TIMEOUT_S = 20.0
# Of what is too large: enough to see whose it is.
BEGINNING_BYTES = 64 * 1024
# What a server may send in one answer beside a mail: more is none of a mailbox.
ANSWER_BYTES_MAX = 4_000_000
_LINE_BYTES_MAX = 1_000_000

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Security = Literal["tls", "starttls", "none"]


class _Bounded(imaplib.IMAP4):
    """Reads no more of an answer than there is reason for, whatever its length says."""

    def read(self, size: int) -> bytes:
        if size > RAW_BYTES_MAX + ANSWER_BYTES_MAX:
            raise self.abort("the answer is too large")
        return super().read(size)


class _BoundedOverTls(imaplib.IMAP4_SSL):
    """The same over TLS."""

    def read(self, size: int) -> bytes:
        if size > RAW_BYTES_MAX + ANSWER_BYTES_MAX:
            raise self.abort("the answer is too large")
        return super().read(size)


class ImapSources:
    """Opens mailboxes. `secrets`: JSON, by the codes of mailboxes how they are reached.

    `{"support": {"host": "imap.example.com", "user": "support", "password": "…"}}`; `port` and
    `security` (`tls`, `starttls`, on this machine also `none`) where they are not usual; `ca`, a
    file of certificates that are trusted besides those of the system.
    """

    def __init__(self, secrets: str | None, timeout_s: float = TIMEOUT_S) -> None:
        self._secrets = secrets
        self._timeout_s = timeout_s

    def knows(self, code: str) -> bool:
        return bool(secrets_of(self._secrets, code).get("host"))

    @contextmanager
    def open(self, code: str, folder: str, done_folder: str | None) -> Iterator["ImapMailbox"]:
        """Raises: SourceSilentError."""
        given = secrets_of(self._secrets, code)
        try:
            client = self._connected(code, given)
            try:
                self._sign_in(client, given)
                typ, _ = client.select(_quoted(folder))
                if typ != "OK":
                    raise SourceSilentError("The server has no such folder.")
                yield ImapMailbox(client, done_folder)
            finally:
                try:
                    client.logout()
                except (imaplib.IMAP4.error, OSError):
                    client.shutdown()
        except (imaplib.IMAP4.error, OSError, ValueError) as failure:
            raise SourceSilentError(_said(failure, given)) from None

    def _connected(self, code: str, given: Mapping[str, Any]) -> imaplib.IMAP4:
        host, security = str(given.get("host") or ""), given.get("security", "tls")
        if not host:
            raise SourceSilentError(f"BACKOFFICE_MAILBOXES_SECRET names no server for {code}.")
        port = given.get("port") or (993 if security == "tls" else 143)
        if security == "tls":
            context = _trusting(given)
            return _BoundedOverTls(host, int(port), ssl_context=context, timeout=self._timeout_s)
        if security == "none" and host not in _LOOPBACK:
            raise SourceSilentError("Without TLS, only servers on this machine are asked.")
        client = _Bounded(host, int(port), timeout=self._timeout_s)
        if security != "none":
            with ExitStack() as broken:
                broken.callback(_hang_up, client)
                client.starttls(_trusting(given))
                broken.pop_all()
        return client

    def _sign_in(self, client: imaplib.IMAP4, given: Mapping[str, Any]) -> None:
        try:
            client.login(str(given.get("user", "")), str(given.get("password", "")))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise SourceSilentError("The server does not let us in.") from None


class ImapMailbox:
    """One folder on a server, open."""

    def __init__(self, client: imaplib.IMAP4, done_folder: str | None) -> None:
        self._client = client
        self._done_folder = done_folder

    def waiting(self, limit: int) -> Iterator[WaitingMail]:
        """What lies in the folder, or has not been seen where nothing is moved out of it.

        What the server does not give keeps nothing waiting: it is told of behind the others.

        Raises:
            SourceSilentError: some were not given.
        """
        asked = ("UNDELETED",) if self._done_folder else ("UNSEEN", "UNDELETED")
        found = self._asked("SEARCH", None, *asked)
        numbers = b" ".join(each for each in found if isinstance(each, bytes)).split()
        keys = [each.decode() for each in numbers if each.isdigit() and len(each) <= 10]
        given, refused = 0, 0
        for key in sorted(keys, key=int):
            if given == limit or refused == limit:
                break
            try:
                mail = self._mail(key)
            except imaplib.IMAP4.abort:
                raise
            except (imaplib.IMAP4.error, SourceSilentError):
                refused += 1
                continue
            if mail:
                given += 1
                yield mail
        if refused and given < limit:
            raise SourceSilentError(f"The server does not give {refused} of its mails.")

    def done(self, key: str) -> None:
        """Move it away, or mark it as seen. To do so twice does no harm."""
        try:
            self._mark(key)
        except (imaplib.IMAP4.error, OSError) as failure:
            raise SourceSilentError(f"It could not be marked: {type(failure).__name__}.") from None

    def _mark(self, key: str) -> None:
        if self._done_folder is None:
            self._asked("STORE", key, "+FLAGS.SILENT", r"(\Seen)")
            return
        target = _quoted(self._done_folder)
        if "MOVE" in self._client.capabilities:  # RFC 6851
            self._asked("MOVE", key, target)
            return
        self._asked("COPY", key, target)
        self._asked("STORE", key, "+FLAGS.SILENT", r"(\Seen \Deleted)")

    def _mail(self, key: str) -> WaitingMail | None:
        """None: it has gone meanwhile."""
        size = self._size(key)
        if size is None:
            return None
        is_whole = size <= RAW_BYTES_MAX
        part = "BODY.PEEK[]" if is_whole else f"BODY.PEEK[]<0.{BEGINNING_BYTES}>"
        found = self._asked("FETCH", key, f"({part})")
        raw = next((each[1] for each in found if isinstance(each, tuple)), None)
        if raw is None:
            return None
        if len(raw) > RAW_BYTES_MAX:  # it is larger than the server said
            return WaitingMail(key, len(raw), False, raw[:BEGINNING_BYTES])
        return WaitingMail(key, max(size, len(raw)) if not is_whole else len(raw), is_whole, raw)

    def _size(self, key: str) -> int | None:
        for each in self._asked("FETCH", key, "(RFC822.SIZE)"):
            line = each[0] if isinstance(each, tuple) else each
            if isinstance(line, bytes) and (found := _SIZE.search(line)):
                return int(found.group(1))
        return None

    def _asked(self, command: str, key: str | None, *words: str) -> list[Any]:
        """Raises: IMAP4.error, OSError, SourceSilentError: the server says no."""
        given = words if key is None else (key, *words)
        typ, found = self._client.uid(command, *given)
        if typ != "OK":
            raise SourceSilentError(f"The server refuses {command}.")
        return list(found)


def secrets_of(secrets: str | None, code: str) -> Mapping[str, Any]:
    """What the settings say of a mailbox. Empty: nothing."""
    try:
        found = json.loads(secrets or "{}").get(code)
    except (ValueError, AttributeError):
        found = None
    return found if isinstance(found, dict) else {}


def _hang_up(client: imaplib.IMAP4) -> None:
    with suppress(OSError):  # it may be closed already
        client.shutdown()


def _trusting(given: Mapping[str, Any]) -> ssl.SSLContext:
    """Of servers, those that prove their name; TLS 1.2 or newer. Raises: OSError."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if file := given.get("ca"):
        context.load_verify_locations(str(file))
    return context


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def _said(failure: Exception, given: Mapping[str, Any]) -> str:
    """What went wrong, without the password: servers like to repeat what they were told."""
    said = f"{type(failure).__name__}: {failure}"
    for name in ("password", "user"):
        if hidden := str(given.get(name) or ""):
            said = said.replace(hidden, "…")
    return said
