"""What all tests share, a plugin for each thing; see `tests/support`."""

pytest_plugins = [
    f"tests.support.{name}"
    for name in ("course", "examples", "database", "ports", "post", "people", "cases", "invoices")
]
