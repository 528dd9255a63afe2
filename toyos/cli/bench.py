"""`toyos bench`: the benchmarks of benchmarks/ -> tables, files, pictures."""

from benchmarks.command import bench as main

__all__ = ["main"]
