"""What messages are about: which events have customers written to."""

from collections.abc import Mapping

from backoffice_api.domain.kernel.choices import Choice


class MessageTopic(Choice):
    """What a message is about."""

    ORDER_PLACED = "order_placed", "An order was placed."
    ORDER_SHIPPED = "order_shipped", "A part of an order, or all of it, has left."
    ORDER_DELIVERED = "order_delivered", "What was shipped has arrived."
    ORDER_CANCELLED = "order_cancelled", "An order was cancelled."
    REFUND_MADE = "refund_made", "Money was given back."
    INVOICE_ISSUED = "invoice_issued", "An invoice was made."
    PAYMENT_REMINDER = "payment_reminder", "Something is overdue: a step of dunning."
    PARCEL_DELAYED = "parcel_delayed", "Something is wrong with a parcel."
    TICKET_SURVEY = "ticket_survey", "How satisfied somebody is with how a ticket was handled."
    ORDER_SURVEY = "order_survey", "How satisfied somebody is with an order that has arrived."


class MessageChannel(Choice):
    """By what way a message goes."""

    MAIL = "mail", "By electronic mail."


# What only a survey writes about, with a link of its own in it.
SURVEY_TOPICS = frozenset({MessageTopic.TICKET_SURVEY, MessageTopic.ORDER_SURVEY})

# The types of events, as the log has them, and what is written about each.
TOPICS: Mapping[str, MessageTopic] = {
    "order.placed": MessageTopic.ORDER_PLACED,
    "fulfillment.shipped": MessageTopic.ORDER_SHIPPED,
    "fulfillment.delivered": MessageTopic.ORDER_DELIVERED,
    "order.cancelled": MessageTopic.ORDER_CANCELLED,
    "refund.succeeded": MessageTopic.REFUND_MADE,
    "invoice.issued": MessageTopic.INVOICE_ISSUED,
    "receivable.dunned": MessageTopic.PAYMENT_REMINDER,
    "tracking.exception": MessageTopic.PARCEL_DELAYED,
}
