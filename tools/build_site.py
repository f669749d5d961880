"""Prepare what Sphinx reads for the web site: replays, notebooks, texts and lists.

``python tools/build_site.py build/site-source``. That folder has the shape of the repository, so
that links between texts and notebooks lead where they lead here. What differs: a cell of a notebook
that shows a lab has the picture of it, which leads to its replay.
"""

import dataclasses
import html
import inspect
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
import yaml

import condensekit as ck
from condensekit import labs
from condensekit.replays import BINDER

ROOT = Path(__file__).parents[1]
TEXTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CITATION.cff")
TEXTS += ("docs/*.md", "docs/*.png", "docs/*.gif", "benchmarks/results/*.md")
SETTINGS = ("conf.py", "site.css")
NUMBER = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
ABSENT = "is not running here"
"""What a lab leaves in a notebook that was stored."""


@dataclasses.dataclass(frozen=True)
class Replay:
    """A lab that the site plays.

    Parameters
    ----------
    title : str
        What is seen, in a few words.
    code : str
        How a notebook opens the lab.
    notebook : str
        Where it is explained.
    name : str
        Of its page, if it is not that of the lab.
    opens : callable
        Opens what `code` opens, if it needs what a notebook has.
    recorded : dict
        Controls that work in its page, with their values.
    """

    title: str
    code: str
    notebook: str
    name: str = ""
    opens: Callable[[], labs.Lab] | None = None
    recorded: Mapping[str, Sequence[Any]] = dataclasses.field(default_factory=dict)

    @property
    def page(self) -> str:
        """Its address, without an ending."""
        return f"replays/{self.name or self.code.removesuffix('()')}"

    def open(self) -> labs.Lab:
        """The lab."""
        opens = self.opens or getattr(labs, self.code.removesuffix("()"))
        return opens()


GALLERY = (
    Replay("500 neurons act as 3", "RecoveryLab()", "05-recovery"),
    Replay(
        "100 neurons, from a small start and from a large one",
        "CondensationLab()",
        "01-condensation",
    ),
    Replay(
        "A matrix is completed from 12 of its 16 entries",
        "FactorizationLab()",
        "07-theory-vs-experiment",
    ),
    Replay("The kernels of a CNN gather while it learns digits", "KernelLab()", "03-cnn-mnist"),
    Replay("Eight attention heads learn one", "AttentionLab()", "04-transformer"),
    Replay("Equal neurons stay equal, unless they are pushed", "SymmetryLab()", "08-symmetry"),
    Replay("Which regime is a network in, and where is yours?", "RegimeLab()", "09-regimes"),
    Replay(
        "The rank of 30 neurons that act as 3",
        "RankLab()",
        "06-model-rank",
        recorded={"k": [1, 2, 3], "how": ["split", "silent", "null"]},
    ),
    Replay(
        "From how many samples, and from which start?",
        "PhaseLab()",
        "07-theory-vs-experiment",
        recorded={"column": [1, 2, 5, 9], "row": [0, 3, 5]},
    ),
)
"""What the first page shows, in this order."""

LOOK_UP = (
    *("docs/glossary", "docs/families", "docs/formats", "docs/hosts", "docs/reliability"),
    *("Reference <api/index>", "references"),
)
TEACH = ("docs/guide", "docs/study", "docs/grading")


def _heads() -> labs.Lab:
    lab = labs.SymmetryLab(model="attention heads", width=6)
    lab.run(live=False)
    return lab


FURTHER = (
    Replay(
        "A matrix with a small corner",
        "FactorizationLab(problem=ck.matrix_completion(corner), n_samples=7)",
        "07-theory-vs-experiment",
        "small-corner",
        lambda: labs.FactorizationLab(
            problem=ck.matrix_completion(np.outer((1, 2, 2, 2), (1, 2, 2, 2))), n_samples=7
        ),
    ),
    Replay(
        "A published map",
        "PhaseLab(ck.records.SLIDING)",
        "07-theory-vs-experiment",
        "published-map",
        lambda: labs.PhaseLab(ck.records.SLIDING),
    ),
    Replay(
        "Six attention heads in two blocks are two heads",
        'SymmetryLab(model="attention heads", width=6)',
        "08-symmetry",
        "equal-heads",
        _heads,
    ),
)
"""What only a notebook shows."""

API = (
    *("models", "activations", "problems", "optimizers", "experiments", "training", "losses"),
    *("measures", "dynamics", "exact", "symbolic", "symmetry", "embedding", "derivatives"),
    *(
        "sweeps",
        "records",
        "labs",
        "exercises",
        "course",
        "editions",
        "languages",
        "replays",
        "figures",
        "pictures",
        "frames",
    ),
    *("views", "tables", "subjects", "verdicts", "tokens", "twins", "knobs"),
)
"""The public modules, in the order in which a reader meets them."""


