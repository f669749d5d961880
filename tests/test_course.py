"""The test before and after: keys against other ways to find them, and gains known by hand."""

import inspect
import itertools
import math
import re

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from condensekit import course
from condensekit.course import gain, questions
from condensekit.course.concepts import LETTERS
from condensekit.course.table import HEADER

ASKED = dict(zip(course.CONCEPTS, questions._ASKED.values(), strict=True))
QUESTIONS = HEADER[3:]
BOTH = pytest.mark.parametrize("name", course.FORMS)


def item(concept, name):
    """A question, and with which numbers it was made."""
    place = course.FORMS.index(name)
    return course.items(name)[course.CONCEPTS.index(concept)], ASKED[concept][place]


# --- keys ----------------------------------------------------------------------------------------


@BOTH
def test_sample_sizes_count_what_moves_a_narrow_network(name):
    found, given_ = item("optimistic sample size", name)
    assert int(found.answer) == sum(1 + given_["d"] + 1 for _ in range(given_["k"]))
    found, given_ = item("samples of a matrix", name)
    side, rank = given_["side"], given_["rank"]  # two factors, of which rank^2 numbers are free
    assert int(found.answer) == 2 * side * rank - rank**2
    found, given_ = item("samples of a convolution", name)
    positions = given_["side"] - given_["size"] + 1
    assert f"slide over {positions} positions" in found.text
    assert int(found.answer) == given_["k"] * (given_["size"] + positions)


@BOTH
def test_the_width_does_not_change_the_sample_size_that_the_text_names(name):
    found, _ = item("the width does not count", name)
    (said,) = re.findall(r"from (\d+) samples", found.text)
    assert found.options[LETTERS.index(found.answer)] == said


@BOTH
def test_the_model_rank_is_that_of_120_digits(name):
    """Singular values of the tangent functions at 25 points: the others are rounding."""
    found, given_ = item("model rank", name)
    with mpmath.workdps(120):
        x = [mpmath.mpf(k) / 3 for k in range(-12, 13)]
        tangents = []
        for a, w, b in given_["neurons"]:
            z = [w * p + mpmath.mpf(b) for p in x]
            bend = [a * mpmath.sech(v) ** 2 for v in z]
            tangents += [
                [*map(mpmath.tanh, z)],
                [c * p for c, p in zip(bend, x, strict=True)],
                bend,
            ]
        values = mpmath.svd_r(mpmath.matrix(tangents), compute_uv=False)
        assert int(found.answer) == sum(value > 1e-3 for value in values)
        assert all(value < 1e-100 or value > 1e-3 for value in values)


@BOTH
def test_effective_neurons_are_those_that_add_up_to_something(name):
    found, given_ = item("effective neurons", name)
    sums = {}
    for a, w, b in given_["neurons"]:
        sign = 1 if (w, b) > (0, 0) else -1
        sums[sign * w, sign * b] = sums.get((sign * w, sign * b), 0) + sign * a
    assert all(sums.values()), "none is cancelled"
    assert int(found.answer) == len(sums)


@BOTH
def test_a_start_condenses_below_the_border(name):
    """The product of two standard deviations vanishes faster than 1 / m."""
    found, given_ = item("a small start condenses", name)
    (power,) = [p for p in given_["powers"] if 2 * p > 1]
    assert found.options[LETTERS.index(found.answer)] == f"m^(−{power:g})"


@BOTH
def test_adam_keeps_equal_neurons_and_leaves_all_other_sets(name):
    """Adam in NumPy, with a ReLU network whose gradients are written out."""
    found, given_ = item("which sets Adam keeps", name)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    c, value = given_["factor"], given_["value"]

    def start(what):
        rows = np.abs(rng.normal(size=(2, 4))) + 0.2  # (a, w1, w2, b)
        if what == "equal":
            rows[1] = rows[0]
        elif what == "proportional":
            rows[1] = c * rows[0]
        elif what == "same inputs":
            rows[1, 1:] = rows[0, 1:]
        else:
            rows[0, 0] = math.sqrt(value + (rows[0, 1:] ** 2).sum())
        return rows

    def off(what, rows):
        return {
            "equal": np.abs(rows[1] - rows[0]).max(),
            "proportional": np.abs(rows[1] - c * rows[0]).max(),
            "same inputs": np.abs(rows[1, 1:] - rows[0, 1:]).max(),
            "balanced": abs(rows[0, 0] ** 2 - (rows[0, 1:] ** 2).sum() - value),
        }[what]

    def trained(rows):
        inputs = np.c_[x, np.ones(len(x))]
        first, second = np.zeros_like(rows), np.zeros_like(rows)
        for t in range(1, 301):
            z = inputs @ rows[:, 1:].T
            error = (np.maximum(z, 0) @ rows[:, 0] - y) * 2 / len(x)
            slope = np.c_[
                np.maximum(z, 0).T @ error, rows[:, :1] * ((z > 0) * error[:, None]).T @ inputs
            ]
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
            rows = rows - 0.01 * (first / (1 - 0.9**t)) / (np.sqrt(second / (1 - 0.999**t)) + 1e-8)
        return rows

    kept = [
        what
        for what in ("equal", "proportional", "same inputs", "balanced")
        if off(what, trained(start(what))) < 1e-9
    ]
    assert kept == ["equal"]
    j, k = given_["j"], given_["k"]
    right = found.options[LETTERS.index(found.answer)]
    assert right == f"(a, w, b)_{j} = (a, w, b)_{k}"


