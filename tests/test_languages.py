"""Languages: the English text is the key, and what is shown is the reader's."""

import functools
import html
import re
from collections import Counter
from pathlib import Path

import ipywidgets
import nbformat
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import condensekit as ck
from condensekit import languages
from condensekit.labs import RankLab
from condensekit.languages import LANGUAGES, Catalogue, needs_words, paragraphs, tr, tr_html
from condensekit.widgets import spoken
from condensekit.widgets.closing import parts

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "condensekit" / "languages").glob("*/*.po"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACES = re.compile(r"\{\d\}")


@pytest.fixture
def chinese():
    ck.set_language("zh")
    yield
    ck.set_language("en")


@functools.cache
def catalogue(name):
    return Catalogue.read(ROOT / "condensekit" / "languages" / name)


@functools.cache
def entries(path):
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


RUNS = Catalogue(
    [
        ("{0} of {1} runs", "{1} 次训练中的 {0} 次"),
        ("{0} runs", "{0} 次训练"),
        ("{0} neurons", "{0} 个神经元"),
        ("none", "零"),
        ("It ends at {0}.", "在 {0} 结束。"),
        ("It ends at {0}. Nothing moves.", "在 {0} 结束，不再变化。"),
    ]
)


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("3 of 10 runs", "10 次训练中的 3 次"),
        ("none of 10 runs", "10 次训练中的 零 次"),
        ("It ends at 3 neurons.", "在 3 个神经元 结束。"),
        ("It ends at 1. It ends at 2.", "在 1 结束。在 2 结束。"),
        ("It ends at 1. Nothing moves. It ends at 2.", "在 1 结束，不再变化。在 2 结束。"),
        ("  3 neurons ", "  3 个神经元 "),
        ("3 neurons · none", "3 个神经元 · 零"),
        ("t = 3.1·10⁶", "t = 3.1·10⁶"),
        ("tanh", "tanh"),
        ("", ""),
    ],
)
def test_what_a_catalogue_knows_is_translated(english, told):
    assert RUNS(english) == told


def test_what_it_does_not_know_stays_english_and_is_listed():
    catalogue = Catalogue([("It ends at {0}.", "在 {0} 结束。")])
    assert catalogue("It ends at 2. Something else.") == "在 2 结束。Something else."
    assert catalogue("unheard words") == "unheard words"
    assert catalogue.missing == {"Something else.", "unheard words"}


def test_a_session_of_a_day_does_not_fill_the_memory_with_unknown_texts():
    catalogue = Catalogue([])
    for i in range(20_000):
        assert catalogue(f"unheard words {i}") == f"unheard words {i}"
    assert len(catalogue.missing) == 10_000


def test_the_pattern_that_says_the_most_is_taken():
    both = Catalogue([("{0} groups", "{0} 组"), ("1 to {0} groups", "1 到 {0} 组")])
    assert both("1 to 3 groups") == "1 到 3 组"


def test_a_place_that_the_english_does_not_have_is_refused():
    with pytest.raises(ValueError, match=r"'\{0\} runs' has a place \{1\} more"):
        Catalogue([("{0} runs", "{1} 次")])


@given(st.lists(st.sampled_from(["3 neurons", "none", "5", "x = 2", "12 runs"]), max_size=4))
def test_markup_and_code_stay_as_they_are(texts):
    ck.set_language("en")
    markup = "".join(f'<b title="{one}">{one}</b><pre>{one}</pre>&ensp;' for one in texts)
    assert tr_html(markup) == markup
    try:
        ck.set_language("zh")
        told = tr_html(markup)
    finally:
        ck.set_language("en")
    assert re.sub(r">[^<]*<|\"[^\"]*\"", "", told) == re.sub(r">[^<]*<|\"[^\"]*\"", "", markup)
    assert re.findall("<pre>.*?</pre>", told) == re.findall("<pre>.*?</pre>", markup)


@pytest.mark.usefixtures("chinese")
def test_what_is_escaped_is_read_and_escaped_again():
    assert tr_html("<i>a &lt; b</i>") == "<i>a &lt; b</i>"
    assert tr_html(f"<b>{html.escape(tr('Run', 'en'))}</b>") == "<b>运行</b>"


