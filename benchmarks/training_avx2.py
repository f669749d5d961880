"""The table of training steps on a processor without AVX-512, as most students have."""

import dataclasses
import json
import os
import subprocess
import sys

from .summary import Claim
from .training import EXPLANATION as SAME

TITLE = "Training steps against a plain torch loop, and against JAX, without AVX-512"
EXPLANATION = f"""\
The processor named above, on which torch, MKL, NumPy, OpenBLAS and JAX are told to do without
AVX-512, in a process of its own. (Where there is none of it, nothing is taken away.)

{SAME}"""

WITHOUT = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
}
"""What torch, MKL, OpenBLAS and JAX ask when they are loaded."""


def _without() -> dict[str, str]:
    """The same, and what of NumPy's instructions is more than AVX2 on this processor."""
    from numpy._core._multiarray_umath import (  # noqa: PLC0415
        __cpu_dispatch__,
        __cpu_features__,
    )

    wide = [n for n in __cpu_dispatch__ if n.startswith(("AVX512", "X86_V4"))]
    return WITHOUT | {"NPY_DISABLE_CPU_FEATURES": " ".join(n for n in wide if __cpu_features__[n])}


def measure() -> tuple[str, list[Claim]]:
    """The table, and what it claims, measured in a process that knows no AVX-512."""
    code = f"from {__name__} import tell; tell()"
    command = [sys.executable, "-c", code]
    told = subprocess.run(
        command, env=os.environ | _without(), stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    text, claims = json.loads(told)
    return text, [Claim(**claim) for claim in claims]


def tell() -> None:
    """Measure in this process, and say it to the one that asked."""
    from .training import measure as measured  # noqa: PLC0415

    text, claims = measured()
    marked = [dataclasses.replace(c, text=f"{c.text}, without AVX-512") for c in claims]
    print(json.dumps([text, [dataclasses.asdict(claim) for claim in marked]]))
