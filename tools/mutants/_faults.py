"""The faults that can be put into a file: small edits of its tree that change what it does."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Fault", "faults_of"]

_SWAPPED_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
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
_SWAPPED_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Fault:
    """One edit of one file.

    Attributes
    ----------
    start, end : int
        Byte offsets of the text that is replaced.
    lines : range
        Lines of the statement, or of the head of a compound one, that holds the text.
    before, after : str
        The text and what replaces it.
    """

    start: int
    end: int
    lines: range
    before: str
    after: str

    def put_into(self, source: str) -> str:
        """The source with the fault in it."""
        data = source.encode()
        return (data[: self.start] + self.after.encode() + data[self.end :]).decode()


def faults_of(source: str) -> list[Fault]:
    """Every fault that can be put into a file, in the order of the text.

    Left alone are docstrings and other text, annotations, decorators, ``__all__``, what stands
    under ``TYPE_CHECKING``, and what is raised: no test should depend on a message word by word.
    """
    offsets = [0]
    for line in source.encode().splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    data = source.encode()
    faults = []
    for statement in _statements(ast.parse(source)):
        lines = _lines(statement)
        for node, after in _edits(statement):
            start = offsets[node.lineno - 1] + node.col_offset
            end = offsets[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            before = data[start:end].decode()
            faults.append(Fault(start, end, lines, before, after))
    return sorted(faults, key=lambda fault: (fault.start, fault.end, fault.after))


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """The statements in which faults may be put, those in other statements too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.stmt) and not _left_alone(node):
            yield node
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _statements(node)


def _left_alone(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "__all__" for t in statement.targets)
    return isinstance(
        statement, ast.Raise | ast.Import | ast.ImportFrom | ast.ClassDef | ast.Global | ast.Pass
    )


def _lines(statement: ast.stmt) -> range:
    """The lines that run when the statement runs, without those of the statements in it."""
    end = statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        end = max(statement.lineno, body[0].lineno - 1)
    return range(statement.lineno, end + 1)


def _edits(statement: ast.stmt) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """What of a statement can be replaced, and by what."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        if not (isinstance(statement.value, ast.Constant) and statement.value.value is None):
            yield statement, "return None"
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        yield statement, "pass"
    elif isinstance(statement, ast.Break):
        yield statement, "continue"
    elif isinstance(statement, ast.Continue):
        yield statement, "break"
    elif isinstance(statement, ast.AugAssign) and type(statement.op) in _SWAPPED_OPERATORS:
        changed = copy.deepcopy(statement)
        changed.op = _SWAPPED_OPERATORS[type(statement.op)]()
        yield statement, ast.unparse(changed)
    elif isinstance(statement, ast.If | ast.While):
        yield statement.test, f"(not ({ast.unparse(statement.test)}))"
    for expression in _expressions(statement):
        yield from _edits_of_expression(expression)


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement, without annotations, f-strings and other statements."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                # Before Python 3.12 the tree does not tell where an expression in an f-string is.
                if isinstance(child, ast.stmt | ast.JoinedStr | ast.excepthandler | ast.match_case):
                    continue
                if isinstance(child, ast.AST):
                    waiting.append(child)
                if isinstance(child, ast.expr):
                    yield child


def _edits_of_expression(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    changed = copy.deepcopy(node)
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield node, repr(not node.value)
        elif isinstance(node.value, int):
            yield node, repr(node.value + 1)
        elif isinstance(node.value, float):
            yield node, repr(node.value * 2 or 1.0)
    elif isinstance(node, ast.Compare) and isinstance(changed, ast.Compare):
        for i, operator in enumerate(node.ops):
            for swapped in _SWAPPED_COMPARISONS[type(operator)]:
                changed.ops[i] = swapped()
                yield node, f"({ast.unparse(changed)})"
            changed.ops[i] = operator
    elif isinstance(node, ast.BinOp) and isinstance(changed, ast.BinOp):
        if type(node.op) in _SWAPPED_OPERATORS and not any(map(_is_text, (node.left, node.right))):
            changed.op = _SWAPPED_OPERATORS[type(node.op)]()
            yield node, f"({ast.unparse(changed)})"
    elif isinstance(node, ast.BoolOp) and isinstance(changed, ast.BoolOp):
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, f"({ast.unparse(changed)})"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node, f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.IfExp) and isinstance(changed, ast.IfExp):
        changed.body, changed.orelse = changed.orelse, changed.body
        yield node, f"({ast.unparse(changed)})"
    elif isinstance(node, ast.Call) and isinstance(changed, ast.Call):
        yield from _edits_of_call(node, changed)


def _edits_of_call(node: ast.Call, changed: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(node.func, ast.Name) and node.func.id in _SWAPPED_CALLS:
        yield node.func, _SWAPPED_CALLS[node.func.id]
    for i, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            changed.keywords = node.keywords[:i] + node.keywords[i + 1 :]
            yield node, ast.unparse(changed)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
