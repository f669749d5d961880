"""What stands beside a Jupyter server: no message of a kernel waits for the one before."""

import asyncio
import json
import socket
import subprocess
import sys
from types import SimpleNamespace
from unittest import mock

import pytest

pytest.importorskip("jupyter_server")

from jupyter_server.gateway.connections import GatewayWebSocketConnection
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.iostream import IOStream

import condensekit_server
from condensekit_server import AtOnce


class Page(KernelWebsocketHandler):
    """A page's end, with a socket or without."""

    def __init__(self, ws_connection):
        self.ws_connection = ws_connection


def opened(ws_connection):
    """Open the way to a page; the rest of what Jupyter does there is left out."""
    with mock.patch.object(ZMQChannelsWebsocketConnection, "connect", return_value="opened"):
        return AtOnce(websocket_handler=Page(ws_connection)).connect()


def delays(end):
    return end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0


def test_a_socket_to_a_page_does_not_wait():
    async def tried():
        with socket.create_server(("127.0.0.1", 0)) as door:
            end = socket.create_connection(door.getsockname())
            stream = IOStream(end)
            try:
                assert delays(end)
                assert opened(stream) == "opened"
                assert not delays(end)
            finally:
                stream.close()

    asyncio.run(tried())


def test_a_page_that_has_gone_at_once_is_no_error():
    assert opened(None) == "opened"


@pytest.mark.parametrize("kind", [ZMQChannelsWebsocketConnection, GatewayWebSocketConnection, None])
def test_only_the_plain_way_is_replaced(kind):
    settings = {} if kind is None else {"kernel_websocket_connection_class": kind}
    before = dict(settings)
    app = SimpleNamespace(web_app=SimpleNamespace(settings=settings))
    condensekit_server._load_jupyter_server_extension(app)
    if kind is ZMQChannelsWebsocketConnection:
        before["kernel_websocket_connection_class"] = AtOnce
    assert settings == before


@pytest.mark.slow
def test_the_server_of_this_environment_loads_it_without_what_computes(tmp_path):
    """In a process of its own, as `jupyter lab` begins; no port is opened."""
    code = """
import json, sys
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.initialize(["--no-browser", "--allow-root", "--port=0"], new_httpserver=False)
kind = app.web_app.settings["kernel_websocket_connection_class"]
print(json.dumps([kind.__module__, kind.__name__, "torch" in sys.modules]))
"""
    env = {"JUPYTER_CONFIG_DIR": tmp_path, "JUPYTER_RUNTIME_DIR": tmp_path, "HOME": tmp_path}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin:/bin", **{name: str(path) for name, path in env.items()}},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["condensekit_server", "AtOnce", False]


def test_the_app_does_the_same():
    pytest.importorskip("voila")
    from condensekit.app.server import App

    assert App().kernel_websocket_connection_class is AtOnce
