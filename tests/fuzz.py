"""Inputs as nobody writes them: valid texts and files with pieces changed, and grammars run wild.

A maker draws one input from a `random.Random`; what reads it gives a result that is right, or says
in a sentence why not. Time and memory are bounded by the sizes that makers draw.
"""

import contextlib
import functools
import gzip
import io
import json
import math
import os
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch

import condensekit as ck
from condensekit import course, tokens
from condensekit.course.table import HEADER, read_sheets
from condensekit.exercises.keeping import _parsed as read_deed
from condensekit.knobs import Knob
from condensekit.presets import kept
from condensekit.problems import OwnData, formula, read_csv, read_mnist
from condensekit.sweeps import Grid, series, series_text
from condensekit.sweeps.store import Store

PIECES = (
    *"+-*/^(),.:;'\"[]{}=#_ \t\n\0é−√πｘ\ufeff\ud800",
    *("x", "pi", "e", "sin(", "max(x,", "**", "^^", "1e999", "9**9**9**9", "0x1F", "1_0", "10**"),
    *("__import__('os')", "lambda:", ".real", "[0]", " if x else ", "nan", "inf", "-inf", "1j"),
    *("../", "/etc/passwd", "~", "%s", "{0}", "${HOME}", "9" * 400, "(" * 50, "-" * 60, "null"),
    *("true", "\r\n", ";;", '"";', "sep=|", "1,5", "1.234,5", "10:20:0", ":", "1:2:-1", "🂡"),
)


def mutated(draw, text, most=4):
    """A text with some of its pieces deleted, doubled, exchanged or replaced."""
    for _ in range(draw.randint(1, most)):
        at, end = sorted(draw.randint(0, len(text)) for _ in range(2))
        end = min(end, at + draw.choice((0, 1, 1, 2, 5, 40)))
        new = draw.choice(("", text[at:end] * 2, draw.choice(PIECES), chr(draw.randint(0, 0x2FF))))
        text = text[:at] + new + text[end:]
    return text[:20_000]


def damaged(draw, raw, most=4):
    """The same for bytes."""
    for _ in range(draw.randint(1, most)):
        at, end = sorted(draw.randint(0, len(raw)) for _ in range(2))
        end = min(end, at + draw.choice((0, 1, 1, 2, 4, 8, 64)))
        bits = bytes(byte ^ (1 << draw.randint(0, 7)) for byte in raw[at:end])
        new = draw.choice((b"", bits, bits, raw[at:end] * 2, b"\xff" * (end - at), b"\0"))
        raw = raw[:at] + new + raw[end:]
    return raw


def expression(draw, depth):
    """A formula of the grammar, with now and then a piece that is none of it."""
    kind = draw.random() if depth else 0.0
    if kind < 0.25:
        return draw.choice(("x", "x", "x", "pi", "e", "2", "0.5", "1e-3", "0", str(draw.random())))
    if kind < 0.28:
        return draw.choice(PIECES)
    inner = expression(draw, depth - 1)
    if kind < 0.5:
        return f"{draw.choice(('sin', 'tan', 'log', 'sqrt', 'exp', 'abs', 'relu'))}({inner})"
    if kind < 0.6:
        return f"{draw.choice(('(', '-', '+', '-('))}{inner}{draw.choice((')', '', ')'))}"
    return f"({inner}){draw.choice('+-*/^')}({expression(draw, depth - 1)})"


# What is read ------------------------------------------------------------------------------------


def read_formula(text):
    """A formula that is taken is finite where it is trained."""
    problem = formula(text)
    values = problem.target(torch.linspace(-1.0, 1.0, 5, dtype=torch.float64)[:, None])
    assert bool(values.isfinite().all())


def make_formula(draw):
    text = expression(draw, draw.randint(0, 5))
    return mutated(draw, text) if draw.random() < 0.5 else text


