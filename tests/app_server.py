"""A ``condensekit app`` of its own: for tests."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from waiting import until

COMMAND = [sys.executable, "-m", "condensekit.cli", "app", "--port", "0", "--no-browser"]


class AppServer:
    """The command, started as a user starts it, without the machine's settings."""

    def __init__(self, folder, *options):
        env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
            env[f"JUPYTER_{name}"] = str(folder / name.lower())
        env |= {"IPYTHONDIR": str(folder / "ipython"), "TMPDIR": str(folder)}
        env["OMP_NUM_THREADS"] = "3"  # of which kernels shall know nothing
        self.log = folder / "app.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *options], env=env, stdout=log, stderr=log, start_new_session=True
            )
        until(lambda: "?token=" in self.said() or self._ended(), "address", 60)
        self.address = next(word for word in self.said().split() if "?token=" in word)
        self.base, _, self.token = self.address.partition("?token=")

    def _ended(self):
        return self.process.poll() is not None

    def said(self):
        return self.log.read_text()

    def page(self, lab):
        """Where a lab is."""
        return f"{self.base}voila/render/{lab}.ipynb"

    def get(self, address, method="GET"):
        """Status and text of an address, without following to another."""
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(urllib.request.Request(address, method=method), timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def kernels(self):
        """The kernels that live, by their names: their processes."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "status").read_text()
                command = (folder / "cmdline").read_text()
            except OSError:
                continue
            if f"PPid:\t{self.process.pid}\n" in status and "ipykernel" in command:
                found[re.findall(r"kernel-([-\w]+)\.json", command)[0]] = int(folder.name)
        return found

    def stop(self, how=signal.SIGINT):
        """Stop it as a terminal does, which tells all that belong to it; return its status."""
        if not self._ended():
            os.killpg(self.process.pid, how)
        return self.process.wait(30)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
