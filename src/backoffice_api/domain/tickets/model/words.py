"""The words of tickets, and how much of each thing there may be."""

from collections.abc import Mapping

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX

SUBJECT_LENGTH_MAX = NAME_LENGTH_MAX
BODY_LENGTH_MAX = 80_000
HTML_LENGTH_MAX = 400_000
TAGS_MAX = 30
TAG_LENGTH_MAX = 60
SKILL_LENGTH_MAX = 60
SKILLS_MAX = 30
LINKS_MAX = 50
# Of one that is opened: each is looked for.
LINKS_OPENED_MAX = 10
ATTACHMENTS_MAX = 20
PARTICIPANTS_MAX = 50
MEMBERS_MAX = 250
CAPACITY_MAX = 10_000
MERGED_AT_ONCE_MAX = 50
MESSAGES_SPLIT_MAX = 250
# Longer than any that is seen; an index entry of PostgreSQL has no room for the 998 characters
# that a line of a mail may have (RFC 5322, 2.1.1).
MAIL_ID_LENGTH_MAX = 500
CAUSE_KEY_LENGTH_MAX = 200
SNOOZE_DAYS_MAX = 366

NUMBER_PREFIX = "T-"
NUMBER_DIGITS = 6

# What of a ticket is personal: what people wrote, and whom they are.
CONTENT: Mapping[str, str] = {"personal": "content"}

# A ticket of no team is closed so long after it was resolved, and reopened by its customer so
# long after it was closed.
CLOSE_AFTER_DAYS = 7
REOPEN_WITHIN_DAYS = 30
DAYS_MAX = 366


class TicketStatus(Choice):
    """How far a ticket is."""

    NEW = "new", "Nobody has looked at it yet."
    OPEN = "open", "Somebody of the shop has to do something."
    PENDING_CUSTOMER = "pending_customer", "The customer has to answer."
    PENDING_INTERNAL = "pending_internal", "Somebody else has to do something: a carrier, a bank."
    RESOLVED = "resolved", "Done, unless the customer says it is not."
    CLOSED = "closed", "Done for good: kept to be read."
    MERGED = "merged", "It goes on in another ticket."
    SPAM = "spam", "Nobody meant it."


class TicketPriority(Choice):
    """How soon a ticket is to be looked at."""

    LOW = "low", "When there is time."
    NORMAL = "normal", "In its turn."
    HIGH = "high", "Before the others."
    URGENT = "urgent", "Now."


class TicketSource(Choice):
    """How something came in."""

    EMAIL = "email", "By e-mail."
    FORM = "form", "By a form of the shop."
    PHONE = "phone", "By telephone: somebody wrote down what was said."
    CHAT = "chat", "In a chat."
    MARKETPLACE = "marketplace", "By a marketplace."
    RULE = "rule", "The back office opened it by itself."
    API = "api", "Over this API."
    IMPORT = "import", "Taken over from another system."


class TicketVisibility(Choice):
    """Who may read a message."""

    PUBLIC = "public", "The customer, too."
    INTERNAL = "internal", "Only the shop."


class TicketAuthor(Choice):
    """Who wrote a message."""

    CUSTOMER = "customer", "The customer, or whoever takes part on their side."
    STAFF = "staff", "Somebody of the shop, or a program on its behalf."
    SYSTEM = "system", "The back office itself."


class TicketSentState(Choice):
    """What became of a message that is sent out."""

    QUEUED = "queued", "It is to be sent."
    SENDING = "sending", "It is being sent; whether it has left is not known yet."
    SENT = "sent", "The server that sends mail has taken it."
    FAILED = "failed", "It could not be sent."
    SUPPRESSED = "suppressed", "It is not sent: nobody can be reached, or a loop would begin."


class TicketRole(Choice):
    """As what somebody takes part in a ticket."""

    REQUESTER = "requester", "Who asked: answers go there."
    CC = "cc", "Gets a copy of what is public."
    FOLLOWER = "follower", "Somebody of the shop who wants to know how it goes on."


class TicketRelation(Choice):
    """How a ticket and a thing belong together."""

    ABOUT = "about", "The ticket is about it."
    CAUSE = "cause", "It is why the ticket was opened."
    MADE = "made", "It was made from the ticket: a refund, a label."
    FOLLOWS = "follows", "The ticket goes on with it: an earlier one that had been closed."
    SPLIT_FROM = "split_from", "The ticket was split off it."


class TicketAssignment(Choice):
    """How a team gives its tickets to its members."""

    BY_HAND = "by_hand", "Somebody takes them."
    ROUND_ROBIN = "round_robin", "To each in turn."
    LEAST_LOADED = "least_loaded", "To whom the smallest part of their capacity is taken."


class TicketTeamStatus(Choice):
    """Whether a team is in use."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use: kept for the tickets that it had."


class TicketAfterReply(Choice):
    """What a ticket waits for once a reply is written."""

    AWAIT_CUSTOMER = "await_customer", "For the customer."
    STAY_OPEN = "stay_open", "For the shop: more is to be done."
    RESOLVE = "resolve", "For nothing: it is resolved."


class TicketSortKey(Choice):
    """By what a list of tickets is sorted."""

    CREATED_AT = "created_at", "When it was opened."
    UPDATED_AT = "updated_at", "When it was last changed."
    DUE_AT = "due_at", "When something is next due; what nothing is due of comes last."
    PRIORITY = "priority", "By priority, the low ones first."
    LAST_MESSAGE_AT = "last_message_at", "When the last message was written."
    NUMBER = "number", "By the digits of the number."


class TicketMessageSortKey(Choice):
    """By what the messages of a ticket are sorted."""

    CREATED_AT = "created_at", "When it was written."


class TicketTeamSortKey(Choice):
    """By what a list of teams is sorted."""

    NAME = "name", "The name, by code point."
    CREATED_AT = "created_at", "When it was made."