@functools.cache
def good_tokens():
    experiment = ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh(1), ck.Adam(steps=2), 4)
    wave = ck.Experiment(ck.TwoLayer(1, 3), formula("sin(x)"), ck.GradientFlow(), 4)
    own = ck.own_data([[0.0, 1.0], [1.0, 3.0]], [1.0, 2.0])
    rows = ck.Experiment(ck.Deep(2, 2), own, ck.SGD(steps=2), 2)
    return [tokens.write_moment("Lab", [one], 1, 2, {"a": 1}) for one in (experiment, wave, rows)]


def make_token(draw):
    """A token with letters changed, or one whose state has been changed before it was written."""
    token = draw.choice(good_tokens())
    if draw.random() < 0.4:
        return mutated(draw, token)
    state = tokens.read_token(token)
    for _ in range(draw.randint(1, 2)):
        change(draw, state)
    return tokens.write_token(state)


VALUES = (
    None,
    True,
    -1,
    0,
    0.5,
    1e300,
    10**30,
    "",
    "x",
    "../../x",
    "TwoLayer",
    "os:system",
    [],
    {},
)


def change(draw, state):
    """Change one place of a state, however deep it is."""
    while True:
        keys = [*state] if isinstance(state, dict) else [*range(len(state))]
        if not keys:
            return
        key = draw.choice(keys)
        inner = state[key]
        if isinstance(inner, (dict, list)) and inner and draw.random() < 0.8:
            state = inner
            continue
        act = draw.random()
        if act < 0.15:
            del state[key]
        elif act < 0.3 and isinstance(state, dict):
            state[draw.choice(("is", "as", "width", "__class__", ""))] = state.pop(key)
        else:
            state[key] = draw.choice((*VALUES, deep(draw.randint(0, 300)), [inner, inner]))
        return


def deep(depth):
    found = []
    for _ in range(depth):
        found = [found]
    return found


def read_moment(token):
    """What a token gives is written again, as it was."""
    batch, step, until, view = tokens.read_moment(token, "Lab")
    again = tokens.read_moment(tokens.write_moment("Lab", batch, step, until, view), "Lab")
    assert again[1:] == (step, until, view)
    assert repr(again[0]) == repr(batch)


SERIES = ("4:11:2", "1e-3,1", "1,2,3", "5", "tanh,relu", "0:1000000000000")


def read_series(text):
    """What is read is written, and read the same."""
    for knob in (Knob("n", 50, 0, 1_000_000), Knob("std", 1.0, 0.0, 10.0)):
        try:
            found = series(knob, text)
        except ValueError as error:
            if not str(error).startswith(knob.name):
                raise AssertionError(error) from None
        else:
            assert series(knob, series_text(found)) == found


TABLES = (
    "x,y\n0,1\n1,2\n2,0.5\n",
    "0,5;1,25\n1,5;2\n",
    "# a\nx\ty\n0\t1\n1\t2\n",
    "sep=|\n0|1\n1|2\n",
    '"x, m",y\n0,1\n1,2\n',
    "a b y\n1 2 3\n4 5 6\n",
)


def read_table(raw):
    with placed("data.csv", raw) as path:
        found = read_csv(path)
    assert isinstance(found, OwnData)
    assert all(map(math.isfinite, found.y))


def make_table(draw):
    text = draw.choice(TABLES)
    encoding = draw.choice(("utf-8", "utf-8", "utf-16", "latin-1"))
    raw = mutated(draw, text, 2).encode(encoding, errors="replace")
    return damaged(draw, raw) if draw.random() < 0.3 else raw


ANSWERS = "\n".join(
    [
        ",".join(HEADER),
        f"ann,before,A,{','.join(course.key('A'))}",
        f"ann,after,B,{','.join(course.key('B'))}",
    ]
)


def read_answers(raw):
    with placed("answers.csv", raw) as path:
        read_sheets(path)


def make_answers(draw):
    raw = mutated(draw, ANSWERS, 2).encode(errors="replace")
    return damaged(draw, raw) if draw.random() < 0.3 else raw


