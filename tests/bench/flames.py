"""Where a PUT of a reading goes, as two pictures: docs/pictures/flame-put-sqlite.svg and flame-put-postgresql.svg.

    python -m tests.bench.flames [SECONDS]

py-spy looks at the running service a hundred times a second while readings are typed into it; this draws what it saw.
Each bar is a function, as wide as the part of the samples it was in; what it called stands below it. Bars below half a
per cent are left out, so that the pictures stay small.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import ROOT, burst
from tests.bench.peer import install
from tests.bench.stand import ENGINES, Stand, standing

PICTURES = ROOT / "docs" / "pictures"
TOOL = ("py-spy==0.4.3",)
WIDTH, HEIGHT, LEAST, LETTER = 1200, 17, 0.005, 6.4
COLOURS = {
    "app/domain": "#8fc98f",
    "app/db": "#7fb2d9",
    "app/": "#b5d99c",
    "sqlalchemy": "#e8b878",
    "psycopg": "#e39a8b",
}
OTHER = "#d8d4cc"
SESSIONS = 96
"""So many that none grows long while it is looked at."""


@dataclass
class Bar:
    """A function and how many samples it was in; what it called, by name."""

    name: str
    samples: int = 0
    called: dict[str, "Bar"] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        return 1 + max((one.depth for one in self.called.values()), default=0)


def bars(text: str, root: str) -> Bar:
    """Of what py-spy writes: a line for each stack, its functions from the outside, and how often it was seen.

    Stacks of threads that served no request are left out.
    """
    top = Bar(root)
    for line in text.splitlines():
        stack, _, many = line.rpartition(" ")
        names = [_name(frame) for frame in stack.split(";")]
        if not any("app/" in name for name in names):
            continue
        at = next((place for place, name in enumerate(names) if "app/" in name), 0)
        top.samples += int(many)
        bar = top
        for name in names[at:]:
            bar = bar.called.setdefault(name, Bar(name))
            bar.samples += int(many)
    return top


def _name(frame: str) -> str:
    """`function (file)`, without the line and without the folders above the package."""
    function, _, place = frame.rpartition(" (")
    return f"{function} ({place.rpartition(':')[0].rpartition('site-packages/')[2] or place})" if function else frame


def _drawn(bar: Bar, left: float, level: int, whole: int) -> Iterator[str]:
    wide = WIDTH * bar.samples / whole
    if bar.samples < LEAST * whole:
        return
    colour = next((colour for part, colour in COLOURS.items() if part in bar.name), OTHER)
    share = f"{bar.name}: {100 * bar.samples / whole:.1f} %"
    top = level * HEIGHT
    yield f'<g><title>{escape(share)}</title><rect x="{left:.1f}" y="{top}" width="{wide:.1f}" fill="{colour}"/>'
    letters = int((wide - 6) / LETTER)
    if letters > 4:
        shown = bar.name if len(bar.name) <= letters else bar.name.partition(" (")[0][:letters]
        yield f'<text x="{left + 3:.1f}" y="{top + 12}">{escape(shown)}</text>'
    yield "</g>"
    for one in sorted(bar.called.values(), key=lambda called: -called.samples):
        yield from _drawn(one, left, level + 1, whole)
        left += WIDTH * one.samples / whole


def svg(top: Bar) -> str:
    """The picture."""
    drawn = list(_drawn(top, 0, 0, top.samples))
    lines = 1 + max(int(part.partition('y="')[2].partition('"')[0]) for part in drawn if "<rect" in part) // HEIGHT
    style = f"rect{{height:{HEIGHT - 1}px;stroke:#fff;stroke-width:.5}}text{{font:11px monospace}}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {lines * HEIGHT}" role="img">'
        f"<title>{escape(top.name)}</title><style>{style}</style>{''.join(drawn)}</svg>\n"
    )


def recorded(stand: Stand, engine: str, seconds: int, folder: Path) -> Bar:
    """What py-spy saw of a service that is asked as fast as it answers."""
    spy = install(TOOL, ROOT / "var" / "bench" / "spy").parent / "py-spy"
    with stand.ward(engine) as ward:
        sessions = [ward.treated() for _ in range(SESSIONS)]

        def type_some() -> None:
            burst(ward.service.port, ward.readings(sessions, 2 * SESSIONS), ward.service.trees)

        type_some()
        out = folder / f"{engine}.txt"
        command = [str(spy), "record", "--format", "raw", "--duration", str(seconds), "--output", str(out)]
        watching = subprocess.Popen(
            [*command, "--pid", str(ward.service.process.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while watching.poll() is None:
            type_some()
    return bars(out.read_text(), f"PUT of a reading, {engine}")


def main(seconds: int) -> None:
    with TemporaryDirectory() as folder, standing(full=False) as stand:
        for engine in ENGINES:
            found = recorded(stand, engine, seconds, Path(folder))
            picture = PICTURES / f"flame-put-{engine}.svg"
            picture.write_text(svg(found))
            print(f"{picture.relative_to(ROOT)}: {found.samples} samples, {picture.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
