"""Tests that ask for `mode` run once in each mode of the machine, those that ask for `system` in every variant too."""

from __future__ import annotations

import pytest

from toyos.variants import MODES, VARIANTS


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """-> a mode of the machine."""
    return str(request.param)


@pytest.fixture(params=[(mode, variant) for mode in MODES for variant in VARIANTS[mode]], ids="-".join)
def system(request: pytest.FixtureRequest) -> tuple[str, str]:
    """-> a mode and one of its kernels."""
    mode, variant = request.param
    return str(mode), str(variant)
