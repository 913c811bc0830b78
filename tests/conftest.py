"""What all tests share: how many cases hypothesis tries, and that nightly tests run only when asked for."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
settings.register_profile("usual", deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE)
settings.load_profile("usual")


def pytest_collection_modifyitems(config, items):
    """Leave nightly tests out, unless `-m` says what is wanted."""
    if config.option.markexpr:
        return
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    if nightly:
        config.hook.pytest_deselected(items=nightly)
        items[:] = [item for item in items if item not in nightly]
