"""The readiness rules as a page for people, printed from the very tables that test them."""

from app.domain.assessment import Criterion
from app.domain.readiness import RULES_VERSION
from tests.spec import language
from tests.spec.tables import Block, Page, pages

HEAD = """# The readiness rules, by example

Printed from `tests/spec/*.txt` by `python -m tests.generate`; do not edit. Rules version {version}. Every row is a
test: the facts of the standard session, changed as the row says, assessed under a shipped example protocol or a variant
of it. Every criterion that a row does not list is met.

The criteria: {criteria}.

## How to read a row

{words}
"""


def _words() -> str:
    """The language's own description: its paragraphs as prose, its indented parts as they stand."""
    text = language.__doc__ or ""
    return "\n".join(f"    {line[4:]}" if line.startswith("    ") else line for line in text.strip().splitlines()[2:])


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
    body = [line for one in pages() for line in _page(one)]
    return f"{head}\n" + "\n".join(body).rstrip("\n") + "\n"
