"""``cxrzoo selfcheck``: does a model compute here what it should?"""

import json

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.terminal import say
from cxrzoo.strict_json import to_plain


@click.command()
@click.argument("model", default="nih-mini")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, *, as_json: bool) -> int:
    """Compute the golden vectors of MODEL, a release, hf://org/name or a directory, on this backend.

    Status 1 if the outputs differ by more than the tolerance that is stored with them.
    """
    import_keras()
    from cxrzoo.artifacts import selfcheck

    found = selfcheck(model)
    if as_json:
        say(json.dumps({**to_plain(found), "passed": found.passed}, indent=2))
    elif found.passed:
        say(f"{found}.")
    if not found.passed:
        say(f"FAILED: {found}. Do not use it here.", err=True)
    return 0 if found.passed else 1