DEED = {"question": "q", "did": "predicted", "answer": [1, 2], "at": "2026-01-01"}


def make_deed(draw):
    state = json.loads(json.dumps(DEED))
    if draw.random() < 0.5:
        change(draw, state)
    return mutated(draw, json.dumps(state)) if draw.random() < 0.5 else json.dumps(state)


def read_line(text):
    """A line of a student's file; the keeper of the file counts what these errors name."""
    try:
        read_deed(text)
    except (TypeError, ValueError, RecursionError):
        return


def make_presets(draw):
    lines = [f"a name\t{token}" for token in good_tokens()]
    return mutated(draw, "\n".join(lines)).encode(errors="replace")


def read_presets(raw):
    with placed("condensekit-presets.txt", raw):
        for one in kept.kept("Lab"):
            assert tokens.read_token(one.token)["lab"] == "Lab"


IMAGES, LABELS = (
    struct.pack(">4i", 2051, 1_003, 28, 28) + bytes(1_003 * 784),
    struct.pack(">2i", 2049, 1_003) + bytes(range(10)) * 100 + bytes(3),
)


def make_digits(draw):
    """Labels of which heads or bytes are changed; packed, or not."""
    head = draw.choice((LABELS, struct.pack(">2i", 2049, draw.choice((2**31 - 1, -1, 0)))))
    raw = damaged(draw, head, 2) if draw.random() < 0.7 else head
    packed = gzip.compress(raw, 1)
    if draw.random() < 0.5:
        return raw, ""
    return damaged(draw, packed, 2) if draw.random() < 0.5 else packed, ".gz"


def read_digits(made):
    raw, suffix = made
    with placed(f"train-labels-idx1-ubyte{suffix}", raw) as path:
        images = path.parent / "train-images-idx3-ubyte"
        if not images.exists():
            images.write_bytes(IMAGES)
        _, (_, labels) = read_mnist(path.parent)
    assert int(labels.max()) <= 9


@functools.cache
def good_runs():
    experiment = ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh(1), ck.Adam(steps=2), 4)
    run, found = ck.train(experiment), []
    with tempfile.TemporaryDirectory() as folder:
        for compact in (False, True):
            path = run.save(Path(folder) / "run.npz", compact)
            found.append((path.read_bytes(), dict(np.load(path))))
    return found


NAMES = ("header", "0.step", "0.loss", "0.params.w", "../../evil", "/tmp/evil", "0.loss.npy", "")
KINDS = ("<f8", "<i8", "|O", "<U9", "<c16", "|V8", "<M8[ns]", "|b1", ">f8", "<f2")
SHAPES = ((), (0,), (1,), (3,), (10**15,), (2**62, 4), (-1,), (1,) * 40, (10**25,))


def make_runs(draw):
    """A file of runs: bytes changed, the header changed, or an array that says much of itself."""
    raw, arrays = draw.choice(good_runs())
    way = draw.random()
    if way < 0.4:
        return damaged(draw, raw)
    file = io.BytesIO()
    if way < 0.7:
        header = json.loads(str(arrays["header"]))
        change(draw, header)
        np.savez(file, **arrays | {"header": np.array(json.dumps(header))})
        return file.getvalue()
    told = {"descr": draw.choice(KINDS), "fortran_order": False, "shape": draw.choice(SHAPES)}
    text = mutated(draw, repr(told)) if draw.random() < 0.3 else repr(told)
    text = text.encode("latin-1", errors="replace")[:60_000] + b"\n"
    member = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64)
    with zipfile.ZipFile(file, "w") as archive:
        replaced = draw.choice(NAMES)
        for name, array in arrays.items():
            if name != replaced:
                content = io.BytesIO()
                np.save(content, array)
                archive.writestr(f"{name}.npy", content.getvalue())
        archive.writestr(f"{replaced}.npy", member)
    return file.getvalue()


def read_runs(raw):
    with placed("runs.npz", raw) as path:
        for run in ck.Runs.load(path):
            assert len(run.loss) == len(run)


