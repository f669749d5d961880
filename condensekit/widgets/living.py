"""Living: style and script of a lab in its page: its size, its colours, and names for all."""

import html
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import ipywidgets

__all__ = ["CAUTION", "HEARD_LABEL", "OPEN", "living"]

CAUTION = "var(--condensekit-9a4a00, #9a4a00)"
"""The colour of words that warn; see `condensekit.frames.face`."""

HEARD_LABEL = "condensekit-named"
"""Class of what has a label that is heard and not seen."""

OPEN = (
    '<button class="jupyter-button" aria-expanded="false" onclick="this.ariaExpanded ='
    "this.closest('.condensekit-lab').classList.toggle('condensekit-opened')\">Controls</button>"
)
"""Opens the controls where there is no room beside the pictures."""

_HOSTS = (
    '[data-jp-theme-light="false"]',  # JupyterLab, Notebook, Voila
    "body.vscode-dark, body.vscode-high-contrast",
    'html[theme="dark"]',  # Colab
    'body[data-theme="dark"]',  # the web site
)
_FOLLOWS = 'body:is(.condensekit-page, [data-theme="auto"])'
"""Pages that are as dark as the reader's system."""


def living(line: str, dark: Mapping[str, str]) -> ipywidgets.HTML:
    """What a lab needs in a page, unseen.

    Parameters
    ----------
    line : str
        Class of what is hidden where the lab lives.
    dark : mapping of str
        Colours, and what they are on a dark page.
    """
    style, script = _sources()
    style = style.replace("LINE", line) + _darkened(dark)
    widget = ipywidgets.HTML(
        f'<style onload="{html.escape(script)}">{style}</style>',
        layout=ipywidgets.Layout(display="none"),
    )
    widget.add_class(f"{line}-lab")
    return widget


@cache
def _sources() -> tuple[str, str]:
    found = files(__package__)
    texts = ((found / name).read_text(encoding="utf-8") for name in ("living.css", "living.js"))
    style, script = (text.replace("NAMED", HEARD_LABEL) for text in texts)
    return style, script


def _darkened(colours: Mapping[str, str]) -> str:
    """The style of dark pages, whatever makes them dark."""
    faces = "".join(f"--condensekit-{light[1:]}: {dark};" for light, dark in colours.items())
    images = ".condensekit-lab :is(.bqplot image, .condensekit-picture img)"
    turned = "filter: invert(1) hue-rotate(180deg)"  # white is black, and blue is blue
    rules = "{host} {{{faces}}}\n{host} {images} {{{turned}}}\n".format
    dark, system = (
        rules(host=host, faces=faces, images=images, turned=turned)
        for host in (f":is({', '.join(_HOSTS)})", _FOLLOWS)
    )
    return f"{dark}@media (prefers-color-scheme: dark) {{{system}}}\n"
