"""What the pages show: blocks of code, code in the text, comments of configs, and the help of commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from nlpx.cli.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING*.md",
    "CHANGELOG*.md",
    "data/README*.md",
    "benchmarks/RESULTS*.md",
    "docs/*.md",
    "docs/plugins/*.md",
)
CONFIGS = ("configs/**/*.yaml", "docs/plugins/*.yaml", "nlpx/tasks/*/template.yaml")

_FENCE = re.compile(r"( *)```(\w*)$")
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_IN_COMMENT = re.compile(rf"nlpx (?:{'|'.join(COMMANDS)})\b.*?(?=$|[;:)] |\. | {{2,}}|\)$|\), )")


@dataclass(frozen=True)
class Block:
    """Lines of code that stand by themselves.

    Attributes:
        page: the file, relative to the project.
        line: of the first line of code.
        section: the heading above.
        language: as the fence says; empty where it says nothing, or where the block is indented.
        text: the lines, without what they are indented by.
    """

    page: str
    line: int
    section: str
    language: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Span:
    """Code in the text: `so`. The attributes are those of a block."""

    page: str
    line: int
    section: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def markdown_pages() -> list[str]:
    return _files(PAGES)


def _files(patterns: tuple[str, ...]) -> list[str]:
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return [path.relative_to(ROOT).as_posix() for path in found]


def read(page: str) -> list[Block | Span]:
    """Everything a Markdown page shows, in its order."""
    return list(_read(page, (ROOT / page).read_text(encoding="utf-8").splitlines()))


def _read(page: str, lines: list[str]) -> Iterator[Block | Span]:
    section = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        fence = _FENCE.match(line)
        if fence:
            indent, language = fence.groups()
            end = lines.index(f"{indent}```", number + 1)
            code = [inner.removeprefix(indent) for inner in lines[number + 1 : end]]
            yield Block(page, number + 2, section, language, "\n".join(code))
            number = end + 1
        elif line.startswith("    ") and (number == 0 or not lines[number - 1].strip()):
            end = number
            while end < len(lines) and lines[end].startswith("    "):
                end += 1
            yield Block(page, number + 1, section, "", "\n".join(inner[4:] for inner in lines[number:end]))
            number = end
        elif not line.strip():
            number += 1
        else:
            if line.startswith("#"):
                section = line.lstrip("# ")
            end = number + 1
            # Code in a text may go on in the next line; that of a table ends with its row.
            while (
                not line.startswith("|")
                and end < len(lines)
                and lines[end].strip()
                and not _FENCE.match(lines[end])
            ):
                end += 1
            yield from _spans(page, number + 1, section, "\n".join(lines[number:end]))
            number = end


def _spans(page: str, first: int, section: str, text: str) -> Iterator[Span]:
    for found in _CODE.finditer(text):
        line = first + text.count("\n", 0, found.start())
        yield Span(page, line, section, " ".join(found[1].split()).replace("\\|", "|"))


def in_configs() -> Iterator[Span]:
    """The commands in the comments of configs; they end where a sentence does, or before two blanks."""
    for page in _files(CONFIGS):
        for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), start=1):
            for found in _IN_COMMENT.finditer(line.partition("# ")[2] if "# " in line else ""):
                yield Span(page, number, "", found[0].rstrip("."))


def in_help() -> Iterator[Span]:
    """The commands, and the values for --set, that the help of every command shows."""
    for path, command in commands(cli):
        page = f"{path} --help"
        for found in re.finditer(r"nlpx .*", command.epilog or ""):
            for one in found[0].split(" && "):
                yield Span(page, 0, "", one)
        for text in _CODE.findall(command.help or ""):
            yield Span(page, 0, "", " ".join(text.split()))
        for parameter in command.params:
            if isinstance(parameter, click.Option) and "--set" in parameter.opts:
                for value in re.findall(r"[a-z_.]+=[^\s,]*[^\s,.;]", parameter.help or ""):
                    asked = " --text 春风" if path == "nlpx predict" else ""
                    yield Span(page, 0, "", f"{path}{asked} --set {value}")


def commands(group: click.Group, path: str = "nlpx") -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
