"""Tests that ask for `mode` run once in each mode of the machine."""

from __future__ import annotations

import pytest

from vm.machine import MODES


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """-> a mode of the machine."""
    return str(request.param)
