"""Mails as they are read: what people and programs write, and what nobody should."""

import time
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backoffice_api.adapters.mail_parsing import read_mail
from backoffice_api.adapters.mail_text import quoted_from, text_of_html
from backoffice_api.domain.mailboxes.model.addresses import (
    LOCAL_PART_LENGTH_MAX,
    signed_address,
    ticket_named,
    without_code,
)
from backoffice_api.domain.mailboxes.model.letters import (
    REFERENCES_MAX,
    SUBJECT_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    Letter,
    UnreadableError,
)
from tests.mailboxes.room import mail
from tests.thorough import within

HEAD = b"From: ana@example.com\r\nSubject: x\r\n"
NESTED = b"".join(
    b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (at, at + 1)
    for at in range(90)
)
_TEXT = some.text(some.characters(blacklist_categories=("Cs", "Cc")), max_size=200)


def read(raw: bytes) -> Letter | None:
    """What a mail says, or None; whatever it is, within a second and within bounds."""
    began = time.perf_counter()
    try:
        letter = read_mail(raw)
    except UnreadableError:
        return None
    finally:
        assert time.perf_counter() - began < within(3)
    assert len(letter.text) <= TEXT_LENGTH_MAX
    assert len(letter.subject) <= SUBJECT_LENGTH_MAX
    assert len(letter.references) <= REFERENCES_MAX
    said = (letter.text, letter.subject, letter.sender_name, letter.mail_id or "")
    assert not set("".join(said)) & set("\0\r\ud800")
    assert letter.quoted_from is None or 0 <= letter.quoted_from <= len(letter.text)
    return letter


class TestReading:
    @settings(max_examples=15)
    @given(subject=_TEXT, name=_TEXT, text=_TEXT, html=some.booleans())
    def test_gives_back_what_was_written(self, subject, name, text, html):
        written = EmailMessage(policy=SMTP)
        words = " ".join(subject.split())
        written["From"] = "ana@example.com"
        written["Subject"] = words
        written["Message-ID"] = "<1@example.com>"
        written.set_content(text)
        if html:
            written.add_alternative("<p>else</p>", subtype="html")
        written.add_attachment(b"x", maintype="text", subtype="csv", filename="a.csv")

        letter = read(written.as_bytes())

        assert letter is not None
        assert (letter.sender, letter.mail_id) == ("ana@example.com", "1@example.com")
        assert letter.text.split() == (text.split() or (["else"] if html else []))
        assert [(each.name, each.content) for each in letter.parts] == [("a.csv", b"x")]

    @settings(max_examples=15)
    @given(some.binary(max_size=400), some.integers(0, 600), some.binary(max_size=20))
    def test_survives_what_is_broken(self, noise, at, other):
        whole = mail("Hello", References="<a@b> <c@d>", Content_Type="multipart/mixed; boundary=x")
        whole += b"--x\r\nContent-Type: text/html; charset=utf-16\r\n\r\n" + noise + b"\r\n--x--"

        read(noise)
        read(HEAD + noise)
        read(whole[:at] + other + whole[at:])
        read(whole[:at])

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b"\n\n" + b"x" * 1000, id="no-headers"),
            pytest.param(HEAD + b"X: y\r\n" * 60_000 + b"\r\nx", id="headers"),
            pytest.param(
                HEAD
                + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
                + NESTED
                + b"x\n" * 10**6,
                id="depth",
            ),
            pytest.param(
                HEAD
                + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
                + b"--a\r\n\r\n" * 10**5,
                id="parts",
            ),
            pytest.param(HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2_000, id="nested"),
            pytest.param(
                HEAD + b"Content-Type: a/b" + b';"' * 9_000 + b"\r\n\r\nx", id="parameters"
            ),
            pytest.param(b"x" * 10_000_001, id="size"),
        ],
    )
    def test_refuses_what_would_take_its_time(self, raw):
        assert read(raw) is None

    @pytest.mark.parametrize(
        "raw",
        [
            HEAD + b"To: " + b"(" * 100_000 + b"\r\n\r\nx",
            HEAD + b"References: " + b"<a@b> " * 40_000 + b"\r\n\r\nx",
            HEAD + b"Date: 99999999999999\r\n\r\nx",
            HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a" * 10**6,
            HEAD + b"Content-Type: text/plain; charset=zlib\r\n\r\nx",
            HEAD + b"Content-Type: text/html\r\n\r\n" + b'<a ">"' * 90_000,
            HEAD + b"Content-Type: text/html\r\n\r\n&#" + b"9" * 10_000 + b";",
            HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n" + b"M" * 10**6,
        ],
    )
    def test_reads_the_rest_of_what_is_odd(self, raw):
        letter = read(raw)

        assert letter is not None
        assert letter.sender == "ana@example.com"

    def test_takes_the_nearest_reference_last_and_names_decoded(self):
        raw = mail(
            sender="=?utf-8?Q?Jos=C3=A9?= <jose@example.com>",
            subject="=?iso-8859-1?B?R3L232U=?=",
            References="<a@x>\r\n <b@x>",
            In_Reply_To="<c@x>",
        )

        letter = read(raw)

        assert letter is not None
        assert (letter.sender_name, letter.subject) == ("José", "Größe")
        assert letter.references == ("a@x", "b@x", "c@x")

    @pytest.mark.parametrize("name", ["=?utf-8?q?shop=40bank.example=2C?=", "=?utf-8?q?a@b=3E?="])
    def test_takes_no_address_out_of_an_encoded_name(self, name):
        letter = read(mail(sender=f"{name} <mallory@example.com>", to=f"{name} <s@shop.example>"))

        assert letter is not None
        assert letter.sender == "mallory@example.com"
        assert letter.recipients == ("s@shop.example",)


