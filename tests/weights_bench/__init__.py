"""The parts of the bench of weights, and what they share. The entry is `tests/weights_bench.py`."""