@pytest.mark.parametrize("name", ["xx", "", "english", None, 3, b"zh"])
def test_an_unknown_language_is_refused_and_nothing_has_changed(name):
    with pytest.raises(ValueError, match="language must be one of 'en', 'zh', but is"):
        ck.set_language(name)
    assert languages.language() == "en"


@pytest.mark.parametrize("name", ["zh", "zh-CN", "zh_CN.UTF-8", "ZH"])
def test_the_first_part_of_a_name_counts(name):
    ck.set_language(name)
    assert languages.language() == "zh"
    ck.set_language("en")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh;q=0.5", "zh"),
        ("fr;q=0.9, zh ;q=0.1, en;q=0.2", "en"),
        ("", "en"),
        ("*;q=x,,;", "en"),
    ],
)
def test_a_browser_says_what_it_prefers(header, name):
    assert languages.preferred(header) == name


def test_a_widget_keeps_english_and_sends_what_is_read():
    button = spoken.Button(description="Run")
    choice = spoken.Dropdown(options=["Run", "Stop"], description="Run")
    try:
        ck.set_language("zh")
        assert button.description == "Run"
        assert button.get_state(["description"]) == {"description": "运行"}
        assert choice.get_state(["_options_labels"])["_options_labels"] == ("运行", "停止")
        choice.value = "Stop"
        assert (choice.value, choice.index) == ("Stop", 1)
    finally:
        ck.set_language("en")
    assert button.get_state(["description"]) == {"description": "Run"}


def test_a_change_is_sent_to_what_is_on_screen(monkeypatch):
    sent = []
    button = spoken.Button(description="Run")
    monkeypatch.setattr(button, "send_state", lambda names: sent.append(sorted(names)))
    ck.set_language("zh")
    ck.set_language("zh")
    ck.set_language("en")
    assert sent == [["description", "tooltip"]] * 2


def test_labs_are_made_of_widgets_that_speak():
    """A text in a plain widget would stay English."""
    lab = RankLab()
    texts = ("description", "tooltip", "value", "label")
    plain = [
        f"{type(one).__name__}.{name}"
        for one in parts(lab)
        if isinstance(one, ipywidgets.Widget)
        for name in texts
        if one.has_trait(name)
        and isinstance(getattr(one, name), str)
        and not getattr(one, name).startswith("<style")
        and needs_words(re.sub("<[^>]*>", "", getattr(one, name)))
        and not one.traits(spoken=True).get(name)
    ]
    lab.close()
    typed = {"Text.value", "Dropdown.value", "Dropdown.label", "ToggleButtons.value"}
    assert {*plain} - typed - {"ToggleButtons.label", "Textarea.value"} == set()


@pytest.mark.usefixtures("chinese")
def test_a_lab_is_chinese_to_its_reader_and_english_to_code():
    lab = RankLab()
    assert CHINESE.search(lab.verdict.get_state(["value"])["value"])
    assert not CHINESE.search(lab.verdict.value)
    assert "import condensekit as ck" in lab.code() and not CHINESE.search(lab.code())
    lab.close()


# Catalogues --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_entry_is_translated_and_has_the_places_and_numbers_of_the_english(path):
    for message in entries(path):
        english, told = message.id, message.string
        assert told and not message.fuzzy, english
        assert {*PLACES.findall(told)} == {*PLACES.findall(english)}, english
        for kept in (r"`[^`]*`", r"\]\([^)]*\)", r"arXiv:\d+\.\d+", r"</?\w+"):
            assert Counter(re.findall(kept, told)) == Counter(re.findall(kept, english)), english


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
def test_a_text_has_one_translation(name):
    known = {}
    for path in FILES:
        if path.parent.name == name:
            for message in entries(path):
                assert known.setdefault(message.id, message.string) == message.string, message.id


@pytest.mark.parametrize("name", [name for name in LANGUAGES if name != "en"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_paragraph_of_the_notebooks_is_translated(path, name):
    known = catalogue(name)
    cells = nbformat.read(path, as_version=4).cells
    read = (cell.source for cell in cells if cell.cell_type == "markdown")
    texts = [one for source in read for one in paragraphs(source)]
    assert [one for one in texts if needs_words(one) and not known.known(one)] == []
