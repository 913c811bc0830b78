"""`simgov explain`."""

from __future__ import annotations

import click

from simgov.cli import scenario_options, tell_errors


@click.command()
@scenario_options
@click.option("--numbers", is_flag=True, help="List every number with its origin.")
@tell_errors
def explain(scenario: str, changes: tuple[str, ...], settings: tuple[str, ...], root: tuple[str, ...], lang: str, numbers: bool) -> None:
    """Print what simgov understood: tree, teams and their load, the procedure as a chain, where numbers come from."""
    from rich.console import Console

    from simgov.explain import understand
    from simgov.scenario import load

    understand(load(scenario, settings, changes, root=root), Console(), lang, numbers)
