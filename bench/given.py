"""Settings that are given to a measured server on the command line.

Those of the environment never reach it, so that figures do not depend on who measures.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import click

Settings = Mapping[str, str]
NO_SETTINGS: Settings = MappingProxyType({})

_SETTING = re.compile(r"(BACKOFFICE_[A-Z0-9_]+)=(.*)")


def _read(_: click.Context, option: click.Parameter, pairs: Sequence[str]) -> Settings:
    settings = {}
    for pair in pairs:
        match = _SETTING.fullmatch(pair)
        if match is None:
            raise click.BadParameter(f"{pair} is not BACKOFFICE_NAME=value.", param=option)
        settings[match[1]] = match[2]
    return settings


settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_read,
    help="A setting of the server, as BACKOFFICE_POOL_SIZE=4; may be given several times.",
)
