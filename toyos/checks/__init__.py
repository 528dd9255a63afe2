"""Invariants of the kernel that one can switch on: each is checked while programs run, and says where it breaks."""

from toyos.checks.checker import CHECKS, Checker, Problem

__all__ = ["CHECKS", "Checker", "Problem"]
