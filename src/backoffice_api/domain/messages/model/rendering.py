"""Templates: what may stand in one, and what comes out of it.

Templates are written by people of the shop, so they are kept from everything that is no plain
writing: before one is saved, its syntax tree may hold only words of its topic, conditions, loops
over lists of facts (at most two within each other), and a few filters. What passes can neither
reach into the program nor run for long; on top of that it runs in the sandbox of jinja2, and is
cut off when it writes too much.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.messages.model.facts import (
    Facts,
    Kind,
    element_of,
    kinds_of,
    words_of,
)
from backoffice_api.domain.messages.model.selections import SELECTED, Selected
from backoffice_api.domain.messages.model.topics import MessageTopic

SOURCE_LENGTH_MAX = 20_000
SUBJECT_LENGTH_MAX = 250
OUTPUT_LENGTH_MAX = 200_000
LOOPS_MAX = 2

FILTERS = frozenset(
    {"capitalize", "count", "default", "e", "escape", "length", "lower", "title", "trim", "upper"}
)
_OF_LISTS = frozenset({"count", "length"})
_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)
# Where a list says whether there is anything in it.
_CONDITIONS = (nodes.If, nodes.Not, nodes.And, nodes.Or)


@dataclass(frozen=True, slots=True)
class _Loop:
    """What a loop tells of itself."""

    first: bool
    last: bool
    index: int
    length: int


@dataclass(eq=False)
class UnknownVariable(Invalid):
    """A template uses a word that its topic does not have."""

    name: str
    line: int
    message = "Line {line}: there is no {name!r:.80} here."


@dataclass(eq=False)
class ForbiddenInTemplate(Invalid):
    """A template holds what is more than plain writing."""

    what: str
    line: int
    message = "Line {line}: {what:.80} cannot be used in a template."


@dataclass(eq=False)
class BadTemplate(Invalid):
    """A template cannot be read, or not be written of these facts."""

    reason: str
    line: int
    message = "Line {line}: {reason:.200}"


@dataclass(eq=False)
class MessageTooLong(Invalid):
    """What a template writes is longer than a message may be."""

    maximum: int
    message = "This becomes longer than {maximum} characters."


@dataclass(frozen=True, slots=True)
class Wording:
    """The parts of a template, as they were written. `html` None: there is only text.

    `document`: what is selected of the order besides the named facts. None: nothing.
    """

    subject: str
    text: str
    html: str | None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """The parts of a message, as they are read. The subject is one line."""

    subject: str
    text: str
    html: str | None


def check_template(source: str, topic: MessageTopic, shape: Selected | None = None) -> None:
    """Refuse what templates of a topic may not hold. `shape`: what they select besides.

    Raises:
        BadTemplate: it cannot be read.
        UnknownVariable: a word that the topic does not have.
        ForbiddenInTemplate: more than plain writing.
    """
    more = {} if shape is None else {SELECTED: shape}
    check_source(source, {**words_of(topic), **more})


def check_source(source: str, words: Mapping[str, Kind]) -> None:
    """Refuse what a template that may use these words may not hold.

    Raises:
        BadTemplate, UnknownVariable, ForbiddenInTemplate.
    """
    try:
        tree = _TEXT.parse(source)
        _Reader(words).read(tree, {}, loops=0)
        _TEXT.from_string(source)
    except TemplateSyntaxError as failure:
        raise BadTemplate(storable(failure.message or ""), failure.lineno) from failure
    except (TemplateError, RecursionError, ValueError, SyntaxError, MemoryError) as failure:
        raise BadTemplate(f"It cannot be read: {type(failure).__name__}.", 1) from failure


def render(wording: Wording, facts: Facts, selected: object | None = None) -> Rendered:
    """Write a message. Its templates must have been checked. `selected`: what they select.

    Raises:
        BadTemplate: it asks for what cannot be done, such as comparing a text with a number.
        MessageTooLong: of something too much would be written.
    """
    words = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
    words |= {} if selected is None else {SELECTED: selected}
    subject = " ".join(_written(wording.subject, words, html=False).split())
    return Rendered(
        subject[:SUBJECT_LENGTH_MAX],
        _written(wording.text, words, html=False),
        None if wording.html is None else _written(wording.html, words, html=True),
    )


def written(source: str, words: Mapping[str, object]) -> str:
    """Write a text of facts by their words. It must have been checked by `check_source`.

    Raises:
        BadTemplate, MessageTooLong.
    """
    return _written(source, words, html=False)


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        autoescape=html, trim_blocks=True, lstrip_blocks=True, cache_size=0
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


_TEXT, _HTML = _environment(html=False), _environment(html=True)


@lru_cache(maxsize=500)
def _compiled(source: str, html: bool) -> Template:
    return (_HTML if html else _TEXT).from_string(source)


def _written(source: str, words: Mapping[str, object], *, html: bool) -> str:
    try:
        return _bounded(_compiled(source, html).generate(words))
    except (TypeError, ValueError, ArithmeticError, TemplateError) as failure:
        # Templates are checked for their words, not for the types of what they compare.
        reason = storable(f"It cannot be written: {failure}")
        raise BadTemplate(reason, 1) from failure


def _bounded(parts: Iterable[str]) -> str:
    written, length = [], 0
    for part in parts:
        length += len(part)
        if length > OUTPUT_LENGTH_MAX:
            raise MessageTooLong(OUTPUT_LENGTH_MAX)
        written.append(part)
    return storable("".join(written))


class _Reader:
    """Walks the tree of a template, and knows what each word of it stands for."""

    def __init__(self, words: Mapping[str, Kind]) -> None:
        self._words = words

    def read(
        self, node: nodes.Node, scope: Mapping[str, Kind], *, loops: int, lists: bool = False
    ) -> None:
        """Refuse a part that may not stand here. `lists`: whether a list may.

        Raises:
            UnknownVariable, ForbiddenInTemplate.
        """
        match node:
            case nodes.Name() | nodes.Getattr():
                kind = self._kind(node, scope)
                if kinds_of(kind) or (element_of(kind) and not lists):
                    raise ForbiddenInTemplate("what is no text and no number", node.lineno)
            case nodes.For():
                self._read_loop(node, scope, loops)
            case nodes.Filter():
                self._read_filter(node, scope, loops)
            case nodes.Test() if node.name in {"defined", "none"} and not node.args:
                self.read(node.node, scope, loops=loops)
            case _ if isinstance(node, _PLAIN):
                lists = isinstance(node, _CONDITIONS)
                for each in node.iter_child_nodes():
                    self.read(each, scope, loops=loops, lists=lists)
            case _:
                raise ForbiddenInTemplate(type(node).__name__, node.lineno)

    def _kind(self, node: nodes.Node, scope: Mapping[str, Kind]) -> Kind:
        """What a word stands for."""
        match node:
            case nodes.Name():
                known = {**self._words, **scope}
                name = node.name
            case nodes.Getattr():
                known = {**kinds_of(self._kind(node.node, scope))}
                name = node.attr
            case _:
                raise ForbiddenInTemplate(type(node).__name__, node.lineno)
        if name not in known:
            raise UnknownVariable(name, node.lineno)
        return known[name]

    def _read_loop(self, node: nodes.For, scope: Mapping[str, Kind], loops: int) -> None:
        element = element_of(self._kind(node.iter, scope))
        if element is None:
            raise ForbiddenInTemplate("a loop over what is no list", node.lineno)
        if loops >= LOOPS_MAX or node.recursive or not isinstance(node.target, nodes.Name):
            raise ForbiddenInTemplate("such a loop", node.lineno)
        inner = {**scope, node.target.name: element, "loop": _Loop}
        for each in (*node.body, *node.else_, *([node.test] if node.test else ())):
            self.read(each, inner, loops=loops + 1)

    def _read_filter(self, node: nodes.Filter, scope: Mapping[str, Kind], loops: int) -> None:
        if node.name not in FILTERS:
            raise ForbiddenInTemplate(f"the filter {node.name}", node.lineno)
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ForbiddenInTemplate("such a filter", node.lineno)
        for each in (node.node, *node.args):
            self.read(each, scope, loops=loops, lists=node.name in _OF_LISTS)
