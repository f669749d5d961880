"""Python ends while labs train."""

import subprocess
import sys

SCRIPT = """
from condensekit import Adam
from condensekit.labs import RecoveryLab
labs = [RecoveryLab(width=50, n_samples=200, optimizer=Adam(steps=3_000_000)) for _ in range(3)]
for lab in labs:
    lab.run()
labs[1].pause()
labs[2].stop(wait=False)
labs[2].play()
"""


def test_a_script_that_ends_while_labs_train_ends_in_peace():
    """A thread that Python leaves inside of torch aborts the process, now and then."""
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")
