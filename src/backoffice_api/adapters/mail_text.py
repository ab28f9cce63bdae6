"""What mails say, as plain text: HTML is read, never shown; quoted text is told apart.

One pass, whatever is given: each step goes on behind what the one before has read.
"""

import re
from html import unescape

HTML_LENGTH_MAX = 500_000

# A tag: its attributes may hold `>` in quotes. Possessive: what was read is not tried otherwise.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)((?:[^\"'>]|\"[^\"]*+\"|'[^']*+')*+)>")
# The same where a quote never ends, so that no tag reads on to the end of the page again.
_PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^>]*+)>")
_TAG_BEGINS = re.compile(r"</?[a-zA-Z]")
_HREF = re.compile(r"\bhref\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "br", "div", "dl", "dd", "dt", "fieldset", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol"}
    | {"p", "pre", "section", "table", "tr", "ul"}
)
_LINK = re.compile(r"https?://[^\s<>\"]{1,500}")

# Lines by which programs introduce what they quote, in the languages of the shops.
_INTRODUCTION = re.compile(
    r"(?:On\b.{4,250}\bwrote|Am\b.{4,250}\bschrieb\b.{0,120}|Em\b.{4,250}\bescreveu"
    r"|El\b.{4,250}\bescribió|Le\b.{4,250}\ba écrit|Il\b.{4,250}\bha scritto)\s?:",
)
_ORIGINAL = re.compile(
    r"-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Mensagem original|Mensaje original"
    r"|Message d'origine|Messaggio originale|Forwarded message)\s*-{2,}",
    re.IGNORECASE,
)
_RULE = re.compile(r"_{10,}")
_FROM = re.compile(r"\*?(?:From|Von|De|Da)\s?:\*?\s", re.IGNORECASE)
_LINE_LENGTH_MAX = 400


def text_of_html(html: str) -> str:
    """What is to be read of a page: its text, with `> ` before what it quotes.

    Scripts, styles and comments are left out; links stand behind their text. What looks like
    markup in the text stays text.
    """
    return _Reader(html[:HTML_LENGTH_MAX]).read()


class _Reader:
    """Reads a page from its beginning to its end."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._link = ""
        self._of_link: list[str] = []
        self._tag_is = _TAG

    def read(self) -> str:
        html, at = self._html, 0
        while True:
            start = html.find("<", at)
            if start < 0:
                self._say(html[at:])
                break
            self._say(html[at:start])
            if html.startswith("<!--", start):
                end = html.find("-->", start + 4)
                at = end + 3
            elif _TAG_BEGINS.match(html, start):
                end = at = self._tag(start)
            elif html.startswith(("<!", "<?", "</"), start):
                end = html.find(">", start)
                at = end + 1
            else:
                self._say("<")
                end = at = start + 1
            if end < 0:  # it never ends: the rest is no text
                break
        self._break()
        return _squeezed(self._lines)

    def _tag(self, start: int) -> int:
        """Where to go on behind the tag at `start`. Below 0: it does not end."""
        found = self._tag_is.match(self._html, start)
        if found is None:
            self._tag_is = _PLAIN_TAG
            found = self._tag_is.match(self._html, start)
        if found is None:
            return -1
        closes, name, attributes = bool(found[1]), found[2].lower(), found[3]
        if name in _HIDDEN and not closes and not attributes.endswith("/"):
            return self._end_of(name, found.end())
        if name == "blockquote":
            self._break()
            self._quotes = max(0, self._quotes + (-1 if closes else 1))
        elif name in _BLOCKS:
            self._break()
        elif name in ("td", "th"):
            self._say(" ")
        elif name == "a":
            self._anchor(attributes, closes)
        if name == "li" and not closes:
            self._say("- ")
        return found.end()

    def _end_of(self, name: str, at: int) -> int:
        """Where what is hidden ends. Below 0: nowhere."""
        found = re.compile(rf"</{name}\b", re.IGNORECASE).search(self._html, at)
        end = self._html.find(">", found.end()) if found else -1
        return end + 1 if end >= 0 else -1

    def _anchor(self, attributes: str, closes: bool) -> None:
        if closes:
            said = "".join(self._of_link).strip()
            if self._link and self._link.rstrip("/") not in (said, said.rstrip("/")):
                self._say(f" <{self._link}>")
            self._link, self._of_link = "", []
            return
        found = _HREF.search(attributes[:4_000])
        given = _unescaped(found[1] or found[2] or found[3] or "") if found else ""
        self._link = given if _LINK.fullmatch(given) else ""
        self._of_link = []

    def _say(self, text: str) -> None:
        if not text:
            return
        said = _SPACES.sub(" ", _unescaped(text))
        self._line.append(said)
        if self._link:
            self._of_link.append(said)

    def _break(self) -> None:
        text = _SPACES.sub(" ", "".join(self._line)).strip()
        self._line = []
        quotes = "> " * min(self._quotes, 5)
        if text:
            self._lines.append(quotes + text)
        elif self._lines and self._lines[-1]:
            self._lines.append("")


def quoted_from(text: str) -> int | None:
    """From which character on a text only repeats what was written before. None: nowhere.

    Answers between the lines of what is quoted are not told apart: then nothing is.
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    # From the end on, as long as lines are quoted or empty.
    last = len(lines)
    while last and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith(">")):
        last -= 1
    quoted = next((at for at in range(last, len(lines)) if lines[at].strip()), None)
    begins = None if quoted is None else _with_introduction(lines, quoted)
    for at, line in enumerate(lines):
        if begins is not None and at >= begins:
            break
        if _is_original(lines, at, line):
            begins = at
            break
    return None if begins is None else starts[begins]


def _with_introduction(lines: list[str], quoted: int) -> int:
    """The line where a quotation begins, with the words that introduce it, of up to two lines."""
    before = [at for at in range(quoted - 1, max(-1, quoted - 5), -1) if lines[at].strip()][:2]
    for count in range(1, len(before) + 1):
        first = before[count - 1]
        words = " ".join(line.strip() for line in lines[first:quoted] if line.strip())
        if len(words) <= _LINE_LENGTH_MAX and _INTRODUCTION.fullmatch(words):
            return first
    return quoted


def _is_original(lines: list[str], at: int, line: str) -> bool:
    """Whether a letter of old stands whole behind this line, as some programs put it there."""
    if len(line) > _LINE_LENGTH_MAX:
        return False
    said = line.strip()
    if _ORIGINAL.fullmatch(said):
        return True
    following = next((each for each in lines[at + 1 : at + 4] if each.strip()), "")
    return bool(_RULE.fullmatch(said) and _FROM.match(following[:_LINE_LENGTH_MAX].strip() + " "))


def _unescaped(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # a number of thousands of digits
        return text


def _squeezed(lines: list[str]) -> str:
    """The lines without empty ones at both ends."""
    return "\n".join(lines).strip("\n")
