"""Command lines in texts, and whether the real command line would take them. It is asked itself; nothing is run."""

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import typer
from typer._click.exceptions import MissingParameter, NoArgsIsHelpError, UsageError
from typer.core import TyperGroup

from app.commands import _cli

NAME = "infusion-vitals"
BEFORE = (["sudo"], ["exec"], ["uv", "tool", "run", "--from", "."])
"""What may stand before the program's name and starts it."""
SEPARATORS = frozenset("();|&")
REDIRECTIONS = {"<", ">", ">>"}
AN_ID = "0199aaaa-0000-7000-8000-000000000001"
"""Stands for what a page calls SESSION_ID."""


@cache
def _whole() -> Any:
    return typer.main.get_command(_cli(None))


def fault(arguments: Sequence[str], *, whole: bool = True) -> str | None:
    """Why the command line would refuse these arguments, in its own words; None where it would take them.

    `whole` False: a command as a sentence names it, without what it needs besides.
    """
    given = [AN_ID if re.fullmatch(r"[A-Z]+_ID", one) else one for one in arguments if whole or one != "..."]
    command, name, rest, context = _whole(), NAME, given, None
    try:
        while True:
            context = command.make_context(name, rest, parent=context)
            if not isinstance(command, TyperGroup):
                return None
            rest = [*context._protected_args, *context.args]
            name, command, rest = command.resolve_command(context, rest)
    except typer.Exit:
        return None  # --help, --version
    except NoArgsIsHelpError:
        return "Missing command." if whole else None
    except MissingParameter as missing:
        return missing.format_message() if whole else None
    except UsageError as problem:
        return problem.format_message()


def commands_in(shell: str) -> Iterator[list[str]]:
    """The arguments of each start of our program in a text for a shell."""
    for line in re.sub(r"\\\n\s*", " ", shell).splitlines():
        if NAME not in line:
            continue
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if not word or not set(word) <= SEPARATORS:
                words.append(word)
                continue
            started = _started(words)
            if started is not None:
                yield started
            words = []


def _started(words: list[str]) -> list[str] | None:
    for before in BEFORE:
        if words[: len(before)] == before:
            words = words[len(before) :]
    if not words or words[0].rpartition("/")[2] != NAME:
        return None
    found, skip = [], False
    for word in words[1:]:
        if word in REDIRECTIONS:
            skip = True
        elif skip:
            skip = False
        else:
            found.append(word)
    return found


def blocks_of(page: str) -> tuple[str, str]:
    """A Markdown text's blocks for a shell, or for nobody in particular; and the rest."""
    blocks: list[str] = []

    def take(found: re.Match[str]) -> str:
        if found[1] in {"", "sh"}:
            blocks.append(found[2])
        return ""

    rest = re.sub(r"^```(\w*)\n(.*?)^```$", take, page, flags=re.MULTILINE | re.DOTALL)
    indented = [line[4:] for line in rest.splitlines() if line.startswith("    ")]
    rest = "\n".join(line for line in rest.splitlines() if not line.startswith("    "))
    return "\n".join([*blocks, *indented]), rest


def named_in(text: str) -> list[list[str]]:
    """The commands that sentences name, each between backquotes."""
    spans = [re.sub(r"\s+", " ", one) for one in re.findall(r"`([^`]+)`", text)]
    return [
        found
        for one in spans
        if one.startswith((f"{NAME} ", f".venv/bin/{NAME} ", "uv "))
        for found in commands_in(one)
    ]


def faults_of(page: str, *, markdown: bool = True) -> list[str]:
    """Command lines of a text that the command line would refuse, each with the reason."""
    shell, rest = blocks_of(page) if markdown else ("", page)
    lines = [(words, True) for words in commands_in(shell)] + [(words, False) for words in named_in(rest)]
    found = [(words, fault(words, whole=whole)) for words, whole in lines]
    return [f"{NAME} {shlex.join(words)}: {reason}" for words, reason in found if reason is not None]
