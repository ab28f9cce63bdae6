"""Links by which customers ask for a return of one order, without an account.

A link holds a code that names the order and the moment when it ends, signed with a key of this
installation. Nothing of it is stored: who changes it in any way has no code at all. It is good for
one purpose, and for one order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel import signed_links
from backoffice_api.domain.kernel.errors import Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.signed_links import SignedLink

PURPOSE = b"request a return, version 1"
DAYS_DEFAULT = 30
DAYS_MAX = 365
# So many returns can be asked for by the links of one order within a day.
REQUESTS_A_DAY_MAX = 5
DAY = timedelta(days=1)
# So many photos can be uploaded by the links of one order within a day, and come with one return.
UPLOADS_A_DAY_MAX = 20
PHOTOS_MAX = 10


@dataclass(frozen=True, slots=True)
class LinkedOrder:
    """What a code says: which order, and until when."""

    order_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnLink:
    """`code` is None when the answer is given again: it is shown once."""

    order_id: UUID
    expires_at: datetime
    code: Secret | None


@dataclass(frozen=True, slots=True)
class ReturnLinkMade(Event):
    type = "return_link.made"
    subject = "ord"
    summary = "A link to return goods of order {order} was made; it is good until {expires_at}."
    id: UUID
    version: int
    order: str
    expires_at: datetime


@dataclass(eq=False)
class ReturnLinkNotGood(Refused):
    """The code was never given out, or its time is over."""

    message = "This link is not good, or not any more. Ask the shop for another one."


@dataclass(eq=False)
class TooManyRequests(Refused):
    """By the links of this order, returns were asked for too often within a day."""

    maximum: int
    message = "At most {maximum} returns of an order can be asked for within a day."


@dataclass(eq=False)
class TooManyPhotos(Refused):
    """By the links of this order, leave to upload photos was asked for too often within a day."""

    maximum: int
    message = "At most {maximum} photos of an order can be uploaded within a day."


@dataclass(eq=False)
class NoSuchPhoto(Missing):
    """Nothing of this id was uploaded by a link of the order, or it is no picture."""

    message = "There is no such photo: upload it first, by this link."


def signed(key: str, link: LinkedOrder) -> Secret:
    """The code for a link: letters, digits, `-` and `_`."""
    return signed_links.sign(key, PURPOSE, SignedLink(link.order_id, link.expires_at))


def read(key: str, code: Secret, now: datetime) -> LinkedOrder:
    """What a code says. However it is wrong, it takes as long to find out.

    Raises:
        ReturnLinkNotGood: it was not signed by us, or its time is over.
    """
    link = signed_links.read(key, PURPOSE, code, now)
    if link is None:
        raise ReturnLinkNotGood
    return LinkedOrder(link.subject_id, link.expires_at)
