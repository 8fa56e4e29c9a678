"""A plus in an address arrives as a space; it is put back where no space can be meant. Pure."""


def with_plus(text: str) -> str:
    """For instants and names of media types alone: neither holds a space. In a person's name one may be meant."""
    return text.replace(" ", "+")
