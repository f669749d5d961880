"""A lab of the web app whose browser is gone without a word: its place becomes free."""

from pathlib import Path

import pytest
from app_server import AppServer
from waiting import until


@pytest.mark.skipif(not Path("/proc").exists(), reason="kernels are looked up there")
def test_a_kernel_that_no_browser_is_connected_with_is_ended_after_the_time_that_was_set(tmp_path):
    app = AppServer(tmp_path, "--most", "1", "--idle", "1")
    try:
        lab = f"{app.page('FactorizationLab')}?token={app.token}"
        assert app.get(lab)[0] == 200
        assert app.get(lab)[0] == 503
        assert len(app.kernels()) == 1
        until(lambda: not app.kernels(), "end of an idle kernel", 60 + 30 + 30)
        until(lambda: app.get(lab)[0] == 200, "free place")
    finally:
        app.stop()
