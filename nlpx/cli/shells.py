"""Shell completion by click, with scripts that complete `KEY=` and `KIND/` without a space behind."""

from __future__ import annotations

import traceback
from typing import Any, ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    shell_complete,
)

OPEN_END = ("=", "/", ".")
"""Ends of words that are not complete yet."""

BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' type value line
    COMPREPLY=()
    while IFS= read -r line; do
        type=${line%%%%,*} value=${line#*,}
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            open) compopt -o nospace; COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" %(complete_var)s=bash_complete \
"$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local -a plain open described response
    local type value help
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) \
%(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")
    compset -P '--[^=]##='
    for type value help in $response; do
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            open) open+=("$value") ;;
            plain) if [[ $help == _ ]]; then plain+=("$value"); else described+=("$value:$help"); fi ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described
    (( $#plain )) && compadd -V unsorted -a plain
    (( $#open )) && compadd -S '' -V unsorted -a open
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class OptionBeforeValue(ShellComplete):
    """An option whose value is being typed does not keep click from reading the words before it."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        if args and args[-1].startswith("-") and args[-1].strip("-") and "=" not in args[-1]:
            args, incomplete = args[:-1], f"{args[-1]}={incomplete}"
        return super().get_completions(args, incomplete)


class Bash(OptionBeforeValue, BashComplete):
    """Bash splits words at `=`."""

    source_template: ClassVar[str] = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        args, typed = super().get_completion_args()
        joined: list[str] = []
        for word in [*args, typed]:
            if joined and (word == "=" or joined[-1].endswith("=")):
                joined[-1] += word
            else:
                joined.append(word)
        return joined[:-1], joined[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{_type(item)},{item.value}"


class Zsh(OptionBeforeValue, ZshComplete):
    """Words with help and words without are added in different ways."""

    source_template: ClassVar[str] = ZSH

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{_type(item)}\n" + super().format_completion(item).partition("\n")[2]


class Fish(OptionBeforeValue, FishComplete):
    """Fish replaces the whole word `--option=value`, and adds no space behind `=`, `/` and `.` by itself."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        option, equals, _ = incomplete.partition("=") if incomplete.startswith("--") else ("", "", "")
        found = super().get_completions(args, incomplete)
        return [CompletionItem(f"{option}{equals}{item.value}", item.type, item.help) for item in found]


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def script(shell: str, command: click.Command, variable: str) -> str:
    """The script that makes a shell complete the words of `nlpx`."""
    return SHELLS[shell](command, {}, "nlpx", variable).source()


def complete(command: click.Command, variable: str, instruction: str, *, debug: bool) -> int:
    """Print what a shell asks for; returns the exit code.

    An error gives no completions: a message would appear in the line that the user is typing.
    """
    shell, _, _ = instruction.partition("_")
    if shell not in SHELLS:
        return 1
    try:
        add_completion_class(SHELLS[shell])
        return shell_complete(command, {}, "nlpx", variable, instruction)
    except (Exception, SystemExit, KeyboardInterrupt):  # noqa: BLE001
        if debug:
            traceback.print_exc()
        return 1


def _type(item: CompletionItem[Any]) -> str:
    return "open" if item.type == "plain" and str(item.value).endswith(OPEN_END) else item.type
