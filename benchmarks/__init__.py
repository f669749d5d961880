"""Benchmarks: ratios against other tools, measured side by side in one run, one thread each."""

import os

# Read when JAX, or a BLAS, is loaded.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_THREAD}".strip()
os.environ["JAX_ENABLE_X64"] = "1"
