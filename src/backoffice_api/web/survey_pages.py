"""The page that a customer sees who follows a link: a form without scripts, in plain words."""

from dataclasses import dataclass
from html import escape

from backoffice_api.domain.feedback.model.measures import SCALES, FeedbackMeasure

_QUESTIONS = {
    FeedbackMeasure.TICKET_CSAT: "How satisfied are you with how we dealt with your request?",
    FeedbackMeasure.ORDER_CSAT: "How satisfied are you with your order?",
    FeedbackMeasure.ORDER_NPS: "How likely are you to recommend us?",
}


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Something that was bought. `rating` None: nobody has said anything yet."""

    id: str
    title: str
    rating: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer is asked, and what they have said already."""

    measure: FeedbackMeasure
    score: int | None
    comment: str
    stop: bool
    lines: tuple[AskedLine, ...]

    @property
    def scale(self) -> tuple[int, int]:
        return SCALES[self.measure]


def page(asked: Asked) -> str:
    """The question as a form, with the answer that was given before, if there is one."""
    rows = "".join(_line(each) for each in asked.lines)
    return _whole(
        f"<h1>{escape(_QUESTIONS[asked.measure])}</h1>"
        '<form method="post">'
        f"<fieldset>{_choices('score', *asked.scale, asked.score)}</fieldset>"
        f"<p><label>{_area('comment', asked.comment, 'What do you want to tell us?')}</label></p>"
        f'{rows}<p><label><input type="checkbox" name="stop" value="1"'
        f"{' checked' if asked.stop else ''}> Do not ask me anything any more</label></p>"
        "<p><button>Send</button></p></form>"
    )


def thanks() -> str:
    """What is shown once the answer is there."""
    return _whole('<h1>Thank you</h1><p><a href="">Change the answer</a></p>')


def _line(line: AskedLine) -> str:
    choices = _choices(f"rating-{line.id}", 1, 5, line.rating)
    area = _area(f"text-{line.id}", line.text, "Your review")
    return (
        f"<fieldset><legend>{escape(line.title)}</legend>{choices}"
        f"<p><label>{area}</label></p></fieldset>"
    )


def _choices(name: str, lowest: int, highest: int, chosen: int | None) -> str:
    return "".join(
        f'<label><input type="radio" name="{escape(name)}" value="{each}"'
        f"{' checked' if each == chosen else ''}> {each}</label> "
        for each in range(lowest, highest + 1)
    )


def _area(name: str, value: str, label: str) -> str:
    # The line feed behind the tag is not part of the text: it keeps one that the text begins with.
    return (
        f'{escape(label)}<br><textarea name="{escape(name)}" rows="4" cols="60">\n'
        f"{escape(value)}</textarea>"
    )


def _whole(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Your opinion</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"</head><body><main>{body}</main></body></html>"
    )
