"""Page: a recording as one HTML file that needs no network."""

import base64
import gzip
import html
import json
import re
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

__all__ = ["packed", "page"]


def packed(header: dict[str, Any], body: bytes) -> bytes:
    """Header and bytes, compressed: four bytes of its length, the header, then the bytes."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)  # where arrays of doubles may begin
    return gzip.compress(len(text).to_bytes(4, "little") + text + body, 9, mtime=0)


def page(title: str, introduction: str, recording: bytes) -> str:
    """The page of a recording that was `packed`.

    Raises
    ------
    ImportError
        If bqplot's own scripts are not where a notebook would look for them.
    """
    ours = resources(__package__)
    data = [_element(name, content) for name, content in [*_libraries(), ("recording", recording)]]
    parts = {
        "TITLE": html.escape(title),
        "INTRODUCTION": introduction,
        "SCRIPT": (ours / "replay.js").read_text(encoding="utf-8"),
        "LIBRARIES": "\n".join(data),
    }
    text = (ours / "page.html").read_text(encoding="utf-8")
    return re.sub("|".join(parts), lambda mark: parts[mark[0]], text)


def _element(name: str, content: bytes) -> str:
    told = base64.b64encode(content).decode()
    return f'<script type="application/octet-stream" id="{name}">{told}</script>'


@cache
def _libraries() -> list[tuple[str, bytes]]:
    vendor = resources(__package__) / "vendor"
    ours = [(n, (vendor / f"{n}.js.gz").read_bytes()) for n in ("require", "html-manager")]
    theirs = [(n, gzip.compress(_extension(n), 9, mtime=0)) for n in ("bqscales", "bqplot")]
    return ours + theirs


def _extension(name: str) -> bytes:
    """The script of a widget library, as it was installed for notebooks."""
    from jupyter_core.paths import jupyter_path  # noqa: PLC0415  comes with the extra lab

    for folder in jupyter_path("nbextensions"):
        path = Path(folder) / name / "index.js"
        if path.is_file():
            return path.read_bytes()
    raise ImportError(f"The scripts of {name} are missing; pip install --force-reinstall {name}")
