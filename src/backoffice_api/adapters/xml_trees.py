"""XML that comes from outside: bounded in size, depth and number, without entities or outside
references.
"""

from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

BYTES_MAX = 5_000_000
DEPTH_MAX = 60
ELEMENTS_MAX = 200_000


class BadXml(Exception):
    """It is no XML that is read here; the message says why, in words for people."""


def parse(content: bytes) -> Element:
    """The root of a document.

    Raises:
        BadXml: it is too large, too deep, not well formed, or declares a document type.
    """
    if len(content) > BYTES_MAX:
        raise BadXml(f"it has more than {BYTES_MAX} bytes")
    depth = elements = 0
    root: Element | None = None
    try:
        for event, element in iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True):
            if event == "end":
                depth -= 1
                continue
            depth, elements = depth + 1, elements + 1
            root = element if root is None else root
            if depth > DEPTH_MAX:
                raise BadXml(f"it is more than {DEPTH_MAX} elements deep")
            if elements > ELEMENTS_MAX:
                raise BadXml(f"it has more than {ELEMENTS_MAX} elements")
    except DefusedXmlException:
        raise BadXml("it declares a document type or entities") from None
    except (ParseError, ValueError, LookupError) as fault:
        raise BadXml(f"it is not well formed: {fault}"[:200]) from None
    if root is None:
        raise BadXml("it is empty")
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> Iterator[Element]:
    """The elements of this name just below, whatever their namespace."""
    return (each for each in element if local(each) == name)


def each_at(element: Element, path: str) -> Iterator[Element]:
    """The elements at a path of names as `Cdtr/Nm`, whatever their namespaces."""
    name, _, rest = path.partition("/")
    for found in children(element, name):
        if rest:
            yield from each_at(found, rest)
        else:
            yield found


def at(element: Element, path: str) -> Element | None:
    """The first element at a path. None: there is none."""
    return next(each_at(element, path), None)


def below(element: Element, path: str) -> Element:
    """The first element at a path; one without anything in it, if there is none."""
    found = at(element, path)
    return Element("nothing") if found is None else found


def text_at(element: Element, *paths: str) -> str | None:
    """The text of the first path that has one. None: none has."""
    for path in paths:
        for found in each_at(element, path):
            if text := (found.text or "").strip():
                return text
    return None
