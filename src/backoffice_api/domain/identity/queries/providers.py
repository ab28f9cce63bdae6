"""Whom identity providers know members of staff as."""

from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.identity.model.providers import Identity, ProviderAccount
from backoffice_api.domain.identity.queries.staff import staff_by_email_keys
from backoffice_api.domain.identity.tables import provider_accounts
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.rows import many_per

accounts_by_staff = many_per(
    ProviderAccount, provider_accounts, provider_accounts.c.staff_id, provider_accounts.c.issuer
)


def linked(db: Connection, identity: Identity) -> UUID | None:
    """The member of staff who has signed in as this one before. None: nobody has."""
    return db.execute(
        select(provider_accounts.c.staff_id).where(
            provider_accounts.c.issuer == identity.issuer,
            provider_accounts.c.subject == identity.subject,
        )
    ).scalar()


def is_linked(db: Connection, issuer: str, staff_id: UUID) -> bool:
    """Whether this member of staff signs in through the provider as somebody."""
    found = select(provider_accounts.c.subject).where(
        provider_accounts.c.staff_id == staff_id, provider_accounts.c.issuer == issuer
    )
    return db.execute(found.limit(1)).first() is not None


def owner_of(db: Connection, identity: Identity) -> UUID | None:
    """Who this is: as whom they came before, else by the address that the provider has verified.

    None: nobody. So is who came before as somebody else: an address may be given to another
    person, whom the provider then knows by another subject.
    """
    known = linked(db, identity)
    if known is not None or identity.email is None:
        return known
    key = email_key(identity.email)
    if not (key.isascii() and key.isprintable()):  # PostgreSQL takes no U+0000
        return None
    member = staff_by_email_keys(db, [key]).get(key)
    if member is None or is_linked(db, identity.issuer, member.id):
        return None
    return member.id
