"""Benchmarks: ratios against plain loops, measured side by side in one run."""
