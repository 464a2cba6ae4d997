"""Rewrites programs that extend BaseAgent for 1.0.5, sign by sign where it must and nowhere else; runs none of them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLD, NEW, SELECTION = "performTask", "performTaskImpl", "ModelSelection"
LIBRARY, ROOT = "agentic_qe", "BaseAgent"
Method = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file as it is to be, and what was changed, a line each."""

    file: Path
    content: bytes
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """Some bytes in the place of others."""

    start: int
    end: int
    text: bytes


def rewritten(file: Path, content: bytes) -> Rewritten | None:
    """The file for 1.0.5, None if there is nothing to change; raises SyntaxError for what is no Python."""
    tree = ast.parse(content, filename=str(file))
    source = _Source(content)
    edits: list[Edit] = []
    changes: list[str] = []
    typed = False
    for agent in agents(tree):
        methods = {node.name: node for node in agent.body if isinstance(node, Method)}
        method = methods.get(OLD)
        if method is None or NEW in methods:
            continue
        if not _takes_the_task_alone(method):
            raise _by_hand(file, agent, method)
        typed = typed or method.args.args[1].annotation is not None
        edits += [*_renamed(source, method), _wrapper(source, method)]
        changes.append(f"{agent.name}.{OLD} is {NEW} now, with a wrapper under the old name")
    if typed and not _imports(tree, SELECTION):
        edits.append(_import(source, tree))
    return Rewritten(file, source.edited(edits), tuple(changes)) if changes else None


def agents(tree: ast.Module) -> Iterator[ast.ClassDef]:
    """Classes that extend BaseAgent, directly or by way of a class of the same file."""
    known = {alias.asname or alias.name for alias in _from_library(tree) if alias.name == ROOT}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(_is_agent(parent, known) for parent in node.bases):
            known.add(node.name)
            yield node


class _Source:
    """The bytes of a file, by line and column as syntax trees count them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._begins = [0]
        for line in content.splitlines(keepends=True):
            self._begins.append(self._begins[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """The place of a line, from 1, and a column in bytes, from 0."""
        # A byte order mark is in the file and in no column.
        mark = 3 if line == 1 and self.content.startswith(b"\xef\xbb\xbf") else 0
        return self._begins[line - 1] + column + mark

    def after_line(self, line: int) -> int:
        """The place where the next line begins."""
        return self._begins[line]

    @property
    def newline(self) -> bytes:
        """How lines end here."""
        return b"\r\n" if b"\r\n" in self.content else b"\n"

    def edited(self, edits: list[Edit]) -> bytes:
        """The bytes after all edits."""
        content = self.content
        for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
            content = content[: edit.start] + edit.text + content[edit.end :]
        return content


def _renamed(source: _Source, method: Method) -> Iterator[Edit]:
    begin = source.content.index(OLD.encode(), source.at(method.lineno, method.col_offset))
    yield Edit(begin, begin + len(OLD), NEW.encode())
    task = method.args.args[1]
    place = source.at(task.end_lineno or task.lineno, task.end_col_offset or task.col_offset)
    text = f", selection: {SELECTION} | None = None" if task.annotation is not None else ", selection=None"
    yield Edit(place, place, text.encode())
    for call in ast.walk(method):
        if isinstance(call, ast.Call) and _is_call_of_parent(call):
            end = source.at(call.func.end_lineno or 1, call.func.end_col_offset or 0)
            yield Edit(end - len(OLD), end, NEW.encode())
            last = call.args[-1]
            place = source.at(last.end_lineno or last.lineno, last.end_col_offset or last.col_offset)
            yield Edit(place, place, b", selection")


def _wrapper(source: _Source, method: Method) -> Edit:
    task, indent = method.args.args[1].arg, " " * method.col_offset
    waits = "await " if isinstance(method, ast.AsyncFunctionDef) else ""
    kind = "async def" if isinstance(method, ast.AsyncFunctionDef) else "def"
    lines = [
        "",
        f"{indent}{kind} {OLD}(self, {task}):",
        f'{indent}    """The name of 1.0.4, for those who call it."""',
        f"{indent}    return {waits}self.{NEW}({task})",
        "",
    ]
    last = method.end_lineno or method.lineno
    place = source.after_line(last)
    begins_line = b"" if source.content[:place].endswith(b"\n") else source.newline
    return Edit(place, place, begins_line + source.newline.join(line.encode() for line in lines))


def _import(source: _Source, tree: ast.Module) -> Edit:
    last = max((node.end_lineno or node.lineno for node in tree.body if _is_import(node)), default=0)
    place = source.after_line(last)
    return Edit(place, place, f"from {LIBRARY} import {SELECTION}".encode() + source.newline)


def _takes_the_task_alone(method: Method) -> bool:
    args = method.args
    others = (*args.posonlyargs, *args.kwonlyargs, *args.defaults, args.vararg, args.kwarg)
    return len(args.args) == 2 and not any(others) and not method.decorator_list


def _by_hand(file: Path, agent: ast.ClassDef, method: Method) -> SyntaxError:
    text = f"{agent.name}.{OLD} takes more than the task, or is decorated; migrate it by hand"
    return SyntaxError(text, (str(file), method.lineno, method.col_offset, None))


def _is_call_of_parent(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr="performTask", value=ast.Call(func=ast.Name(id="super"))):
            return bool(call.args)
    return False


def _is_agent(parent: ast.expr, known: set[str]) -> bool:
    match parent:
        case ast.Name(id=name):
            return name in known
        case ast.Attribute(attr="BaseAgent", value=ast.Name(id="agentic_qe")):
            return True
    return False


def _from_library(tree: ast.Module) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == LIBRARY:
            yield from node.names


def _imports(tree: ast.Module, name: str) -> bool:
    return any((alias.asname or alias.name) == name for alias in _from_library(tree))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)