# Replays ---------------------------------------------------------------------------------------


def record(one: Replay, folder: Path) -> str:
    """Write the page and the picture of a replay; give the card that leads there, as HTML.

    In the card, ``UP`` stands for the way from its page to the first page.
    """
    lab = one.open()
    if lab.subject.timed and len(lab.runs()[0]) < 2:
        lab.run(live=False)
    link = BINDER.replace("00-welcome", one.notebook)
    lab.replay(folder / f"{one.page}.html", link, libraries="scripts", **one.recorded)
    drawn, dpi = lab.figure(), 100
    drawn.suptitle("")  # the verdict stands below it, as text
    drawn.savefig(folder / f"{one.page}.png", dpi=dpi)
    width, height = (round(dpi * inches) for inches in drawn.get_size_inches())
    said = re.sub(r"</?div[^>]*>", "", lab.verdict.value)
    lab.close()
    seen = " ".join(html.unescape(re.sub("<[^>]+>", " ", said)).split())
    return (
        f'<div class="replay"><a href="UP{one.page}.html">'
        f'<img src="UP{one.page}.png" width="{width}" height="{height}" loading="lazy" '
        f'alt="{html.escape(f"{one.title}. {seen}")}">'
        f'<span class="play">▶ {html.escape(one.title)}</span></a><p>{said}</p></div>'
    )


def first_page(cards: dict[str, str]) -> str:
    """The gallery, and the way to everything else."""
    lead = (ROOT / "README.md").read_text("utf-8").split("\n\n")[2]
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["description"]
    shown = "\n".join(cards[one.code].replace("UP", "") for one in GALLERY)
    shown = shown.replace('class="replay"', 'class="replay headline"', 1)
    notebooks = "\n".join(f"notebooks/{path.stem}" for path in notebook_paths())
    results = "\n".join(f"benchmarks/results/{path.stem}" for path in result_paths())
    return f"""# condensekit

{about}. Each picture opens a run that plays in your browser: drag its time slider, or press Play.

```{{raw}} html
<div class="gallery">
{shown}
</div>
```

{lead}

- To turn all knobs yourself, in JupyterLab or in Python: the [guide](README.md).
- To be led through it: the notebooks, beginning with [the welcome](notebooks/00-welcome.ipynb).
- To teach it: the [instructor's guide](docs/guide.md), and [a study](docs/study.md) of what was
  learned.
- What the words mean: the [glossary](docs/glossary.md). Whose work this is: the
  [references](references.md).
- What every function does: the [reference](api/index.rst).

{_contents("Learn", "Guide <README>", notebooks)}
{_contents("Teach", *TEACH)}
{_contents("Look up", *LOOK_UP)}
{_contents("The project", "CHANGELOG", "CONTRIBUTING", "SECURITY", results)}
"""


def _contents(caption: str, *pages: str) -> str:
    listed = "\n".join(pages)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


# Texts and notebooks ---------------------------------------------------------------------------