class TestHtml:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
            ("<style>p{}</style><script>x()</script>a<!-- b -->c", "ac"),
            ("<a href='https://x.example/y'>here</a>", "here <https://x.example/y>"),
            ("<a href='javascript:x()'>here</a>", "here"),
            ("a &lt;b&gt; &amp; 1 < 2", "a <b> & 1 < 2"),
            (
                "new<blockquote>old<blockquote>older</blockquote></blockquote>",
                "new\n> old\n> > older",
            ),
            ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
            ("<p>a</p><script>never ends", "a"),
            ("<b title='>'>x</b> <unclosed", "x"),
        ],
    )
    def test_reads_as_text(self, html, text):
        assert text_of_html(html) == text

    @settings(max_examples=15)
    @given(some.lists(some.sampled_from(["<", ">", "a", '"', "'", "<!--", "<p", "</", "&#", ";"])))
    def test_never_fails(self, pieces):
        text_of_html("".join(pieces))


class TestQuotes:
    @pytest.mark.parametrize(
        ("text", "own"),
        [
            ("Yes\n\nOn Mon, Bea <b@x>\nwrote:\n\n> no", "Yes"),
            ("Sim\n\nEm seg., Bea escreveu:\n> não\n> nada\n", "Sim"),
            ("Ja\n\nAm 1.3. schrieb Bea:\n> nein", "Ja"),
            ("Yes\n-----Original Message-----\nFrom: Bea\n\nno", "Yes"),
            ("Yes\n________________________________\nFrom: Bea\nno", "Yes"),
            ("> no\n> no", ""),
        ],
    )
    def test_begin_where_nothing_new_is_said(self, text, own):
        begins = quoted_from(text)

        assert begins is not None
        assert text[:begins].strip() == own

    @pytest.mark.parametrize("text", ["Yes", "> no\nYes", "On Monday I wrote: nothing came."])
    def test_are_none_where_something_is(self, text):
        assert quoted_from(text) is None


class TestAddresses:
    KEY = "ab" * 32

    @settings(max_examples=15)
    @given(id=some.uuids(), at=some.integers(8, 46))
    def test_name_the_ticket_that_they_were_made_for(self, id: UUID, at: int):
        box = "support@shop.example"
        address = signed_address(self.KEY, box, id)
        changed = address[:at] + ("b" if address[at] != "b" else "c") + address[at + 1 :]

        assert len(address.partition("@")[0]) <= 64
        assert ticket_named(self.KEY, box, ["x@y", address.upper()]) == id
        assert ticket_named("cd" * 32, box, [address]) is None
        assert ticket_named(self.KEY, "sales@shop.example", [address]) is None
        # The last digit of the code holds three bits that say nothing.
        assert at == 46 or ticket_named(self.KEY, box, [changed]) is None
        assert without_code(address) == box

    def test_stay_as_they_are_without_room(self):
        box = "x" * (LOCAL_PART_LENGTH_MAX + 1) + "@shop.example"

        assert signed_address(self.KEY, box, UUID(int=1)) == box
