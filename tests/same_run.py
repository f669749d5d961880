"""One run and what is said of it, as texts and bytes: to be made again on another machine."""

import hashlib
import sys
from pathlib import Path

from bad_values import told

import condensekit as ck
from condensekit import tokens

NAME = "ein Ordner ü 学"


def whole(folder):
    """What comes of training, measuring, writing and reading, each under its name."""
    found, folder = {}, Path(folder)
    for optimizer in (ck.Adam(steps=40), ck.GradientFlow(max_steps=20), ck.SGD(steps=20)):
        experiment = ck.Experiment(ck.TwoLayer(1, 6), ck.three_tanh(1), optimizer, 9, 0.3, seed=2)
        run = ck.train(experiment)
        kind = type(optimizer).__name__
        found[kind] = told([run.step, run.loss, run.test_loss, run.final, str(run.outcome)])
        path = run.save(folder / f"{kind} {NAME}.npz")
        found[f"{kind} read"] = told([ck.Run.load(path).loss, repr(ck.Run.load(path).experiment)])
        token = tokens.write_moment("Lab", [experiment], 1, 2, {"see": NAME})
        found[f"{kind} token"] = [token, told(tokens.read_moment(token, "Lab"))]
    relu = ck.Experiment(
        ck.TwoLayer(1, 4, "relu"), ck.problems.formula("sin(3*x)/2"), ck.Adam(steps=20), 9
    )
    found["relu"] = told(ck.train(relu).final)
    found["recovery"] = str(ck.recovery(run))
    found["rank"] = str(ck.model_rank(run.experiment.model, run.final))
    found["events"] = [event.text for event in ck.dynamics.events(run)]
    found["predicted"] = told(ck.predict(run, [0.0, 0.5]))
    table = folder / f"{NAME}.csv"
    table.write_text("Größe;y\n0,5;1,25\n1,5;2\n2,5;3\n", encoding="utf-8")
    found["table"] = repr(ck.read_csv(table, scale=True))
    return found


def fingerprint(found):
    """The same as one line of letters."""
    return hashlib.sha256(repr(found).encode()).hexdigest()


def digest(folder):
    """The fingerprint of a run that is made now."""
    return fingerprint(whole(folder))


if __name__ == "__main__":
    print(digest(sys.argv[1]))