@BOTH
def test_the_lines_are_as_many_as_the_order_of_the_first_term(name):
    found, given_ = item("lines of the initial stage", name)
    x = sympy.Symbol("x")
    text = given_["formula"].replace("²", "**2").replace("x tanh", "x*tanh").replace("2 t", "2*t")
    first = sympy.series(sympy.sympify(text), x, 0, 8).removeO()
    assert int(found.answer) == min(power for (power,), _ in sympy.Poly(first, x).terms())


@BOTH
def test_the_first_direction_is_the_sum_of_inputs_times_labels(name):
    found, given_ = item("direction of the initial stage", name)
    pull = sum(np.array(x) * y for x, y in given_["samples"])
    along = [np.array(re.findall(r"-?\d+", text), int) for text in found.options]
    parallel = [abs(u[0] * pull[1] - u[1] * pull[0]) == 0 for u in along]
    assert parallel == [letter == found.answer for letter in LETTERS]


# --- forms ---------------------------------------------------------------------------------------


def leaves(value):
    if isinstance(value, (tuple, dict)):
        return [
            leaf
            for one in (value.values() if isinstance(value, dict) else value)
            for leaf in leaves(one)
        ]
    return [value]


def test_the_forms_have_the_same_concepts_and_differ_in_every_answer():
    one, other = (course.items(name) for name in course.FORMS)
    assert len({a.concept for a in one}) == len(one) == 10
    for a, b in zip(one, other, strict=True):
        assert (a.concept, len(a.options)) == (b.concept, len(b.options))
        assert a.answer != b.answer
        assert len(set(a.options)) == len(a.options) in (0, 4)
        assert not {*a.options} & {*b.options} or a.concept.startswith("direction")
        words = [re.sub(r"[-−\d.²|]+", "", one.text) for one in (a, b)]
        assert words[0].split() == words[1].split(), "only numbers differ"


@pytest.mark.parametrize("concept", course.CONCEPTS)
def test_the_forms_differ_in_every_number_they_are_made_of(concept):
    one, other = map(leaves, ASKED[concept])
    same = [a for a, b in zip(one, other, strict=True) if a == b]
    assert same in ([], [0]), "but for the neuron without output, which has its place in both"
    assert same == [] or concept == "model rank"


@BOTH
def test_a_form_has_every_question_and_no_key(name):
    text = course.form(name)
    assert text.count("## Question ") == text.count("Answer: ________\n") == 10
    for one in course.items(name):
        assert one.text in text
        for letter, option in zip(LETTERS, one.options, strict=False):
            assert f"- {letter}) {option}\n" in text
    assert course.key(name) == tuple(one.answer for one in course.items(name))
    assert text == course.form(name), "the same whenever it is printed"


@pytest.mark.parametrize("ask", [course.form, course.key, course.items])
def test_there_are_two_forms(ask):
    with pytest.raises(ValueError, match="name must be one of A, B, but is 'C'"):
        ask("C")


@pytest.mark.parametrize("text", [" 16", "16.0", "16,", "+16", "016"])
def test_a_whole_number_is_read_as_people_write_it(text):
    assert course.items("A")[0].read(text) == "16"


# --- gains ---------------------------------------------------------------------------------------


def answers(name, right):
    """Ten answers of which the first `right` are right, and the others wrong."""
    wrong = [
        "a" if one.answer == "b" else "b" if one.options else "-1" for one in course.items(name)
    ]
    return [*course.key(name)[:right], *wrong[right:]]


def table(path, rows, columns=HEADER, separator=","):
    lines = [columns, *rows]
    path.write_text("\n".join(separator.join(map(str, line)) for line in lines), "utf-8")
    return path


def rows_of(scores):
    """A class in which students change from form A to form B, with so many right answers."""
    return [
        (f"s{i}", when, name, *answers(name, right))
        for i, pair in enumerate(scores)
        for when, name, right in zip(("before", "after"), "AB", pair, strict=True)
    ]


