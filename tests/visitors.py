"""Visitors of a ``condensekit app`` without a browser: what a page says to a kernel and hears."""

import itertools
import json
import re
import struct
import time
import urllib.request
import uuid

import websocket

PROTOCOL, META = "v1.kernel.websocket.jupyter.org", {"version": "1.0.0"}
SECONDS = 100.0
"""An answer that is not there by then is none: eight kernels start at once on two processors."""


class Visitor:
    """A page with a lab: it opens, its controls are moved, and it is closed."""

    def __init__(self, app, lab):
        self.app, self.session = app, uuid.uuid4().hex
        address = f"{app.page(lab)}?token={app.token}"
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            self.kernel = re.search(r'"kernelId": "([-\w]+)"', answer.read().decode())[1]
        where = f"{app.base}api/kernels/{self.kernel}/channels?token={app.token}"
        self.socket = websocket.create_connection(
            where.replace("http", "ws", 1),
            timeout=SECONDS,
            suppress_origin=True,
            subprotocols=[PROTOCOL],
        )
        self.states = {}
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self):
        """Ask for all widgets, until those of the lab are there."""
        control = uuid.uuid4().hex
        self._done(
            self._send("comm_open", comm_id=control, target_name="jupyter.widget.control", data={})
        )
        self._act(control, {"method": "request_states"})
        self.until(lambda: self._find("description", "Run"))

    def _send(self, kind, **content):
        message = uuid.uuid4().hex
        header = {"msg_id": message, "msg_type": kind, "session": self.session}
        header |= {"username": "", "version": "5.3", "date": ""}
        parts = [b"shell", *(json.dumps(one).encode() for one in (header, {}, META, content))]
        ends = [*itertools.accumulate(map(len, parts), initial=8 * (len(parts) + 2))]
        counts = struct.pack(f"<{len(ends) + 1}Q", len(ends), *ends)
        self.socket.send_binary(counts + b"".join(parts))
        return message

    def _hear(self):
        """The next message; what it says of widgets is kept."""
        said = self.socket.recv()
        ends = struct.unpack_from(f"<{struct.unpack_from('<Q', said)[0]}Q", said, 8)
        header, parent, _, content = (
            json.loads(said[first:last]) for first, last in itertools.pairwise(ends[1:6])
        )
        message = {"msg_type": header["msg_type"], "parent_header": parent, "content": content}
        if message["msg_type"] == "comm_msg":
            data = content["data"]
            if data.get("method") in ("update", "echo_update"):
                self.states.setdefault(content["comm_id"], {}).update(data["state"])
            if data.get("method") == "update_states":
                for name, known in data["states"].items():
                    self.states.setdefault(name, {}).update(known["state"])
        return message

    def _find(self, trait, value):
        return next((name for name, s in self.states.items() if s.get(trait) == value), None)

    def until(self, condition):
        """Listen until something is so."""
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end, "no answer"
            self._hear()

    def _act(self, widget, data):
        """Say something to a widget and listen until the kernel has done it."""
        self._done(self._send("comm_msg", comm_id=widget, data=data))

    def _done(self, message):
        """Listen until the kernel has answered a message."""
        idle = False
        while not idle:
            heard = self._hear()
            idle = (
                heard["msg_type"] == "status"
                and heard["content"]["execution_state"] == "idle"
                and heard["parent_header"].get("msg_id") == message
            )

    def press(self, button):
        """Press a button."""
        self._act(
            self._find("description", button), {"method": "custom", "content": {"event": "click"}}
        )

    def run(self):
        """Press Run and wait for the end of the training."""
        stop = self._find("description", "Stop")
        self.press("Run")
        self.until(lambda: self.states[stop].get("disabled"))

    def scrub(self, share):
        """Move the time slider, and wait until the pictures are drawn."""
        sliders = [s for s in self.states.items() if s[1].get("_model_name") == "IntSliderModel"]
        name, state = next(one for one in sliders if one[1]["description"] == "step")
        value = round(share * state["max"])
        self._act(name, {"method": "update", "state": {"value": value}, "buffer_paths": []})
        return value

    def close(self):
        """Be gone without a word, as where a network breaks."""
        self.socket.close()

    def leave(self):
        """Close the page, as the page's own goodbye does."""
        self.close()
        place = f"{self.app.base}voila/api/shutdown/{self.kernel}?token={self.app.token}"
        with urllib.request.urlopen(urllib.request.Request(place, method="POST"), timeout=SECONDS):
            pass
