"""The engine beside QEMU on the same images: `python -m benchmarks.engine` (see __main__.py)."""
