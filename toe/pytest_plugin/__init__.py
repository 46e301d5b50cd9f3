"""Plugin of pytest: `pytest --toe components/` has an item for each step of the test phases of component documents.

Every pytest run of an environment in which toe is installed loads this module: without `--toe` it loads nothing else.
"""

from __future__ import annotations

TYPE_CHECKING = False  # of `typing`: also in a run that has nothing to do with toe
if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("toe", "component documents of EC2 Image Builder")
    about = "Collect component documents too: an item for each step of their phases 'validate' and 'test'."
    group.addoption("--toe", action="store_true", help=about)
    group.addoption(
        "--toe-parameters",
        action="append",
        default=[],
        metavar="N=V,N=V",
        help='Values of the documents\' parameters; those with commas as JSON: \'{"Name": "a,b"}\'.',
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have component documents collected where that is asked for."""
    if config.getoption("toe"):
        from toe.pytest_plugin.items import Components

        config.pluginmanager.register(Components(config.getoption("toe_parameters")), "toe-components")
