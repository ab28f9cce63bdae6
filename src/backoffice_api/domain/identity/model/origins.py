"""From where and in which way somebody signs in."""

from dataclasses import dataclass

from backoffice_api.domain.kernel.choices import Choice

AGENT_LENGTH_MAX = 120


class SignInWay(Choice):
    """In which way a session was started."""

    PASSWORD = "password", "With a password."
    PROVIDER = "provider", "Through an identity provider (OpenID Connect)."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from. `address`: of the network. `agent`: what the program says it is.

    None: not known.
    """

    address: str | None = None
    agent: str | None = None


NOWHERE = Origin()


def origin(address: str | None, agent: str | None) -> Origin:
    """The same as it is kept: a program's own words are cut, and hold no control characters."""
    # An address with a zone (`fe80::1%eth0`) may be of any length, and the zone is ours.
    place = address.partition("%")[0][:45] if address else None
    words = " ".join("".join(each if each.isprintable() else " " for each in agent or "").split())
    return Origin(place or None, words[:AGENT_LENGTH_MAX].strip() or None)
