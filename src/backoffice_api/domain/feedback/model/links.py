"""Links by which customers answer a survey, without an account: good for one survey each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel import signed_links
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.signed_links import SignedLink

PURPOSE = b"answer a survey, version 1"
KEY = "survey-links"


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """`code` is None when the answer is given again: it is shown once."""

    survey_id: UUID
    expires_at: datetime
    code: Secret | None


@dataclass(eq=False)
class SurveyLinkNotGood(Refused):
    """The code was never given out, its time is over, or the answer was removed."""

    message = "This link is not good, or not any more."


def signed(key: str, survey_id: UUID, expires_at: datetime) -> Secret:
    """The code for a link: letters, digits, `-` and `_`."""
    return signed_links.sign(key, PURPOSE, SignedLink(survey_id, expires_at))


def read(key: str, code: Secret, now: datetime) -> UUID:
    """Id of the survey that a code names. However it is wrong, it takes as long to find out.

    Raises:
        SurveyLinkNotGood: it was not signed by us, or its time is over.
    """
    link = signed_links.read(key, PURPOSE, code, now)
    if link is None:
        raise SurveyLinkNotGood
    return link.subject_id
