"""Makes what is sent: the stored document of a webhook, answered with its owner's present rights.

Rights are judged when it is sent, not when it happened: who lost one since gets nothing.
"""

from collections.abc import Callable
from typing import Any

import orjson

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.documents import UnfitDocument
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.reaching import is_seen
from backoffice_api.domain.webhooks import queries
from backoffice_api.domain.webhooks.model.deliveries import DeliveryFailure
from backoffice_api.domain.webhooks.queries import Dispatch
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.run import Terms
from backoffice_api.schema.payload_documents import DOCUMENTS, answered

PAYLOAD_BYTES_MAX = 256_000

MakeContext = Callable[[Caller, str], Context]
"""Takes the caller and what the log calls the run."""

# What may be otherwise a moment later; whatever else is refused stays so.
_PASSING = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL, ErrorCode.THROTTLED})


class NotSentError(Exception):
    """Nothing is sent, for this reason."""

    def __init__(self, failure: DeliveryFailure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure


class Payloads:
    """Belongs to one event loop."""

    def __init__(self, make_context: MakeContext, terms: Terms) -> None:
        self._make_context = make_context
        self._terms = terms
        self._preparer = DOCUMENTS.preparer(terms.limits)

    async def body(self, dispatch: Dispatch) -> bytes:
        """The message of a delivery, as JSON.

        Raises:
            NotSentError: the rights are lacking, the document does not fit, it is too large.
        """
        delivery = dispatch.delivery
        data = None
        if not (delivery.is_test and delivery.subject_id == dispatch.webhook.id):
            data = await self._data(dispatch)
        body = orjson.dumps(
            {
                "type": delivery.event_type,
                "timestamp": delivery.occurred_at.isoformat(),
                "sequence": None if delivery.sequence is None else str(delivery.sequence),
                "subject": {
                    "id": ids.text(delivery.subject_kind, delivery.subject_id),
                    "version": delivery.subject_version,
                },
                "data": data,
            }
        )
        if len(body) > PAYLOAD_BYTES_MAX:
            raise NotSentError(DeliveryFailure.TOO_LARGE, f"It has {len(body)} bytes.")
        return body

    async def _data(self, dispatch: Dispatch) -> Any:
        delivery, caller = dispatch.delivery, dispatch.caller
        if caller is None:
            raise NotSentError(
                DeliveryFailure.NO_ACCESS, "Whoever saved the webhook has no access any more."
            )
        _check_rights(dispatch, caller)
        context = self._make_context(caller, ids.text("whd", delivery.id))
        try:
            seen = context.read(is_seen, caller, delivery.subject_kind, delivery.subject_id)
            if not await seen:
                raise NotSentError(
                    DeliveryFailure.FORBIDDEN, "It is out of reach of whoever saved the webhook."
                )
            subject = ids.text(delivery.subject_kind, delivery.subject_id)
            document = dispatch.webhook.document
            answer = await answered(self._preparer, document, subject, context, self._terms)
        except UnfitDocument as unfit:
            raise NotSentError(DeliveryFailure.UNFIT_DOCUMENT, str(unfit)) from None
        except RequestError as refusal:
            raise NotSentError(_failure(refusal), str(refusal)) from None
        finally:
            await context.close()
        if errors := answer.get("errors"):
            # A part of the truth is none.
            raise NotSentError(DeliveryFailure.NOT_MADE, str(errors[0]["message"]))
        return answer["data"]


def _check_rights(dispatch: Dispatch, caller: Caller) -> None:
    """That something happened at all is told only to who may see what it happened to."""
    delivery = dispatch.delivery
    needed = DOCUMENTS.scopes_to_hear(delivery.event_type, delivery.subject_kind)
    lacking = sorted(needed | queries.needed_beside(dispatch.webhook))
    lacking = [each for each in lacking if not caller.may(each)]
    if lacking:
        text = f"Whoever saved the webhook lacks {', '.join(lacking)}."
        raise NotSentError(DeliveryFailure.FORBIDDEN, text)


def _failure(refusal: RequestError) -> DeliveryFailure:
    codes = {each.code for each in refusal.reasons()}
    if ErrorCode.FORBIDDEN in codes:
        return DeliveryFailure.FORBIDDEN
    return DeliveryFailure.NOT_MADE if codes & _PASSING else DeliveryFailure.UNFIT_DOCUMENT
