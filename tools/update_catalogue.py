"""Bring the catalogues of the notebooks up to date: a paragraph of Markdown is an entry.

    python tools/update_catalogue.py zh

What was translated stays; a paragraph that has changed is fuzzy, and is shown in English until
somebody has read it again. Texts of the package are not listed here: tests show every lab and
exercise, and name what no catalogue knows.
"""

import argparse
import io
import re
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from condensekit.languages import LANGUAGES, needs_words, paragraphs

_OURS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
_OTHERS = rf'"(?!(?:{"|".join(_OURS)}):)[A-Z][\w-]+:.*\\n"\n'.encode()
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write one file for each notebook."""
    parser = argparse.ArgumentParser(description="Update the catalogues of the notebooks.")
    parser.add_argument("language", choices=[name for name in LANGUAGES if name != "en"])
    language = parser.parse_args().language
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        path = ROOT / "condensekit" / "languages" / language / f"{notebook.stem}.po"
        known = _read(path, language)
        known.update(_template(notebook, language), no_fuzzy_matching=False)
        buffer = io.BytesIO()
        write_po(buffer, known, width=100, omit_header=False, ignore_obsolete=True)
        # No dates: a file changes where a text does.
        path.write_bytes(re.sub(_OTHERS, b"", buffer.getvalue()))
        done = sum(bool(one.string) and not one.fuzzy for one in known if one.id)
        print(f"{path.relative_to(ROOT)}: {done} of {sum(bool(one.id) for one in known)}")


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _empty(language: str) -> Catalog:
    about = f"# What condensekit says, in {LANGUAGES[language]}."
    return Catalog(locale=language, project="condensekit", header_comment=about, fuzzy=False)


def _template(notebook: Path, language: str) -> Catalog:
    found = _empty(language)
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            for text in filter(needs_words, paragraphs(cell.source)):
                found.add(text, locations=[(notebook.name, None)])
    for message in found:
        message.flags.clear()  # "60 % is" is no format of Python
    return found


if __name__ == "__main__":
    main()
