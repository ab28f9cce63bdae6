"""Links for customers: made by staff, used by whoever has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.keys import key
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_range, check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media.commands.attaching import attach_files
from backoffice_api.domain.media.commands.files import (
    CreateMediaUpload,
    NewUpload,
    create_upload,
)
from backoffice_api.domain.media.model import MediaType
from backoffice_api.domain.media.queries import files_of_uploads
from backoffice_api.domain.orders import queries as on_orders
from backoffice_api.domain.orders.model.lines import UnknownOrderLine
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.commands.writing import lock_orders
from backoffice_api.domain.returns.model.drafts import ReturnLineDraft
from backoffice_api.domain.returns.model.links import (
    DAY,
    DAYS_DEFAULT,
    DAYS_MAX,
    PHOTOS_MAX,
    REQUESTS_A_DAY_MAX,
    UPLOADS_A_DAY_MAX,
    LinkedOrder,
    NoSuchPhoto,
    ReturnLink,
    ReturnLinkMade,
    ReturnLinkNotGood,
    TooManyPhotos,
    TooManyRequests,
    read,
    signed,
)
from backoffice_api.domain.returns.model.returns import ReturnOrigin
from backoffice_api.domain.returns.tables import return_link_uploads, return_orders, returns

KEY = "return-links"
_PICTURES = frozenset({MediaType.PNG, MediaType.JPEG, MediaType.WEBP})


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReturnLink(Command):
    """`days`: for how long it is good."""

    scope = Scope.RETURNS_WRITE
    order_id: UUID
    days: int = DAYS_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestByLink(Command):
    """The code is the right to it: it is run as the system, for whoever has one."""

    scope = None
    code: Secret
    lines: tuple[ReturnLineDraft, ...]
    note: str = ""
    photo_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoByLink(Command):
    """The code is the right to it, as with `RequestByLink`."""

    scope = None
    code: Secret
    byte_size: int


def create_return_link(uow: UnitOfWork, command: CreateReturnLink) -> ReturnLink:
    """Make a code by which a customer can ask for a return of an order. It is shown once.

    Raises:
        UnknownOrder, OutOfRange.
    """
    faults = Faults()
    check_range(command.days, faults, "days", minimum=1, maximum=DAYS_MAX)
    faults.check()
    order = on_orders.locked_order(uow.db, command.order_id)
    expires_at = (uow.now + timedelta(days=command.days)).replace(microsecond=0)
    code = signed(key(uow.db, KEY), LinkedOrder(order.id, expires_at))
    uow.emit(ReturnLinkMade(order.id, order.version, order.name, expires_at))
    return ReturnLink(order.id, expires_at, code)


def request_by_link(uow: UnitOfWork, command: RequestByLink) -> UUID:
    """Ask for a return of the order that a code names. Its id.

    Raises:
        ReturnLinkNotGood, TooManyRequests.
        UnknownOrderLine: a line is of another order, or no order's.
        What `request_return` raises.
    """
    link = read(key(uow.db, KEY), command.code, uow.now)
    if link.order_id not in lock_orders(uow, [link.order_id]):
        raise ReturnLinkNotGood
    if _requests(uow, link.order_id) >= REQUESTS_A_DAY_MAX:
        raise TooManyRequests(REQUESTS_A_DAY_MAX)
    theirs = {line.id for line in on_orders.lines_of(uow.db, link.order_id)}
    faults = Faults()
    for position, each in enumerate(command.lines):
        if each.order_line_id is None or each.order_line_id not in theirs:
            fault = UnknownOrderLine(each.order_line_id or UUID(int=0))
            faults.add(fault.at("lines", position, "order_line_id"))
    faults.check()
    photos = _photos(uow, link.order_id, command.photo_ids)
    request = RequestReturn(lines=command.lines, origin=ReturnOrigin.CUSTOMER, note=command.note)
    made = request_return(uow, request)
    attach_files(uow, {made: photos})
    return made


def photo_by_link(uow: UnitOfWork, command: PhotoByLink) -> NewUpload:
    """Give leave to upload one photo for a return of the order that a code names.

    Raises:
        ReturnLinkNotGood, TooManyPhotos.
        OutOfRange: the file would be too large.
    """
    link = read(key(uow.db, KEY), command.code, uow.now)
    if link.order_id not in lock_orders(uow, [link.order_id]):
        raise ReturnLinkNotGood
    of = return_link_uploads.c
    today = select(func.count()).where(of.order_id == link.order_id, of.created_at > uow.now - DAY)
    if uow.db.execute(today).scalar_one() >= UPLOADS_A_DAY_MAX:
        raise TooManyPhotos(UPLOADS_A_DAY_MAX)
    made = create_upload(uow, CreateMediaUpload(byte_size=command.byte_size))
    row = {"upload_id": made.id, "order_id": link.order_id, "created_at": uow.now}
    uow.db.execute(return_link_uploads.insert(), row)
    return made


def _photos(uow: UnitOfWork, order_id: UUID, upload_ids: Sequence[UUID]) -> Sequence[UUID]:
    """The files that were uploaded, each once. Raises: NoSuchPhoto, TooMany."""
    faults = Faults()
    check_size(upload_ids, faults, "photo_ids", maximum=PHOTOS_MAX)
    faults.check()
    if not upload_ids:
        return ()
    found = files_of_uploads(uow.db, upload_ids)
    of = return_link_uploads.c
    theirs = select(of.upload_id).where(of.order_id == order_id, among(of.upload_id, upload_ids))
    ours = set(uow.db.execute(theirs).scalars())
    for position, id in enumerate(upload_ids):
        file = found.get(id)
        if id not in ours or file is None or file.media_type not in _PICTURES:
            faults.add(NoSuchPhoto().at("photo_ids", position))
    faults.check()
    return tuple(dict.fromkeys(found[id].id for id in upload_ids))


def _requests(uow: UnitOfWork, order_id: UUID) -> int:
    """How often returns of an order were asked for by links within a day."""
    statement = (
        select(func.count())
        .select_from(return_orders.join(returns, returns.c.id == return_orders.c.return_id))
        .where(
            return_orders.c.order_id == order_id,
            returns.c.origin == ReturnOrigin.CUSTOMER,
            returns.c.created_at > uow.now - DAY,
        )
    )
    return int(uow.db.execute(statement).scalar_one())
