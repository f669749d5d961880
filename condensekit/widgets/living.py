"""Living: style and script of a lab in its page: its size, its colours, and names for all."""

import html
from functools import cache
from importlib.resources import files

import ipywidgets

from ..palette import DARK

__all__ = ["HEARD_LABEL", "OPEN", "living"]

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


def living(line: str) -> ipywidgets.HTML:
    """What a lab needs in a page, unseen; `line` is the class of what is hidden where it lives."""
    style, script = _sources()
    style = style.replace("LINE", line) + _darkened()
    widget = ipywidgets.HTML(
        f'<style onload="{html.escape(script)}">{style}</style>',
        layout=ipywidgets.Layout(display="none"),
    )
    widget.add_class(f"{line}-lab")
    return widget


@cache
def _sources() -> tuple[str, str]:
    found = files(__package__)
    names = ("living.css", "living.js", "presenting.js")
    texts = ((found / name).read_text(encoding="utf-8") for name in names)
    style, script, presenting = (text.replace("NAMED", HEARD_LABEL) for text in texts)
    return style, script.replace("PRESENTING", presenting)


def _darkened() -> str:
    """The style of dark pages, whatever makes them dark."""
    faces = "".join(f"--condensekit-{light[1:]}: {dark};" for light, dark in DARK.items())
    images = ".condensekit-lab :is(.bqplot image, .condensekit-picture img)"
    turned = "filter: invert(1) hue-rotate(180deg)"  # white is black, and blue is blue
    rules = "{host} {{{faces}}}\n{host} {images} {{{turned}}}\n".format
    dark, system = (
        rules(host=host, faces=faces, images=images, turned=turned)
        for host in (f":is({', '.join(_HOSTS)})", _FOLLOWS)
    )
    return f"{dark}@media (prefers-color-scheme: dark) {{{system}}}\n"
