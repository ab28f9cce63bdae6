"""A server on loopback that speaks as much IMAP (RFC 3501, RFC 6851) as a mailbox needs."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PASSWORD = "open sesame"
_LITERAL = re.compile(rb"\(BODY\.PEEK\[\](?:<0\.(\d+)>)?\)", re.IGNORECASE)


class ImapBox:
    """What lies in the folders of the server, by uid, and how it is to behave."""

    def __init__(self) -> None:
        self.port = 0
        self.tls: ssl.SSLContext | None = None
        self.clear()

    def clear(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.moved: dict[int, str] = {}
        self.fetched: list[int] = []
        self.capabilities = "IMAP4rev1 MOVE"
        self.is_away = False
        self.logins: list[str] = []
        self.claims: int | None = None
        self.hangs_up_at: str | None = None
        self.keeps_back: set[int] = set()
        self._next = 1

    def put(self, raw: bytes) -> int:
        uid, self._next = self._next, self._next + 1
        self.mails[uid], self.flags[uid] = raw, set()
        return uid

    def waiting(self) -> list[int]:
        """Those that lie where they came, and were not seen."""
        return [uid for uid in self.mails if uid not in self.moved and not self.flags[uid]]


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        box = self.server.box
        if box.is_away:
            return
        self.say(f"* OK [CAPABILITY {box.capabilities}] ready")
        while line := self.rfile.readline(65_536):
            self.tag, _, words = line.decode().strip().partition(" ")
            command, _, rest = words.partition(" ")
            if command.upper() == "UID":
                command, _, rest = rest.partition(" ")
            if box.hangs_up_at == command.upper():
                return
            answer = getattr(self, f"do_{command.lower()}", lambda _: "BAD no such command")(rest)
            if answer:
                self.say(f"{self.tag} {answer}")
            if command.upper() == "LOGOUT":
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def setup_streams(self) -> None:
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def do_capability(self, _: str) -> str:
        self.say(f"* CAPABILITY {self.server.box.capabilities}")
        return "OK done"

    def do_starttls(self, _: str) -> str:
        assert self.server.box.tls is not None
        self.say(f"{self.tag} OK begin")
        self.connection = self.server.box.tls.wrap_socket(self.connection, server_side=True)
        self.setup_streams()
        return ""

    def do_login(self, rest: str) -> str:
        self.server.box.logins.append(rest)
        if f'"{PASSWORD}"' in rest:
            return "OK signed in"
        return f"NO wrong: {rest}"

    def do_select(self, rest: str) -> str:
        if rest != '"INBOX"':
            return "NO such folder"
        self.say(f"* {len(self.server.box.mails)} EXISTS")
        return "OK [READ-WRITE] selected"

    def do_search(self, rest: str) -> str:
        box = self.server.box
        found = [
            uid
            for uid in box.mails
            if uid not in box.moved
            and r"\Deleted" not in box.flags[uid]
            and not ("UNSEEN" in rest and r"\Seen" in box.flags[uid])
        ]
        self.say(f"* SEARCH {' '.join(map(str, found))}".rstrip())
        return "OK searched"

    def do_fetch(self, rest: str) -> str:
        box = self.server.box
        key, _, what = rest.partition(" ")
        uid = int(key)
        raw = box.mails[uid]
        if what == "(RFC822.SIZE)":
            self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {box.claims or len(raw)})")
            return "OK fetched"
        found = _LITERAL.fullmatch(what.encode())
        assert found, what
        if uid in box.keeps_back:
            return "NO it cannot be read"
        box.fetched.append(uid)
        raw = raw[: int(found[1])] if found[1] else raw
        self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}")
        self.wfile.write(raw + b")\r\n")
        return "OK fetched"

    def do_store(self, rest: str) -> str:
        key, _, flags = rest.partition(" ")
        self.server.box.flags[int(key)] |= set(re.findall(r"\\\w+", flags))
        return "OK stored"

    def do_copy(self, rest: str) -> str:
        return "OK copied"

    def do_move(self, rest: str) -> str:
        key, _, folder = rest.partition(" ")
        self.server.box.moved[int(key)] = folder.strip('"')
        return "OK moved"

    def do_logout(self, _: str) -> str:
        self.say("* BYE")
        return "OK bye"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, box: ImapBox, *, over_tls: bool) -> None:
        self.box = box
        self.over_tls = over_tls
        super().__init__(("127.0.0.1", 0), _Conversation)

    def get_request(self) -> tuple[Any, Any]:
        request, address = super().get_request()
        if self.over_tls and self.box.tls is not None:
            # The handshake is of the conversation: who breaks it off must not keep others waiting.
            request = self.box.tls.wrap_socket(
                request, server_side=True, do_handshake_on_connect=False
            )
        return request, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever leaves in the middle is no matter."""


@contextmanager
def imap_server(tls: ssl.SSLContext | None = None, *, starts: bool = False) -> Iterator[ImapBox]:
    """`tls`: with what it proves its name; `starts`: only when it is asked to (STARTTLS)."""
    box = ImapBox()
    box.tls = tls
    if starts:
        box.capabilities += " STARTTLS"
    with _Server(box, over_tls=tls is not None and not starts) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
