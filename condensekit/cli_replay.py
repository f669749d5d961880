"""The command ``condensekit replay``: a lab as a page that needs no Python."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from .plain import quoted
from .tables.dials import typed

__all__ = ["add_replay"]


def add_replay(commands: Any) -> None:
    """Add the command to those of a parser."""
    parser = commands.add_parser(
        "replay",
        help="write a lab as a page that plays its run in a browser, without Python",
        description="What the lab opens on is recorded, unless --token or --set say otherwise.",
    )
    parser.set_defaults(command=_replay)
    parser.add_argument("lab", metavar="LAB", help="such as RecoveryLab")
    parser.add_argument("path", type=Path, nargs="?", help="the page (default: LAB.html)")
    parser.add_argument("--token", help="the moment from which it is recorded")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the run, which is trained first; may be repeated",
    )
    parser.add_argument(
        "--record",
        action="append",
        default=[],
        metavar="NAME=VALUE,VALUE",
        help="values that a control has in the page; a run for each; may be repeated",
    )
    parser.add_argument(
        "--libraries",
        metavar="FOLDER",
        help="a folder beside the page for the scripts that many pages share",
    )
    parser.add_argument("--link", help="where the page sends those who want to run the lab")


def _replay(options: argparse.Namespace) -> int:
    labs = importlib.import_module("condensekit.labs")  # whose widgets no other command needs
    kinds = {name: kind for name, kind in vars(labs).items() if hasattr(kind, "replay")}
    if options.lab not in kinds:
        raise ValueError(f"There is no lab {options.lab!r}; there are {', '.join(sorted(kinds))}.")
    kind = kinds[options.lab]
    settings = {name: typed(value) for name, value in map(_pair, options.set)}
    recorded = {
        name: [typed(value) for value in values.split(",")]
        for name, values in map(_pair, options.record)
    }
    if options.token and settings:
        raise ValueError("A token holds all settings; give --token or --set, not both.")
    lab = kind.from_state(options.token) if options.token else kind(**settings)
    if lab.subject.timed and len(lab.runs()[0]) < 2 and not recorded:
        print(f"Training {lab.subject.plan(lab.described(lab.entered()))} …", file=sys.stderr)
        lab.run(live=False)
    path = options.path or Path(f"{options.lab}.html")

    def tell(number: int, count: int) -> None:
        print(f"Recording {number + 1} of {count} …", file=sys.stderr)

    try:
        lab.replay(path, options.link, tell, options.libraries, **recorded)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror or error}.") from error
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB; open it in a browser.")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise ValueError(f"A setting is NAME=VALUE, but this is {quoted(text)}.")
    return name.strip().replace("-", "_"), value
