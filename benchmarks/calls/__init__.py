"""What procedure calls cost in each mode: `python -m benchmarks.calls`, or `toyos bench calls`."""
