"""Tests that ask for `mode` or `shell` run once in each mode of the machine, with the mode's default kernel."""

from __future__ import annotations

from functools import partial

import pytest

from tests.kernel import guest
from toyos.variants import MODES


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """-> a mode of the machine."""
    return str(request.param)


@pytest.fixture
def shell(mode: str) -> guest.Shell:
    """-> guest.shell on a machine of that mode."""
    return partial(guest.shell, mode=mode)
