"""One tree from several: a file, the file it extends, its variables, and the overrides of the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from nlpx.config.nodes import Node, dotted, parse, walk
from nlpx.config.problems import Mark, Problem, nearest

PLACEHOLDER = re.compile(r"\$(\$?)\{([^{}]*)\}")


def read_tree(path: Path, problems: list[Problem], chain: tuple[Path, ...] = ()) -> Node | None:
    """The tree of a file merged over the one it extends; None, with problems noted, where that fails."""
    here = Mark(str(path), 1, 1, "", str(path.parent))
    text = _read(path, here, problems)
    node = None if text is None else parse(text, str(path), str(path.parent.resolve()), problems)
    if node is None:
        return None
    if not isinstance(node.value, dict):
        problems.append(
            Problem("C12", node.mark, "", "a config is a mapping", expected="`task: NAME` and sections")
        )
        return None
    base = node.value.pop("extends", None)
    place = node.keys.pop("extends", node.mark)
    if base is None:
        return node
    if not isinstance(base.value, str) or not base.value:
        problems.append(
            Problem("C04", base.mark, "extends", "not a file", expected="the name of one YAML file")
        )
        return node
    parent = (path.parent / base.value).resolve()
    if parent in (*chain, path.resolve()):
        circle = " -> ".join(map(str, [*chain, path.resolve(), parent]))
        problems.append(
            Problem("C04", base.mark, "extends", f"the files extend each other in a circle: {circle}")
        )
        return None
    if not parent.is_file():
        problems.append(Problem("C04", base.mark, "extends", f"there is no file {parent}"))
        return None
    below = read_tree(path.parent / base.value, problems, (*chain, path.resolve()))
    return None if below is None else merge(below, node)


def merge(below: Node, above: Node) -> Node:
    """Mappings merge key by key; everything else is replaced, and so is a component whose `type` changes."""
    if not isinstance(below.value, dict) or not isinstance(above.value, dict) or _other_type(below, above):
        return above
    merged = dict(below.value)
    for key, node in above.value.items():
        merged[key] = merge(merged[key], node) if key in merged else node
    return Node(merged, above.mark, {**below.keys, **above.keys})


def _other_type(below: Node, above: Node) -> bool:
    types = [
        node.value["type"].value if isinstance(node.value, dict) and "type" in node.value else None
        for node in (below, above)
    ]
    return types[1] is not None and types[0] != types[1]


def override(tree: Node, setting: str, problems: list[Problem]) -> Node:
    """The tree with `a.b.0=value` set; the value is read as YAML and reported like a line of a file."""
    key, equals, text = setting.partition("=")
    flag = Mark(f"--set {setting}", 1, 1, setting, str(Path.cwd()))
    path = key.strip().split(".")
    if not equals or not all(path):
        problems.append(
            Problem("C06", flag, key, "not a setting", expected="--set KEY=VALUE, as in train.epochs=3")
        )
        return tree
    found: list[Problem] = []
    value = parse(text, flag.file, flag.folder, found) if text.strip() else Node(None, flag)
    if value is None:
        problems.append(Problem("C06", flag, key, f"the value is not YAML: {found[0].message}"))
        return tree
    for _, node in walk(value):
        node.mark = Mark(flag.file, 1, len(key) + 2, setting, flag.folder)
        node.keys = dict.fromkeys(node.keys, node.mark)
    return _placed(tree, path, value, flag, problems, key)


def _placed(
    node: Node, path: Sequence[str], value: Node, flag: Mark, problems: list[Problem], key: str
) -> Node:
    if not path:
        return value
    first, *rest = path
    if isinstance(node.value, list):
        if not first.isdigit() or int(first) >= len(node.value):
            message = f"there is no item {first}; the list has {len(node.value)} items, counted from 0"
            problems.append(Problem("C06", flag, key, message))
            return node
        items = list(node.value)
        items[int(first)] = _placed(items[int(first)], rest, value, flag, problems, key)
        return Node(items, node.mark)
    below = node.value if isinstance(node.value, dict) else {}
    if isinstance(node.value, str) and rest == [] and first != "type":
        # A bare component name with an option set: `head: softmax` and --set model.head.tied=true.
        below = {"type": Node(node.value, node.mark)}
    child = below.get(first, Node(None, flag))
    if rest == [] and first == "type" and isinstance(child.value, str) and child.value != value.value:
        below = {}
    return Node(
        {**below, first: _placed(child, rest, value, flag, problems, key)},
        node.mark,
        {**node.keys, first: flag},
    )


def interpolate(tree: Node, problems: list[Problem], environment: Mapping[str, str] | None = None) -> Node:
    """The tree with `${vars.x}` and `${env:X}` filled in, and without its key `vars`. `$${` is a plain `${`.

    A scalar that is one placeholder takes the variable's value with its type; inside a text it is written out.
    """
    environment = os.environ if environment is None else environment
    variables: dict[str, Node] = {}
    if isinstance(tree.value, dict):
        section = tree.value.pop("vars", None)
        place = tree.keys.pop("vars", tree.mark)
        if section is not None and isinstance(section.value, dict):
            variables = section.value
        elif section is not None and section.value is not None:
            problems.append(Problem("C05", place, "vars", "not a mapping", expected="names and values"))

    def lookup(name: str, node: Node, path: tuple[str | int, ...]) -> Node:
        if name.startswith("vars."):
            wanted = name.removeprefix("vars.")
            if wanted in variables:
                found = variables[wanted]
                return Node(found.value, node.mark, found.keys)
            hint = nearest(wanted, variables)
            problems.append(
                Problem("C05", node.mark, dotted(path), f"there is no variable {wanted!r} in vars", hint=hint)
            )
        elif name.startswith("env:"):
            wanted = name.removeprefix("env:")
            if wanted in environment:
                return Node(environment[wanted], node.mark)
            problems.append(
                Problem("C05", node.mark, dotted(path), f"the environment variable {wanted} is not set")
            )
        else:
            message = f"${{{name}}} means nothing"
            problems.append(
                Problem("C05", node.mark, dotted(path), message, expected="${vars.NAME} or ${env:NAME}")
            )
        return Node("", node.mark)

    def filled(node: Node, path: tuple[str | int, ...]) -> Node:
        if isinstance(node.value, dict):
            children = {key: filled(child, (*path, key)) for key, child in node.value.items()}
            return Node(children, node.mark, node.keys)
        if isinstance(node.value, list):
            return Node([filled(child, (*path, i)) for i, child in enumerate(node.value)], node.mark)
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        whole = PLACEHOLDER.fullmatch(node.value)
        if whole and not whole[1]:
            return lookup(whole[2], node, path)

        def written(match: re.Match[str]) -> str:
            if match[1]:
                return match[0][1:]
            return str(lookup(match[2], node, path).value)

        return Node(PLACEHOLDER.sub(written, node.value), node.mark)

    return filled(tree, ())


def _read(path: Path, here: Mark, problems: list[Problem]) -> str | None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (
            "there is no such file"
            if isinstance(error, FileNotFoundError)
            else f"cannot be read: {error.strerror}"
        )
        problems.append(Problem("C01", here, "", reason, expected="a YAML file"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        place = Mark(str(path), line, column, "", here.folder)
        got = f"the byte {raw[error.start]:#04x}"
        problems.append(
            Problem("C01", place, "", "the file is not UTF-8", got, "UTF-8 text", "save it as UTF-8")
        )
        return None
