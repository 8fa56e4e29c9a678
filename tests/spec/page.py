"""The readiness rules as a page for people, printed from the very tables that test them."""

from collections.abc import Iterable, Iterator

from app.domain.assessment import Criterion
from app.domain.codes import Code
from app.domain.readiness import RULES_VERSION
from tests.spec import language
from tests.spec.codes import reached
from tests.spec.tables import Block, Page, pages, rows

HEAD = """# The readiness rules, by example

Printed from `tests/spec/*.txt` by `python -m tests.generate`; do not edit. Rules version {version}. Every row is a
test: the facts of the standard session, changed as the row says, assessed under a shipped example protocol or a variant
of it. Every criterion that a row does not list is met.

The criteria: {criteria}.

## How to read a row

{words}
"""

CODES = """## What a finding says

A rule decides with a code and parameters: they are kept and signed. The sentence is formed from them where it is
shown, so that its words can change without a new verdict. A name in braces stands for a parameter, or for a limit of
the protocol. These are the codes that the rows below come to. Under any criterion there is also `{failed}`:
"{words}"
"""

PARTS = """### Parts of other sentences

What is said inside a finding, or of the baseline by itself.
"""


def _words() -> str:
    """The language's own description: its paragraphs as prose, its indented parts as they stand."""
    text = language.__doc__ or ""
    return "\n".join(f"    {line[4:]}" if line.startswith("    ") else line for line in text.strip().splitlines()[2:])


def _said(code: Code) -> str:
    return code.template.replace("|", "\\|")


def _table(columns: str, lines: Iterable[tuple[str, ...]]) -> list[str]:
    names = columns.split(", ")
    return [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}", *(f"| {' | '.join(line)} |" for line in lines), ""]


def _codes() -> Iterator[str]:
    """Every code, under its criterion and outcome, with its sentence."""
    own, parts = reached(rows())
    failed = Code.COULD_NOT_BE_EVALUATED
    yield CODES.format(failed=failed.value, words=_said(failed))
    lines = (
        (f"`{criterion.value}`", codes[code].value, f"`{code.value}`", _said(code))
        for criterion, codes in own.items()
        for code in Code
        if code in codes
    )
    yield from _table("criterion, outcome, code, sentence", lines)
    yield PARTS
    yield from _table("code, words", ((f"`{code.value}`", _said(code)) for code in Code if code in parts))


def _block(block: Block) -> list[str]:
    lines = [f"### {block.title}", ""]
    if block.prose:
        lines += [" ".join(block.prose), ""]
    lines.append(f"Protocol: `{block.protocol}`." + (f" Given to all rows: `{block.given}`." if block.given else ""))
    lines += ["", f"| {' | '.join(block.columns)} |", f"|{' --- |' * len(block.columns)}"]
    for row in block.rows:
        cells = [f"`{row.cells['given']}`" if name == "given" else row.cells[name] for name in block.columns]
        lines.append(f"| {' | '.join('' if cell in {'-', '`-`'} else cell for cell in cells)} |")
    return [*lines, ""]


def _page(one: Page) -> list[str]:
    lines = [f"## {one.title}", ""]
    if one.prose:
        lines += [" ".join(one.prose), ""]
    for block in one.blocks:
        lines += _block(block)
    return lines


def rules_page() -> str:
    """The whole page as Markdown."""
    criteria = ", ".join(f"`{criterion.value}`" for criterion in Criterion)
    head = HEAD.format(version=RULES_VERSION, criteria=criteria, words=_words())
    body = [*_codes(), *(line for one in pages() for line in _page(one))]
    return f"{head}\n" + "\n".join(body).rstrip("\n") + "\n"
