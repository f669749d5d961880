"""The command ``condensekit app``: the labs as a web app, for those who shall see no code."""

import argparse
import importlib
from typing import Any

from .checks import a_count
from .cli_checks import check_port
from .extras import need

__all__ = ["add_app"]


def add_app(commands: Any) -> None:
    """Add the command to those of a parser."""
    parser = commands.add_parser(
        "app",
        help="serve the labs as a web app, without notebooks",
        description="Each page that is open has a kernel of its own; nobody gets in without the "
        "token of the address that is printed. Ctrl+C ends it all.",
    )
    parser.set_defaults(command=_app)
    parser.add_argument(
        "--port", type=int, default=8866, help="its port, or 0 for a free one (default: 8866)"
    )
    parser.add_argument("--no-browser", action="store_true", help="open nothing here")
    parser.add_argument(
        "--most", type=int, default=8, metavar="N", help="labs open at a time (default: 8)"
    )
    parser.add_argument(
        "--idle",
        type=int,
        default=30,
        metavar="MINUTES",
        help="after which a lab is ended whose browser is gone (default: 30)",
    )


def _app(options: argparse.Namespace) -> int:
    most = a_count("--most", options.most, 1, 1000)
    idle = a_count("--idle", options.idle, 1, 1440)
    for module, extra in (("voila", "app"), ("bqplot", "lab"), ("ipywidgets", "lab")):
        need(module, extra, "to serve the labs")
    check_port(options.port)
    app = importlib.import_module("condensekit.app")  # whose widgets no other command needs
    app.serve(options.port, not options.no_browser, most, idle)
    return 0