@pytest.mark.parametrize(
    ("scores", "of_class", "of_students"),
    [
        ([(5, 10), (5, 10)], 1.0, 1.0),
        ([(4, 4), (0, 0)], 0.0, 0.0),
        ([(2, 6), (6, 8)], 0.5, 0.5),
        ([(0, 5), (8, 9)], 0.5, 0.5),
        ([(0, 1), (8, 10)], 0.25, 0.55),  # (55 - 40) / (100 - 40); the mean of 0.1 and 1
        ([(5, 0), (5, 5)], -0.5, -0.5),
    ],
)
def test_gains_that_are_known_by_hand(scores, of_class, of_students, tmp_path):
    found = course.score(table(tmp_path / "t.csv", rows_of(scores)))
    assert found.class_gain.value == pytest.approx(of_class)
    assert found.mean_gain.value == pytest.approx(of_students)
    assert [*found.students.values()] == [(10.0 * b, 10.0 * a) for b, a in scores]
    assert found.notes == ()
    for k, one in enumerate(found.questions):
        assert one.before == pytest.approx(np.mean([100.0 * (b > k) for b, _ in scores]))
        assert one.after == pytest.approx(np.mean([100.0 * (a > k) for _, a in scores]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10)), min_size=2, max_size=12))
def test_every_gain_is_that_of_its_formula_and_inside_of_its_interval(tmp_path_factory, scores):
    path = tmp_path_factory.mktemp("class") / "t.csv"
    found = course.score(table(path, rows_of(scores)))
    before, after = (sum(column) for column in zip(*scores, strict=True))
    assert found.class_gain.value == pytest.approx((after - before) / (10 * len(scores) - before))
    each = [(a - b) / (10 - b) for b, a in scores]
    assert found.mean_gain.value == pytest.approx(sum(each) / len(each))
    assert min(each) - 1e-9 <= found.mean_gain.low <= found.mean_gain.high <= max(each) + 1e-9
    assert found.class_gain.low <= found.class_gain.high
    assert found == course.score(path), "the seed is fixed"


def test_the_interval_is_that_of_all_classes_that_can_be_drawn():
    """Of three students there are 27 classes: the bootstrap finds their percentiles."""
    scores = np.array([[0.0, 50.0], [20.0, 60.0], [50.0, 100.0]])
    drawn = [scores[list(rows)] for rows in itertools.product(range(3), repeat=3)]
    gains = sorted(
        (rows[:, 1].mean() - rows[:, 0].mean()) / (100 - rows[:, 0].mean()) for rows in drawn
    )
    found = gain._estimate(gain._of_class, scores, [])
    assert found.low == pytest.approx(gains[0])  # of 1 / 27, more than 2.5 %
    assert found.high == pytest.approx(gains[-1])


def test_the_interval_of_many_students_is_the_one_of_the_normal_law():
    rng = np.random.default_rng(1)
    after = rng.normal(50.0, 10.0, 400)
    found = gain._estimate(gain._of_students, np.c_[np.zeros(400), after], [])
    half = 1.96 * after.std() / 100 / math.sqrt(400)
    assert found.value == pytest.approx(after.mean() / 100)
    assert found.low == pytest.approx(found.value - half, abs=0.1 * half)
    assert found.high == pytest.approx(found.value + half, abs=0.1 * half)


def test_students_who_all_gained_the_same_leave_no_doubt(tmp_path):
    found = course.score(table(tmp_path / "t.csv", rows_of([(2, 6)] * 5)))
    for one in (found.class_gain, found.mean_gain):
        assert (one.low, one.value, one.high) == pytest.approx((0.5, 0.5, 0.5))


# --- tables that are not as they should be -------------------------------------------------------

GOOD = rows_of([(2, 6), (6, 8)])


def test_students_who_lack_a_time_are_left_out_and_named(tmp_path):
    more = [("Ann", "before", "A", *answers("A", 9)), ("Bob", "after", "B", *answers("B", 9))]
    found = course.score(table(tmp_path / "t.csv", [*GOOD, *more]))
    assert found.class_gain.value == pytest.approx(0.5)
    assert [*found.students] == ["s0", "s1"]
    assert found.notes == (
        "Left out, for want of answers before: Bob.",
        "Left out, for want of answers after: Ann.",
    )


def test_repeated_rows_count_once_and_differing_ones_not_at_all(tmp_path):
    found = course.score(table(tmp_path / "t.csv", [*GOOD, GOOD[0]]))
    assert found.class_gain.value == pytest.approx(0.5)
    assert found.notes == ("1 row repeated, counted once.",)
    other = ("s0", "after", "B", *answers("B", 1))
    found = course.score(table(tmp_path / "t.csv", [*GOOD, other]))
    assert [*found.students] == ["s1"]
    assert found.notes == ("Left out, for two different rows of the same time: s0.",)


