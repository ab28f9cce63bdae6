"""By what a mail is told to be written by a program: RFC 3834, RFC 3464, and what others use."""

import re
from collections.abc import Mapping

from backoffice_api.domain.mailboxes.model.letters import Automatic

_REPLY_SUBJECTS = re.compile(
    r"(?:auto(?:matic|matische|mática)?[\s-]*(?:re:|reply|response|antwort|resposta)"
    r"|out of (?:the )?office|abwesenheit|resposta automática|respuesta automática)",
    re.IGNORECASE,
)
_DAEMONS = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
_SILENT = frozenset({"no-reply", "noreply", "donotreply", "do-not-reply"})
_TO_MANY = frozenset({"bulk", "junk", "list"})
_REPLYING = ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-mail-autoreply")


def recognise(headers: Mapping[str, str], sender: str, subject: str, report: str) -> Automatic:
    """Whether a person wrote a mail.

    `headers`: by their names in small letters. `report`: of which kind the report is that it
    says to be (`report-type` of multipart/report), else empty.
    """
    local_part = sender.partition("@")[0].lower()
    if report == "delivery-status" or "x-failed-recipients" in headers:
        return Automatic.BOUNCE
    # An empty return path is what RFC 5321, 4.5.5 asks of what no one shall answer.
    from_nobody = headers.get("return-path", "").strip() == "<>"
    if local_part in _DAEMONS:
        return Automatic.BOUNCE
    submitted = _word(headers.get("auto-submitted", ""))
    precedence = _word(headers.get("precedence", ""))
    if report == "disposition-notification" or submitted in ("auto-replied", "auto-notified"):
        return Automatic.REPLY
    if precedence == "auto_reply" or any(name in headers for name in _REPLYING):
        return Automatic.REPLY
    if _REPLY_SUBJECTS.match(subject.strip()):
        return Automatic.REPLY
    if submitted not in ("", "no"):
        return Automatic.NOTICE
    if from_nobody or precedence in _TO_MANY or "list-id" in headers:
        return Automatic.NOTICE
    if "list-unsubscribe" in headers or local_part in _SILENT:
        return Automatic.NOTICE
    return Automatic.NO


def _word(text: str) -> str:
    """The first word of a header, without parameters and comments."""
    return re.split(r"[;\s(]", text.strip().lower(), maxsplit=1)[0]
