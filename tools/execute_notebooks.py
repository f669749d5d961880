"""Run notebooks and store their outputs, for the checks and for readers who do not run them.

Live widgets are left out: in a page without a kernel they would be pictures that do not answer. The
line that a lab leaves in its place is kept, as plain text, and so is the picture of its moment.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"
LINE = '<div class="condensekit-'


def execute(path: Path) -> None:
    """Run one notebook from its folder and write it back."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, store_widget_state=False, timeout=600, resources=resources).execute()
    notebook.metadata = {name: notebook.metadata[name] for name in ("kernelspec", "language_info")}
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            for out in cell.outputs:
                if out.get("data", {}).pop(WIDGET, None):
                    out["data"].pop("text/plain", None)  # it names all widgets of the lab
            cell.outputs = [out for out in cell.outputs if out.get("data", {1}) or "text" in out]
            for out in cell.outputs:
                if LINE in out.get("data", {}).get("text/html", ""):
                    del out["data"]["text/html"]  # it names the widget, another one in every run
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        execute(Path(name))
