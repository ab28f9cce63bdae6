"""What the office needs of macros, drafts, checklists, acts and rules of tickets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "CannedSourceInput": ("text",),
    "TicketActInput": ("storeCredit",),
    "TicketChecklistAddInput": ("templateId",),
    "TicketMacroSetInput": ("priority",),
    "TicketPresenceInput": ("activity",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Desking(office).examples()


class _Desking:
    """Tickets of a customer, one of them with a draft, one with a checklist."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        given = {"kind": "PERSON", "name": "Asks"}
        self.customer = office._id("customerCreate", "customer", input=given)

    def examples(self) -> Mapping[str, Any]:
        opened, drafted = self._open(), self._open()
        self.office.do("ticketDraftSave", id=drafted, input={"text": "Dear"})
        return {
            "ticketAct.id": opened,
            "TicketCreditInput.amount": {"amount": "1.00", "currency": "EUR"},
            "ticketPresence.id": opened,
            "ticketDraftSave.id": opened,
            "TicketDraftSaveInput.baseRevision": 0,
            "ticketDraftSend.id": drafted,
            "TicketDraftSendInput.baseRevision": 1,
            "ticketDraftDiscard.id": drafted,
            "TicketDraftDiscardInput.baseRevision": 1,
            **self._canned(opened),
            **self._checklists(opened),
            **self._rules(),
        }

    def _open(self) -> str:
        given = {"subject": "Where is it?", "body": "Not here.", "customerId": self.customer}
        return self.office._id("ticketOpen", "ticket", input=given)

    def _canned(self, ticket: str) -> dict[str, Any]:
        texts = [{"locale": "en", "text": "Hello."}]

        def answer(code: str) -> str:
            given = {"code": code, "title": code, "texts": texts}
            return self.office._id("cannedAnswerSet", "answer", input=given)

        def macro(code: str) -> str:
            given = {"code": code, "title": code, "priority": "HIGH"}
            return self.office._id("ticketMacroSet", "macro", input=given)

        hello, gone, high, off = answer("hello"), answer("gone"), macro("high"), macro("off")
        self.office.do("cannedAnswerArchive", id=gone)
        self.office.do("ticketMacroArchive", id=off)
        return {
            "cannedAnswer.id": hello,
            "cannedAnswerArchive.id": hello,
            "cannedAnswerRestore.id": gone,
            "CannedTextInput.locale": "en",
            "CannedAnswerPreviewInput.ticketId": ticket,
            "CannedAnswerSetInput.code": "another",
            "ticketMacro.id": high,
            "ticketMacroArchive.id": high,
            "ticketMacroRestore.id": off,
            "TicketMacroSetInput.code": "another",
            "ticketApplyMacro.id": ticket,
            "TicketMacroApplyInput.macroId": high,
        }

    def _checklists(self, ticket: str) -> dict[str, Any]:
        def template(code: str) -> str:
            given = {"code": code, "title": code, "items": ["Ask", "Tell"]}
            return self.office._id("checklistTemplateSet", "template", input=given)

        lost, gone = template("lost"), template("gone")
        self.office.do("checklistTemplateArchive", id=gone)
        of_lost = {"templateId": lost}
        made = self.office._id("ticketChecklistAdd", "checklist", id=ticket, input=of_lost)
        return {
            "checklistTemplate.id": lost,
            "checklistTemplateArchive.id": lost,
            "checklistTemplateRestore.id": gone,
            "ChecklistTemplateSetInput.code": "another",
            "ticketChecklistAdd.id": ticket,
            "TicketChecklistAddInput.templateId": lost,
            "ticketChecklistTick.id": made,
            "TicketChecklistTickInput.position": 1,
            "ticketChecklistRemove.id": made,
        }

    def _rules(self) -> dict[str, Any]:
        def rule(code: str) -> str:
            given = {"code": code, "title": code, "cause": "LATE_PARCEL"}
            return self.office._id("ticketRuleSet", "rule", input=given)

        off, on = rule("off"), rule("on")
        self.office.do("ticketRuleEnable", id=on)
        return {
            "ticketRule.id": on,
            "ticketRuleEnable.id": off,
            "ticketRuleDisable.id": on,
            "ticketRuleRemove.id": on,
            "TicketRuleSetInput.code": "another",
            "TicketRuleTrialInput.since": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
        }
