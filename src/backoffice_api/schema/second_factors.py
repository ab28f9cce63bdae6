"""What staff sign in with besides a password, on the wire; the ending of several sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.identity.model.factors import FreshCodeNeeded, FreshSignInNeeded
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload


@described
class SecondFactor:
    """A second factor of a member of staff: an app that shows a code every thirty seconds."""

    enrolled_at: datetime = about("When it was begun to be set up.")
    confirmed_at: datetime | None = about(
        "Since when signing in takes it. Null: it was begun, and not confirmed by a first code."
    )
    codes_left: int = about("How many recovery codes were not used yet.")


@described
class ProviderAccount:
    """As whom an identity provider knows a member of staff."""

    issuer: str = about("The provider, as it names itself.")
    subject: str = about("What it calls this person, for ever.", personal="staff")
    linked_at: datetime = about("When they first signed in through it.")


def _answered(parent: strawberry.Parent[Outcome], name: str) -> Any:
    return getattr(parent.value, name) if parent.value else None


def _factor_of(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return _answered(parent, "staff_id")


def _seed(parent: strawberry.Parent[Outcome]) -> Secret | None:
    return _answered(parent, "secret")


def _uri(parent: strawberry.Parent[Outcome]) -> Secret | None:
    return _answered(parent, "uri")


def _codes(parent: strawberry.Parent[Outcome]) -> list[Secret]:
    return [each for each in _answered(parent, "codes") or () if each is not None]


def _ended(parent: strawberry.Parent[Outcome]) -> int | None:
    return _answered(parent, "sessions")


@strawberry.input(description="The first code of an app that was set up.")
class SecondFactorConfirmInput:
    code: Secret = about("The six digits that the app shows now.")


@payload
class SecondFactorEnrolPayload(MutationPayload):
    """What an app is to be told. You see it this once."""

    second_factor: SecondFactor | None = found_of(
        _factor_of, factors.factors_by_staff, "It as it is now. Null if it was refused."
    )
    secret: Secret | None = about(
        "The secret, to be typed into the app. Null if it was refused, or if this is the answer to "
        "a repeated request.",
        resolver=_seed,
    )
    uri: Secret | None = about(
        "The same as `otpauth://…`, to be shown as a QR code. Null where `secret` is.",
        resolver=_uri,
    )
    recovery_codes: list[Secret] = about(
        "Ten codes for when the app is lost, each good once. Empty where `secret` is null.",
        resolver=_codes,
    )


@payload
class RecoveryCodesPayload(MutationPayload):
    """New recovery codes. You see them this once."""

    second_factor: SecondFactor | None = found_of(
        _factor_of, factors.factors_by_staff, "It as it is now. Null if it was refused."
    )
    recovery_codes: list[Secret] = about(
        "Ten codes for when the app is lost, each good once. Empty if it was refused, or if this "
        "is the answer to a repeated request.",
        resolver=_codes,
    )


@payload
class SecondFactorPayload(MutationPayload):
    """What a mutation of one's own second factor answers."""

    second_factor: SecondFactor | None = one(
        factors.factors_by_staff, "value", "It as it is now. Null if it was refused, or given up."
    )


@payload
class SessionsEndPayload(MutationPayload):
    """What the ending of several sessions answers."""

    ended: int | None = about("How many were ended. Null if it was refused.", resolver=_ended)


@error(FreshCodeNeeded, FreshSignInNeeded)
class FreshProofNeededError(UserError):
    """Prove anew who you are: by a code sent to `/login/verify`, or by signing in once more."""

    minutes: int = about("How many minutes ago that may have been at most.")
