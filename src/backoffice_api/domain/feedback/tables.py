"""Where surveys, reviews of products and their counts lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from backoffice_api.domain.feedback.model.measures import (
    FeedbackDimension,
    FeedbackKind,
    FeedbackMeasure,
)
from backoffice_api.domain.feedback.model.policies import LINK_BASE_LENGTH_MAX
from backoffice_api.domain.feedback.model.product_reviews import (
    AUTHOR_LENGTH_MAX,
    LOCALE_LENGTH_MAX,
    ProductReviewOrigin,
    ProductReviewStatus,
)
from backoffice_api.domain.feedback.model.surveys import (
    AnswerSource,
    SurveyObstacle,
    SurveyStatus,
)
from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.tables import (
    Id,
    Instant,
    Serial,
    aggregate_columns,
    at_least_zero,
    choice,
    metadata,
    sorted_by,
)

feedback_policies = Table(
    "feedback_policies",
    metadata,
    *aggregate_columns(),
    choice("kind", FeedbackKind),
    Column("channel_id", Id, ForeignKey("channels.id")),
    choice("measure", FeedbackMeasure),
    Column("is_active", Boolean, nullable=False),
    Column("delay_h", Integer, nullable=False),
    Column("open_days", Integer, nullable=False),
    Column("pause_days", Integer, nullable=False),
    Column("needs_consent", Boolean, nullable=False),
    Column("link_base", String(LINK_BASE_LENGTH_MAX), nullable=False),
    Column("low_score", Integer),
    Column("publish_from", Integer),
    *at_least_zero("delay_h", "pause_days"),
    CheckConstraint("open_days > 0", name="open_for_a_while"),
    CheckConstraint("publish_from IS NULL OR kind = 'review'", name="publishes_reviews_only"),
    Index(
        "uq_feedback_policies_of_channel",
        "kind",
        "channel_id",
        unique=True,
        sqlite_where=text("channel_id IS NOT NULL"),
        postgresql_where=text("channel_id IS NOT NULL"),
    ),
    Index(
        "uq_feedback_policies_of_all",
        "kind",
        unique=True,
        sqlite_where=text("channel_id IS NULL"),
        postgresql_where=text("channel_id IS NULL"),
    ),
    sorted_by("created_at"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "channel_id", "created_at", "id"),
)

surveys = Table(
    "surveys",
    metadata,
    *aggregate_columns(),
    choice("kind", FeedbackKind),
    choice("measure", FeedbackMeasure),
    choice("status", SurveyStatus),
    Column("ticket_id", Id, ForeignKey("tickets.id"), unique=True),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("agent_id", Id, ForeignKey("staff.id")),
    Column("team_id", Id, ForeignKey("ticket_teams.id")),
    Column("carrier_id", Id, ForeignKey("carriers.id")),
    Column("ask_at", Instant, nullable=False),
    Column("asked_at", Instant),
    Column("closes_at", Instant),
    choice("obstacle", SurveyObstacle, nullable=True),
    Column("message_id", Id, ForeignKey("messages.id"), index=True),
    Column("score", Integer),
    Column("comment", Text, nullable=False, info=personal.NOTE),
    choice("source", AnswerSource, nullable=True),
    Column("answered_at", Instant),
    Column("counted_on", Date),
    Column("changes", Integer, nullable=False),
    Column("stopped_at", Instant),
    Column("opened_ticket_id", Id, ForeignKey("tickets.id"), index=True),
    CheckConstraint(
        "(kind = 'ticket') = (ticket_id IS NOT NULL) AND kind <> 'review'", name="about_one_thing"
    ),
    CheckConstraint("kind <> 'order' OR order_id IS NOT NULL", name="order_named"),
    CheckConstraint("(status = 'suppressed') = (obstacle IS NOT NULL)", name="obstacle_named"),
    CheckConstraint(
        "(status = 'answered') = (score IS NOT NULL)"
        " AND (status = 'answered') = (counted_on IS NOT NULL)",
        name="counts_when_answered",
    ),
    *at_least_zero("changes"),
    # An order is asked about once; tickets may be about the same order.
    Index(
        "uq_surveys_of_order",
        "order_id",
        unique=True,
        sqlite_where=text("kind = 'order'"),
        postgresql_where=text("kind = 'order'"),
    ),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    Index(None, "status", "created_at", "id"),
    Index(None, "measure", "created_at", "id"),
    Index(None, "order_id", "created_at", "id"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "customer_id", "asked_at"),
    Index(None, "channel_id", "created_at", "id"),
    Index(None, "agent_id", "created_at", "id"),
    Index(None, "team_id", "created_at", "id"),
    Index(None, "carrier_id", "created_at", "id"),
    Index(None, "score", "created_at", "id"),
    Index(
        "ix_surveys_due",
        "ask_at",
        "id",
        sqlite_where=text("status = 'planned'"),
        postgresql_where=text("status = 'planned'"),
    ),
)

product_reviews = Table(
    "product_reviews",
    metadata,
    *aggregate_columns(),
    Column("product_id", Id, ForeignKey("products.id"), nullable=False),
    Column("variant_id", Id, ForeignKey("variants.id")),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("order_line_id", Id, ForeignKey("order_lines.id")),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("channel_id", Id, ForeignKey("channels.id")),
    Column("rating", Integer, nullable=False),
    Column("title", Text, nullable=False, info=personal.NOTE),
    Column("text", Text, nullable=False, info=personal.NOTE),
    Column(
        "author",
        String(AUTHOR_LENGTH_MAX),
        nullable=False,
        info=personal.erased(personal.IDENTITY, personal.Erasing.EMPTY),
    ),
    Column("locale", String(LOCALE_LENGTH_MAX)),
    choice("origin", ProductReviewOrigin),
    choice("status", ProductReviewStatus),
    Column("reason", Text, nullable=False, info=personal.NOTE),
    Column("answer", Text, nullable=False, info=personal.NOTE),
    Column("answered_at", Instant),
    Column("written_at", Instant, nullable=False),
    Column("counted_on", Date),
    Column("opened_ticket_id", Id, ForeignKey("tickets.id"), index=True),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating_on_scale"),
    CheckConstraint("(status = 'published') = (counted_on IS NOT NULL)", name="counts_if_shown"),
    CheckConstraint("(order_line_id IS NULL) = (order_id IS NULL)", name="order_of_line"),
    # What was bought is judged once.
    Index(
        "uq_product_reviews_of_line",
        "order_line_id",
        unique=True,
        sqlite_where=text("status <> 'removed'"),
        postgresql_where=text("status <> 'removed'"),
    ),
    sorted_by("written_at"),
    sorted_by("updated_at"),
    sorted_by("rating"),
    Index(None, "status", "written_at", "id"),
    Index(None, "product_id", "written_at", "id"),
    Index(None, "variant_id", "written_at", "id"),
    Index(None, "order_id", "written_at", "id"),
    Index(None, "customer_id", "written_at", "id"),
    Index(None, "channel_id", "written_at", "id"),
    Index(None, "origin", "written_at", "id"),
    Index(None, "rating", "written_at", "id"),
)

# How many answers count, by whom they are about and when they were given. Kept up to date with
# every change of an answer, so that no figure has to look at the answers themselves.
feedback_counts = Table(
    "feedback_counts",
    metadata,
    choice("measure", FeedbackMeasure),
    choice("dimension", FeedbackDimension),
    Column("subject_id", Id, nullable=False),
    Column("period", Date, nullable=False),
    Column("score", Integer, nullable=False),
    Column("answers", BigInteger, nullable=False),
    PrimaryKeyConstraint("measure", "dimension", "subject_id", "period", "score"),
    *at_least_zero("answers"),
    Index(None, "measure", "dimension", "period"),
)

# How far the log was followed. No row: nobody was ever to be asked.
feedback_progress = Table(
    "feedback_progress",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("sequence", Serial, nullable=False),
)
