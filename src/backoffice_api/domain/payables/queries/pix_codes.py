"""What can be asked about the QR codes of bills."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.rows import one_per
from backoffice_api.domain.payables.model.pix_codes import PixCode
from backoffice_api.domain.payables.tables.bills import bill_pix_codes

codes_by_bills = one_per(PixCode, bill_pix_codes, bill_pix_codes.c.bill_id)


def keys_by_bills(db: Connection, bill_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The PIX keys that the codes of bills name."""
    return {id: each.key for id, each in codes_by_bills(db, bill_ids).items()}


def code_texts_by_bills(db: Connection, keys: Collection[UUID]) -> Mapping[UUID, str]:
    """The codes of bills that have one."""
    return {id: each.code for id, each in codes_by_bills(db, keys).items()}
