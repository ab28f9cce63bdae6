"""Servers of mail are asked over TLS, and only those that prove who they are get the password."""

import json
from pathlib import Path
from typing import Any

import pytest

from backoffice_api.adapters.mail_imap import ImapSources
from backoffice_api.domain.mailboxes.ports import SourceSilentError
from tests.mailboxes.certificates import Authority
from tests.mailboxes.imap import PASSWORD, ImapBox, imap_server
from tests.mailboxes.room import mail


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def fetched(box: ImapBox, **values: Any) -> list[bytes]:
    """What a mailbox on the server has for us."""
    given = {"host": "localhost", "port": box.port, "user": "support", "password": PASSWORD}
    sources = ImapSources(json.dumps({"support": given | values}), timeout_s=5)
    with sources.open("support", "INBOX", None) as source:
        return [each.raw for each in source.waiting(10)]


@pytest.mark.parametrize("security", ["tls", "starttls"])
class TestTls:
    def test_fetches_from_who_proves_its_name(self, authority: Authority, security: str) -> None:
        with imap_server(authority.server("localhost"), starts=security == "starttls") as box:
            box.put(mail())
            found = fetched(box, security=security, ca=str(authority.file))

        assert found == [mail()]
        assert len(box.logins) == 1

    @pytest.mark.parametrize(("host", "days"), [("other.example", 1), ("localhost", -1)])
    def test_tells_nobody_else_the_password(
        self, authority: Authority, security: str, host: str, days: int
    ) -> None:
        known = authority.server(host, days=days)
        with (
            imap_server(known, starts=security == "starttls") as box,
            pytest.raises(SourceSilentError) as silent,
        ):
            fetched(box, security=security, ca=str(authority.file))

        assert "CERTIFICATE_VERIFY_FAILED" in str(silent.value)
        assert box.logins == []

    def test_trusts_no_authority_that_is_not_named(
        self, authority: Authority, security: str, tmp_path: Path
    ) -> None:
        with imap_server(authority.server("localhost"), starts=security == "starttls") as box:
            for more in ({}, {"ca": str(Authority(tmp_path).file)}, {"ca": "/nowhere.pem"}):
                with pytest.raises(SourceSilentError):
                    fetched(box, security=security, **more)

        assert box.logins == []


def test_no_password_goes_over_the_network_in_plain_words() -> None:
    with imap_server() as box:
        for security in ("tls", "starttls"):
            with pytest.raises(SourceSilentError):
                fetched(box, security=security)
        with pytest.raises(SourceSilentError, match="only servers on this machine"):
            fetched(box, security="none", host="mail.example.com")

    assert box.logins == []
