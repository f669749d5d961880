"""A JupyterLab of its own, and how a browser is started: for tests and benchmarks."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

PYTHON = os.environ.get("LAB_PYTHON", sys.executable)
TOKEN = "condensekit"
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIREFOX = ("firefox-esr", "firefox")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.context?.isReady && panel.sessionContext?.isReady
    && panel.sessionContext.session?.kernel?.status === "idle";
}"""
"""The page looks ready before it is: cells that are run too early are silently not run at all."""
LAB = "doc/workspaces/auto-t/tree/{name}?token={token}&reset"
NOTEBOOK = "notebooks/{name}?token={token}"
"""Where JupyterLab and Notebook 7 have a notebook."""


class Server:
    """A JupyterLab of its own, without the machine's settings, on a copy of the notebooks."""

    def __init__(self, folder, root=None, before=(), **more):
        """With a root of its own, a command that starts it, and what its environment has more."""
        self.root = root or folder / "notebooks"
        if root is None:
            shutil.copytree(NOTEBOOKS, self.root)
        env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
            env[f"JUPYTER_{name}"] = str(folder / name.lower())
        env["IPYTHONDIR"] = str(folder / "ipython")
        env["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
        env["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
        quiet = folder / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        quiet.parent.mkdir(parents=True)
        quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
        env |= more
        self.log = folder / "server.log"
        command = [*before, PYTHON, "-m", "jupyterlab"]
        command += ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
        command += [f"--IdentityProvider.token={TOKEN}"]
        command += [f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True"]
        command += ["--JupyterNotebookApp.expose_app_in_browser=True"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=env, cwd=root, stdout=log, stderr=log)
        self.url = self._wait(folder / "runtime_dir")

    def _wait(self, runtime):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            for file in runtime.glob("jpserver-*.json"):
                try:
                    url = json.loads(file.read_text())["url"]
                    urllib.request.urlopen(f"{url}api?token={TOKEN}").close()
                except (json.JSONDecodeError, urllib.error.URLError):
                    continue
                return url
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def write(self, name, *codes):
        """Make a notebook with these cells."""
        bare = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells = [bare | {"id": f"cell-{k}", "source": code} for k, code in enumerate(codes)]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        held = {"cells": cells, "metadata": {"kernelspec": kernel}}
        held |= {"nbformat": 4, "nbformat_minor": 5}
        (self.root / name).write_text(json.dumps(held), encoding="utf-8")

    def api(self, path, method="GET"):
        request = urllib.request.Request(f"{self.url}api/{path}?token={TOKEN}", method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")

    largest_kernel = 0.0
    """Most memory that a kernel held at the end of its test, in bytes."""

    def kernel_memory(self):
        """Resident memory of the processes that this server started, the largest one."""
        found = [0.0]
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
            if int(lines["PPid"]) == self.process.pid and "VmRSS" in lines:
                found.append(float(lines["VmRSS"].split()[0]) * 1024)
        return max(found)

    def close_sessions(self):
        """End the kernels: closing a page leaves them running."""
        self.largest_kernel = max(self.largest_kernel, self.kernel_memory())
        for session in self.api("sessions"):
            self.api(f"sessions/{session['id']}", "DELETE")


def opened(browser, server, name, width=1280, height=900, place=LAB):
    """A page with a notebook of which all cells are run."""
    # One context for all pages: JupyterLab's scripts are then fetched and compiled once.
    context = browser.contexts[0] if browser.contexts else browser.new_context()
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(server.url + place.format(name=name, token=TOKEN))
    page.wait_for_function(READY, timeout=60_000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    return page