SWEPT = {"n_samples": [3, 5], "seed": [0, 1]}


@functools.cache
def good_sweep():
    """A grid, the rows of its table, and the bytes of the table and of a journal of it."""
    base = ck.Experiment(ck.TwoLayer(1, 3), ck.three_tanh(1), ck.Adam(steps=2), 4)
    with tempfile.TemporaryDirectory() as folder:
        path, grid = Path(folder) / "map.nc", Grid.of(base, SWEPT)
        ck.sweep(base, path=path, **SWEPT)
        known = Store(path, grid, []).known
        table = path.read_bytes()
        path.unlink()
        store = Store(path, grid, [])
        store.open("some processor")
        for number, cell in known.items():
            store.add({number: cell})
        return grid, rows_of(known), table, store.journal.read_bytes()


def rows_of(known):
    return {number: cell.row() for number, cell in known.items()}


def make_sweep(draw):
    table = good_sweep()[2]
    return damaged(draw, table) if draw.random() < 0.9 else table[: draw.randint(0, len(table))]


def read_sweep(raw):
    """A table that is read is the one that was written: no number is another one, or gone."""
    grid, rows, *_ = good_sweep()
    with placed("map.nc", raw) as path, told_of(path):
        assert rows_of(Store(path, grid, []).known) == rows


def make_journal(draw):
    journal = good_sweep()[3]
    if draw.random() < 0.5:
        return damaged(draw, journal)
    head, *lines = journal.decode().splitlines()
    if draw.random() < 0.3:
        held = json.loads(head)
        change(draw, held)
        head = json.dumps(held)
    draw.shuffle(lines)
    lines = [mutated(draw, line, 1) if draw.random() < 0.5 else line for line in lines]
    return "\n".join([head, *lines]).encode(errors="replace")


def read_journal(raw):
    """What is read of a journal is as it was written; the rest is trained again."""
    grid, rows, *_ = good_sweep()
    with placed("map.nc.journal", raw) as path, told_of(path.with_suffix("")):
        found = rows_of(Store(path.with_suffix(""), grid, []).known)
        assert {number: rows[number] for number in found} == found


@contextlib.contextmanager
def told_of(path):
    """What is refused is refused by its path."""
    try:
        yield
    except ValueError as error:
        if str(path) not in str(error):
            raise AssertionError(error) from None
        raise


# How it is tried ---------------------------------------------------------------------------------


@contextlib.contextmanager
def placed(name, raw):
    """A file of this name in the folder where one is."""
    path = Path(name).absolute()
    path.write_bytes(raw)
    try:
        yield path
    finally:
        path.unlink()


READERS = {
    "formulas": (make_formula, read_formula),
    "tokens": (make_token, read_moment),
    "series of values": (lambda draw: mutated(draw, draw.choice(SERIES)), read_series),
    "tables as CSV": (make_table, read_table),
    "answers as CSV": (make_answers, read_answers),
    "lines of progress": (make_deed, read_line),
    "presets": (make_presets, read_presets),
    "IDX files": (make_digits, read_digits),
    "files of runs": (make_runs, read_runs),
    "tables of sweeps": (make_sweep, read_sweep),
    "journals of sweeps": (make_journal, read_journal),
}


def tried(name, draw):
    """Read one input; whether it was taken. All but a sentence in a ValueError is raised."""
    make, read = READERS[name]
    made = make(draw)
    before = {*os.listdir(), *os.listdir("..")}  # noqa: PTH208
    try:
        read(made)
    except ValueError as error:
        told = str(error)
        assert len(told) >= 15 and told.rstrip()[-1] in ".)!?'\"", told
        assert len(told) < 3_000, told[:200]
        taken = False
    else:
        taken = True
    left = {*os.listdir(), *os.listdir("..")} - before  # noqa: PTH208
    assert left <= {"train-images-idx3-ubyte"}, left
    return taken
