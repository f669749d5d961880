"""Page: a recording as one HTML file that needs no network, or as one beside shared scripts."""

import base64
import gzip
import html
import json
import re
import zlib
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..files import whole_file
from ..languages import language, tr

__all__ = ["packed", "page", "write_libraries"]


def packed(header: dict[str, Any], body: bytes) -> bytes:
    """Header and bytes, compressed: four bytes of its length, the header, then the bytes."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)  # where arrays of doubles may begin
    return gzip.compress(len(text).to_bytes(4, "little") + text + body, 9, mtime=0)


def page(title: str, introduction: str, recording: bytes, libraries: str = "") -> str:
    """The page of a recording that was `packed`.

    Its scripts are inside of it, or in the folder `libraries` beside it, see `write_libraries`.

    Raises
    ------
    ImportError
        If bqplot's own scripts are not where a notebook would look for them.
    """
    ours = resources(__package__)
    data = [_element(name, content, libraries) for name, content in _libraries()]
    data.append(_element("recording", recording))
    parts = {
        "LANGUAGE": language(),
        "OPENING": tr("Opening …"),
        "MISSING": json.dumps(tr("The end of this page is missing: copy or load it again.")),
        "TITLE": html.escape(title),
        "INTRODUCTION": introduction,
        "SCRIPT": (ours / "replay.js").read_text(encoding="utf-8"),
        "LIBRARIES": "\n".join(data),
    }
    text = (ours / "page.html").read_text(encoding="utf-8")
    return re.sub("|".join(parts), lambda mark: parts[mark[0]], text)


def write_libraries(folder: Path) -> None:
    """Write the scripts that pages share, where they are not there yet."""
    folder.mkdir(exist_ok=True)
    for name, content in _libraries():
        path, script = folder / f"{name}.js", gzip.decompress(content)
        if not path.is_file() or path.read_bytes() != script:
            with whole_file(path) as file:
                file.write(script)


def _element(name: str, content: bytes, libraries: str = "") -> str:
    told, where = "", ""
    if libraries:  # other scripts have another address, whatever a browser kept of older ones
        where = f' data-at="{quote(libraries)}/{name}.js?{zlib.crc32(content):08x}"'
    else:
        told = base64.b64encode(content).decode()
    return f'<script type="application/octet-stream" id="{name}"{where}>{told}</script>'


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