def test_empty_answers_are_wrong_and_counted(tmp_path):
    rows = [(*GOOD[0][:3], "", "", *GOOD[0][5:]), *GOOD[1:]]
    found = course.score(table(tmp_path / "t.csv", rows))
    assert found.students["s0"] == (0.0, 60.0)
    assert found.notes == ("2 empty answers, counted as wrong.",)


def test_columns_may_be_unknown_or_in_another_order_and_separated_by_other_marks(tmp_path):
    columns = ("mail", *HEADER[::-1])
    rows = [("x@y", *row[::-1]) for row in GOOD]
    for separator in ",;\t":
        found = course.score(table(tmp_path / "t.csv", rows, columns, separator))
        assert found.class_gain.value == pytest.approx(0.5)
        assert found.notes == ("Columns that were not read: mail.",)


def test_who_knew_all_before_has_no_gain_and_counts_in_the_class(tmp_path):
    found = course.score(table(tmp_path / "t.csv", rows_of([(10, 10), (0, 5)])))
    assert found.class_gain.value == pytest.approx(0.5)
    assert found.mean_gain == course.GainEstimate(0.5)
    assert found.notes[0].endswith("in the averages of the class: s0.")
    assert re.fullmatch(r"2,\d{3} resamples of 10,000 left out .*", found.notes[1])
    found = course.score(table(tmp_path / "t.csv", rows_of([(10, 9), (10, 10)])))
    assert found.class_gain is found.mean_gain is None
    assert "not defined: before, all answers were right" in str(found)


def test_the_same_form_twice_is_said(tmp_path):
    rows = [("s0", when, "A", *answers("A", 3)) for when in ("before", "after")]
    found = course.score(table(tmp_path / "t.csv", rows))
    assert found.notes == ("The same form both times, which memory helps: s0.",)
    assert "no interval: it needs two students" in str(found)


@pytest.mark.parametrize("rows", [[], GOOD[:1]])
def test_nobody_answered_both_times(rows, tmp_path):
    found = course.score(table(tmp_path / "t.csv", rows))
    assert found.notes[-1] == "Nobody answered both times."
    assert "There is no gain to speak of." in str(found)
    assert "There is no gain to speak of." in found._repr_html_()


def bad(column, value):
    row = list(GOOD[1])
    row[HEADER.index(column)] = value
    return [GOOD[0], row]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (bad("when", "later"), "line 3: when must be one of before, after, but is 'later'"),
        (bad("form", "C"), "line 3: form must be one of A, B, but is 'C'"),
        (bad("student", ""), "line 3: student must be a name or a number, but is empty"),
        (bad("q1", "many"), "line 3: q1 must be a whole number, but is 'many'"),
        (bad("q1", "nan"), "line 3: q1 must be a whole number, but is 'nan'"),
        (bad("q1", "1.5"), "line 3: q1 must be a whole number, but is '1.5'"),
        (bad("q2", "e"), "line 3: q2 must be one of a, b, c, d, but is 'e'"),
        (bad("q2", "ab"), "line 3: q2 must be one of a, b, c, d, but is 'ab'"),
        ([GOOD[0], GOOD[1][:-1]], "line 3: 13 columns must be there, but there are 12"),
    ],
)
def test_damaged_rows_are_named_with_what_is_allowed(rows, said, tmp_path):
    with pytest.raises(ValueError, match=re.escape(said)):
        course.score(table(tmp_path / "t.csv", rows))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "t.csv must have the columns student, when, form, q1.*but is empty"),
        (b"student,when\n", "the columns must be .* but there is no form, q1, .*'student, when'"),
        (b"\xff\xfes\0t\0", "must be a text file in UTF-8"),
        (b"PK\x03\x04\0\0", "must be a text file in UTF-8"),
        (b'student,"when\n', "line 1: it must be cells between ',', but cannot be split"),
        (",".join((*HEADER, "q1")).encode(), "each column must be there once, but is twice: q1"),
    ],
)
def test_damaged_files_are_refused(raw, said, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=said):
        course.score(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must be the path of a file, but '.*' is a folder"):
        course.score(tmp_path)


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        course.score(tmp_path / "t.csv")


def test_what_is_shown_says_all_of_it_and_is_safe_html(tmp_path):
    rows = [("<b>", *row[1:]) if row[0] == "s0" else row for row in GOOD[:3]]
    found = course.score(table(tmp_path / "t.csv", [*rows, ("<i>", *GOOD[0][1:])]))
    for text in (str(found), found._repr_html_()):
        for said in ("1 student answered", "Hake 1998", "bootstrap", "seed 0", *course.CONCEPTS):
            assert said in text
    assert "<i>" not in found._repr_html_()
    assert "&lt;i&gt;" in found._repr_html_()


def test_public_names_are_sorted_and_documented():
    def place(name):
        return not name.isupper(), not name[0].isupper(), name

    assert sorted(course.__all__, key=place) == course.__all__
    for name in course.__all__:
        value = getattr(course, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__
