"""Who vouches for a clinic's people: an OpenID provider as the clinic has settled it, and an identity there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider. `name`: what people call it. `private`: it may be on our own network; the operator says so.

    `in_use` False: nobody signs in with it. What we show it as our secret is no part of this.
    """

    name: str
    issuer: str
    client_id: str
    private: bool = False
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a provider: `subject` is theirs for ever there. An address for mail is nobody's for ever."""

    issuer: str
    subject: str
