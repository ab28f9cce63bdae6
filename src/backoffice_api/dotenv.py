"""Settings that stand in a file: one `KEY=VALUE` a line."""

import re
from collections.abc import Mapping
from pathlib import Path


class SettingsError(Exception):
    """Settings that cannot be used. `faults` has one sentence for each, all found at once.

    The sentences name variables and lines, never the values: those may be secrets.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(("The settings cannot be used:", *faults)))
        self.faults = faults


def read_dotenv(path: Path) -> Mapping[str, str]:
    """The variables of a `.env` file; none if there is no such file.

    One `KEY=VALUE` a line. A value in single or double quotes is taken as it stands between them;
    nothing is expanded. `#` begins a comment at the start of a line and after a blank.

    Raises:
        SettingsError: a line is something else, a variable is there twice, or it is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise SettingsError((f"{path} is not UTF-8.",)) from None

    values: dict[str, str] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _DOTENV_LINE.fullmatch(line)
        if match is None:
            faults.append(f"{path} line {number} is not KEY=VALUE.")
        elif match["key"] in values:
            faults.append(f"{path} line {number} sets {match['key']} again.")
        else:
            values[match["key"]] = match["single"] or match["double"] or match["bare"] or ""
    if faults:
        raise SettingsError(tuple(faults))
    return values


_DOTENV_LINE = re.compile(
    r"""
    \s* (?P<key>[A-Za-z_][A-Za-z0-9_]*) \s* = \s*
    (?: '(?P<single>[^']*)' | "(?P<double>[^"]*)" | (?P<bare>[^\s'"\#].*?) )?
    (?: \s+ \#.* )? \s*
    """,
    re.VERBOSE,
)
