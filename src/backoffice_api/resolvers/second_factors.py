"""What can be done with what staff sign in with, and with several sessions at once."""

import strawberry

from backoffice_api.domain.identity.commands import factors as on_factors
from backoffice_api.domain.identity.commands import providers as on_providers
from backoffice_api.domain.identity.commands import sessions as on_sessions
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.identity import StaffPayload
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.second_factors import (
    RecoveryCodesPayload,
    SecondFactorConfirmInput,
    SecondFactorEnrolPayload,
    SecondFactorPayload,
    SessionsEndPayload,
)


@strawberry.type
class SecondFactorMutation:
    @mutation(on_sessions.end_own_sessions, SessionsEndPayload)
    def my_sessions_end() -> on_sessions.EndOwnSessions:
        """End all sessions of your own but the one in which you ask. Needs no scope."""
        return on_sessions.EndOwnSessions()

    @mutation(on_sessions.end_sessions_of, SessionsEndPayload)
    def staff_end_sessions(id: strawberry.ID) -> on_sessions.EndSessionsOf:
        """End all sessions of a member of staff, within a second."""
        return on_sessions.EndSessionsOf(id=ids.parse("stf", id))

    @mutation(on_factors.enrol_second_factor, SecondFactorEnrolPayload)
    def second_factor_enrol() -> on_factors.EnrolSecondFactor:
        """Begin to set up a second factor of your own, within ten minutes of signing in.

        Nothing asks for it before it is confirmed. Needs no scope.
        """
        return on_factors.EnrolSecondFactor()

    @mutation(on_factors.confirm_second_factor, SecondFactorPayload)
    def second_factor_confirm(
        input: SecondFactorConfirmInput,
    ) -> on_factors.ConfirmSecondFactor:
        """Show that your app is set up: from now on signing in takes a code.

        Your other sessions end. Needs no scope.
        """
        return on_factors.ConfirmSecondFactor(code=input.code)

    @mutation(on_factors.remove_second_factor, SecondFactorPayload)
    def second_factor_remove() -> on_factors.RemoveSecondFactor:
        """Give your second factor up, within ten minutes of a code. Your other sessions end."""
        return on_factors.RemoveSecondFactor()

    @mutation(on_factors.renew_recovery_codes, RecoveryCodesPayload)
    def recovery_codes_renew() -> on_factors.RenewRecoveryCodes:
        """Make new recovery codes in place of all you had, within ten minutes of a code."""
        return on_factors.RenewRecoveryCodes()

    @mutation(on_factors.reset_second_factor, StaffPayload)
    def staff_reset_second_factor(id: strawberry.ID) -> on_factors.ResetSecondFactor:
        """Let somebody else sign in with the password alone, who has lost app and codes."""
        return on_factors.ResetSecondFactor(id=ids.parse("stf", id))

    @mutation(on_providers.unlink_staff, StaffPayload)
    def staff_unlink_provider(id: strawberry.ID) -> on_providers.UnlinkStaff:
        """Forget as whom identity providers know somebody. All sessions of theirs end."""
        return on_providers.UnlinkStaff(id=ids.parse("stf", id))
