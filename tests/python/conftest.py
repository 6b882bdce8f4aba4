"""What the tests share: both targets as a parameter."""

import pytest


@pytest.fixture(params=["native", "wasm"])
def target(request):
    return request.param
