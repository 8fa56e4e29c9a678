"""The changes: what one place of a module may be turned into.

A change works on the syntax tree. Left alone are texts (sentences are looked at by the spec tables and by people, and
f-strings with them), annotations and decorators: to change them changes no verdict.
"""

import ast
import hashlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CALLED = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "met": "unknown",
    "unknown": "met",
    "not_met": "unknown",
}
MEMBERS = {
    ("Outcome", "MET"): "UNKNOWN",
    ("Outcome", "UNKNOWN"): "MET",
    ("Outcome", "NOT_MET"): "UNKNOWN",
    ("Status", "MET"): "CANNOT_TELL",
    ("Status", "CANNOT_TELL"): "MET",
    ("Status", "NOT_MET"): "CANNOT_TELL",
    ("Grade", "GOOD"): "BAD",
    ("Grade", "BAD"): "INCOMPLETE",
    ("Grade", "INCOMPLETE"): "GOOD",
}
UNTOUCHED = {"annotation", "returns", "decorator_list", "bases"}


@dataclass(frozen=True)
class Change:
    """One change of one module: the `nth` variant of the `place`-th node."""

    module: str
    path: str
    line: int
    where: str
    text: str
    was: str
    now: str
    version: str
    place: int
    nth: int

    @property
    def id(self) -> str:
        """What names the change in this very text of the module."""
        return f"{self.path}@{self.version}:{self.place}:{self.nth}"

    @property
    def key(self) -> str:
        """What names the change also after lines have moved."""
        return f"{self.path} {self.where} | {self.text} | {self.was} -> {self.now}"


@dataclass(frozen=True)
class _Place:
    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    where: str

    def put(self, other: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, other)
        else:
            getattr(self.parent, self.field)[self.index] = other


def _places(node: ast.AST, where: str) -> Iterator[_Place]:
    """Every node below that may be changed, in the order of the text, with the function or class it lies in."""
    for field, value in ast.iter_fields(node):
        if field in UNTOUCHED:
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                continue
            inner = where
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{where}.{child.name}" if where else child.name
            yield _Place(child, node, field, index, inner)
            yield from _places(child, inner)


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _variants(node: ast.AST, field: str) -> list[ast.AST]:
    """What may stand in place of the node."""
    found: list[ast.AST] = []
    match node:
        case ast.Compare(ops=ops):
            for n, op in enumerate(ops):
                for other in COMPARED[type(op)]:
                    changed = deepcopy(node)
                    changed.ops[n] = other()
                    found.append(changed)
        case ast.BoolOp(op=op, values=values):
            changed = deepcopy(node)
            changed.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            found.append(changed)
            for n in range(len(values)):
                rest = [deepcopy(v) for m, v in enumerate(values) if m != n]
                found.append(rest[0] if len(rest) == 1 else ast.BoolOp(deepcopy(op), rest))
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            found.append(deepcopy(operand))
        case ast.BinOp(op=op) if type(op) in RECKONED:
            changed = deepcopy(node)
            changed.op = RECKONED[type(op)]()
            found.append(changed)
        case ast.Constant(value=bool() as value):
            found.append(ast.Constant(not value))
        case ast.Constant(value=int() as value):
            found += [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Call(func=ast.Name(id=name)) if name in CALLED:
            changed = deepcopy(node)
            changed.func.id = CALLED[name]
            found.append(changed)
        case ast.Attribute(value=ast.Name(id=owner), attr=member) if (owner, member) in MEMBERS:
            changed = deepcopy(node)
            changed.attr = MEMBERS[owner, member]
            found.append(changed)
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            found.append(ast.Return(ast.Constant(None)))
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            found.append(ast.Pass())
        case _:
            pass
    if field in {"test", "guard", "ifs"} and isinstance(node, ast.Name | ast.Attribute | ast.Call):
        found.append(_negated(deepcopy(node)))
    return found


def _text(node: ast.AST) -> str:
    text = ast.unparse(ast.fix_missing_locations(deepcopy(node))).strip().splitlines()[0]
    return text if len(text) <= 110 else f"{text[:107]}..."


def changes(source: str, module: str, path: str) -> list[Change]:
    """Every change of a module, in the order of its text."""
    lines = source.splitlines()
    version = hashlib.sha256(source.encode()).hexdigest()[:12]
    found = []
    for place, at in enumerate(_places(ast.parse(source), "")):
        for nth, other in enumerate(_variants(at.node, at.field)):
            line = getattr(at.node, "lineno", 1)
            text = lines[line - 1].strip()
            words = (at.where or "-", text, _text(at.node), _text(other))
            found.append(Change(module, path, line, *words, version, place, nth))
    return found


def changed(source: str, change: Change) -> ast.Module:
    """The module's tree with the one change in it."""
    tree = ast.parse(source)
    at = next(at for place, at in enumerate(_places(tree, "")) if place == change.place)
    other = _variants(at.node, at.field)[change.nth]
    at.put(ast.copy_location(other, at.node))
    return ast.fix_missing_locations(tree)