def notebook_paths() -> list[Path]:
    """All notebooks, in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def result_paths() -> list[Path]:
    """All tables of measurements."""
    return sorted((ROOT / "benchmarks" / "results").glob("*.md"))


def linked(text: str) -> str:
    """A text in Markdown whose papers are links."""
    return NUMBER.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)


def opened(cell: Any) -> str | None:
    """How a cell opens the lab that it shows; None if it shows none."""
    texts = [out.get("data", {}).get("text/plain", "") for out in cell.get("outputs", [])]
    if not any(ABSENT in text for text in texts):
        return None
    return re.findall(r"\b\w*Lab\(.*\)$", cell.source, re.MULTILINE)[-1]


def notebook(path: Path, cards: dict[str, str]) -> Any:
    """A notebook for readers: labs are replays, and marks for the tests are left out."""
    found = nbformat.read(path, as_version=4)
    for cell in found.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source)
            continue
        cell.source = cell.source.replace("# NBVAL_CHECK_OUTPUT\n", "")
        code = opened(cell)
        if code:  # its replay has a picture of its own
            cell.outputs = [out for out in cell.outputs if "image/png" not in out.get("data", {})]
        for out in cell.outputs if code else ():
            if ABSENT in out.get("data", {}).get("text/plain", ""):
                out.data = {"text/html": cards[code].replace("UP", "../")}
    return found


def references() -> str:
    """The page of all papers, each once, with the notebooks that name it."""
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    texts = {path.stem: path.read_text("utf-8") for path in notebook_paths()}
    lines = ["# References", "", "What is shown here is the work of others.", ""]
    for one in told["references"]:
        names = [f"{who['given-names']} {who['family-names']}" for who in one["authors"]]
        parts = [f"{', '.join(names)}: *{one['title']}*"]
        if "journal" in one:
            journal = f"{one['journal']} {one['volume']} ({one['number']})"
            parts.append(f"[{journal}]({one['url']})")
        parts += [str(one["year"])] if "year" in one else []
        for number in NUMBER.findall(str(one.get("identifiers", ""))):
            parts.append(linked(f"arXiv:{number}"))
            naming = [name for name, text in texts.items() if number in text]
            links = ", ".join(f"[{name}](notebooks/{name}.ipynb)" for name in naming)
            parts += [f"Named in {links}"] if naming else []
        lines.append(f"- {'. '.join(parts)}.")
    return "\n".join([*lines, ""])


# The reference of the code ---------------------------------------------------------------------


def reference(name: str) -> str:
    """The page of a module: what it says of itself, and every public name of it."""
    module = import_module(f"condensekit.{name}" if name else "condensekit")
    path = module.__name__
    lines = [path, "=" * len(path), "", f".. automodule:: {path}", ""]
    elsewhere = []
    data = dict(_documented(module))
    for public in sorted(module.__all__, key=str.lower):
        value = getattr(module, public)
        kind = "class" if inspect.isclass(value) else "function"
        if inspect.ismodule(value):
            if public not in API:
                elsewhere.append(f"- ``{value.__name__}``: {_first(value)}")
        elif public in data:
            lines += [f".. py:data:: {path}.{public}"]
            lines += [f"   :value: {value!r}", ""] if isinstance(value, int | float) else [""]
            lines += [*(f"   {line}" for line in data[public]), ""]
        elif inspect.isclass(value) or inspect.isfunction(value):
            if not f"{value.__module__}.".startswith(f"{path}.") or not name:
                package = value.__module__.split(".")[1]
                if package in API:
                    where = f"`condensekit.{package}.{public}`"
                    elsewhere.append(f"- {where}: {_first(value)}")
                continue
            lines += [f".. auto{kind}:: {path}.{public}"]
            lines += ["   :members:", ""] if kind == "class" else [""]
        else:
            lines += [f".. py:data:: {path}.{public}", ""]
    if elsewhere:
        lines += [f".. rubric:: {'Described elsewhere' if name else 'Names'}", ""]
        lines += [*elsewhere, ""]
    return "\n".join(lines)


def _first(value: Any) -> str:
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


def _documented(module: ModuleType) -> Iterator[tuple[str, list[str]]]:
    """The public values of a package, other than classes and functions, each with its words."""
    from sphinx.pycode import ModuleAnalyzer  # noqa: PLC0415  all else can do without Sphinx

    inside = [name for name in sys.modules if f"{name}.".startswith(f"{module.__name__}.")]
    for name in sorted(inside, key=len):
        for (scope, value), said in ModuleAnalyzer.for_module(name).find_attr_docs().items():
            if not scope and value in module.__all__:
                yield value, said


# All of it -------------------------------------------------------------------------------------


def prepare(folder: Path, cards: dict[str, str]) -> None:
    """Write all pages but the replays, whose cards are given by the code that opens them."""
    for pattern in TEXTS:
        for path in ROOT.glob(pattern):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
            if path.suffix == ".md":
                text = linked(path.read_text("utf-8"))
                target.write_text(text.replace("# condensekit\n", "# Guide\n", 1), "utf-8")
    for name in SETTINGS:
        shutil.copy(ROOT / "docs" / name, folder)
    for path in notebook_paths():
        (folder / "notebooks").mkdir(exist_ok=True)
        nbformat.write(notebook(path, cards), folder / "notebooks" / path.name)
    (folder / "api").mkdir(exist_ok=True)
    (folder / "api" / "index.rst").write_text(_api_index(), "utf-8")
    for name in API:
        (folder / "api" / f"{name}.rst").write_text(reference(name), "utf-8")
    (folder / "references.md").write_text(references(), "utf-8")
    (folder / "index.md").write_text(first_page(cards), "utf-8")


def _api_index() -> str:
    modules = {name: import_module(f"condensekit.{name}") for name in API}
    told = "\n".join(f"- `condensekit.{name}`: {_first(one)}" for name, one in modules.items())
    listed = "\n".join(f"   {name}" for name in API)
    contents = f".. toctree::\n   :hidden:\n\n{listed}\n"
    return f"{reference('')}\n.. rubric:: Modules\n\n{told}\n\n{contents}"


def main(folder: Path) -> None:
    """Record and prepare, into a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    extra = folder / "extra"
    (extra / "replays").mkdir(parents=True)
    prepare(folder, {one.code: record(one, extra) for one in GALLERY + FURTHER})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
