"""Server: Voila on this machine alone, with a token, and with room for so many visitors."""

import asyncio
import logging
import os
import tempfile
import webbrowser
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.utils import run_sync
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from tornado.web import HTTPError
from traitlets import Integer, List, default
from traitlets.config import Config
from voila.app import Voila

from condensekit_server import AtOnce

from ..words import many
from .pages import TEMPLATES, write_pages

__all__ = ["serve"]


class Places(AsyncMappingKernelManager):
    """Kernels, of which there is a largest number; who comes too late is told so."""

    most = Integer(1, config=True, help="The largest number of kernels.")

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self._door = asyncio.Lock()  # two who come at once are counted one after the other

    async def start_kernel(self, **rest: Any) -> str:
        """Start a kernel if there is a place for it."""
        async with self._door:
            if len(self) >= self.most:
                raise HTTPError(
                    503,
                    f"The app has room for {many(self.most, 'lab')} at a time, and all of it is "
                    "taken. Try again in a while: a place is free as soon as someone closes a lab.",
                    reason="The app is full",
                )
            kernel: str = await super().start_kernel(**rest)
            return kernel


class ThisPython(KernelSpecManager):
    """Kernels run in the Python of the command, whatever else Jupyter knows on the machine."""

    kernel_dirs: Any = List([])


class App(Voila):
    """Voila without the machine's settings, which takes its port or says why it cannot."""

    @default("kernel_websocket_connection_class")
    def _at_once(self) -> type[AtOnce]:
        return AtOnce

    @default("config_file_paths")
    def _only_ours(self) -> list[str]:
        return [self.root_dir]

    def listen(self) -> None:
        """Serve until Ctrl+C, and leave no kernel behind."""
        try:
            sockets = bind_sockets(self.port, self.ip)
            HTTPServer(self.app).add_sockets(sockets)
            where = f"http://{self.ip}:{sockets[0].getsockname()[1]}/"
            address = f"{where}?token={self.identity_provider.token}"
            print(f"The labs are at {address}\nCtrl+C ends them.", flush=True)
            if self.open_browser:
                webbrowser.open(address)
            self.ioloop = IOLoop.current()
            self.ioloop.start()
        except KeyboardInterrupt:
            print("\nStopped.")
        finally:
            self.stop()

    def stop(self) -> None:
        """End all kernels at once: nobody looks at what they compute any more."""
        run_sync(self.kernel_manager.shutdown_all)(now=True)


def serve(port: int, browser: bool, most: int, idle: int) -> None:
    """Serve the labs on 127.0.0.1, until Ctrl+C.

    Parameters
    ----------
    port : int
        The port; with 0, one that is free.
    browser : bool
        Whether to open a browser.
    most : int
        How many kernels there may be at a time.
    idle : int
        Minutes after which a kernel is ended that no browser is connected with.

    Raises
    ------
    OSError
        If the port cannot be used.
    """
    # Tornado takes Jupyter's milliseconds for seconds, and says so; it is Jupyter that counts them.
    logging.getLogger("tornado.general").setLevel(logging.ERROR)
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)  # addresses, tokens and all
    known = [str(TEMPLATES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(known)
    os.environ["OMP_NUM_THREADS"] = "1"  # of the kernels, which share the machine
    settings: dict[str, dict[str, Any]] = {
        "Voila": {"ip": "127.0.0.1", "port": port, "open_browser": browser, "log_level": "ERROR"},
        "VoilaConfiguration": {
            "multi_kernel_manager_class": Places,
            "kernel_spec_manager_class": ThisPython,
        },
        "Places": {"most": most},
        "MappingKernelManager": {
            "cull_idle_timeout": 60 * idle,
            "cull_interval": 30,
            "transport_encryption": "auto",
        },
        "KernelRestarter": {"restart_limit": 0},  # another kernel would know nothing of the page
    }
    with tempfile.TemporaryDirectory(prefix="condensekit-app-") as folder:
        write_pages(folder)
        connections = tempfile.mkdtemp(dir=folder, prefix=".")
        settings["Voila"] |= {"root_dir": folder, "connection_dir_root": connections}
        app = App(config=Config(settings), auto_token=True)
        app.initialize([])
        app.start()
