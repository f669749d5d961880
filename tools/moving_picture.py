"""Write the moving picture of the README: the headline run, drawn by the project's own figures."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from condensekit.figures import png
from condensekit.labs import RecoveryLab

PATH = Path(__file__).parents[1] / "docs" / "recovery.gif"
FRAMES, MILLISECONDS, AT_THE_END, DPI = 36, 140, 2500, 58


def moving_picture(path: Path) -> None:
    """Fit and neurons at moments that are spread over the record, as a GIF."""
    lab = RecoveryLab(show=["fit", "neurons"])
    run = lab.result
    images = []
    for index in np.unique(np.linspace(0, len(run) - 1, FRAMES).round().astype(int)):
        lab.go_to(int(run.step[index]))
        drawn = io.BytesIO(base64.b64decode(png(lab.figure(), DPI)))
        images.append(Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE))
    lasting = [MILLISECONDS] * (len(images) - 1) + [AT_THE_END]
    first, *others = images
    first.save(path, save_all=True, append_images=others, duration=lasting, loop=0, optimize=True)


if __name__ == "__main__":
    moving_picture(PATH)
