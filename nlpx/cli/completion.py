"""`nlpx completion`: the script that makes a shell complete the words of commands."""

from __future__ import annotations

import click


@click.command(epilog="Example: nlpx completion bash")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script with which SHELL completes commands, options, components, runs and keys of configs.

    bash: eval "$(nlpx completion bash)" in ~/.bashrc. zsh: the same with zsh, in ~/.zshrc after compinit.
    fish: write the script to ~/.config/fish/completions/nlpx.fish.
    """
    from nlpx.cli.process import COMPLETE
    from nlpx.cli.shells import script

    click.echo(script(shell, context.find_root().command, COMPLETE), nl=False)
