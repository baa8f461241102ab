"""Order of the types in a union: `str | None | Unset`, whatever order the generator writes."""

import ast
from collections.abc import Iterator
from functools import reduce
from typing import Any

PLACES = {"None": 1, "Unset": 2}


def none_last(code: str) -> str:
    """Return an annotation or a parameter with None and Unset last in each union."""
    return ast.unparse(_Sorter().visit(ast.parse(code))) if "|" in code else code


class _Sorter(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> Any:
        options = [self.visit(option) for option in _options(node)]
        options.sort(key=lambda option: PLACES.get(ast.unparse(option), 0))
        return reduce(lambda left, right: ast.BinOp(left, ast.BitOr(), right), options)


def _options(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _options(node.left)
        yield from _options(node.right)
    else:
        yield node
