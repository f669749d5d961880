"""Jupyter's server sends the pictures of a lab at once: an extension of it.

A package of its own, since a server has no use for PyTorch, which ``import condensekit`` brings.

Where a reader moves a slider, the kernel answers with an echo of its value and then with pictures.
Nagle's algorithm (RFC 896) keeps a small message back until the one before is confirmed, and a
browser's system may confirm what it has received 40 ms later: frames waited for that. Tornado, of
which the server is made, can turn it off for a websocket (``WebSocketHandler.set_nodelay``), and
the server does not ask for it.
"""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["AtOnce"]


class AtOnce(ZMQChannelsWebsocketConnection):
    """The way from a kernel to a page, on which no message waits for the one before."""

    def connect(self) -> Any:
        """Open it; what is returned, Jupyter awaits."""
        handler = self.websocket_handler
        if handler.ws_connection is not None:  # a page that has gone at once has none
            handler.set_nodelay(True)
        return super().connect()


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """By this, the server knows the extension."""
    return [{"module": "condensekit_server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Take `AtOnce` where the server has its plain way; a gateway's, or another's, stays."""
    settings = app.web_app.settings
    if settings.get("kernel_websocket_connection_class") is ZMQChannelsWebsocketConnection:
        settings["kernel_websocket_connection_class"] = AtOnce
