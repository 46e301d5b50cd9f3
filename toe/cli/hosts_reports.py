"""The reports of `toe run --hosts`: one page of HTML, one file of JUnit's XML, with all hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.cli.terminal import say_error, write_file
from toe.errors import ToeError
from toe.fleet.fleet_order import FleetOrder


def written(
    values: Mapping[str, Any], folders: Mapping[str, str], hosts: Mapping[str, Mapping[str, Any]], order: FleetOrder
) -> bool:
    """Write what `--html` and `--junit-xml` ask for; false, with a message, when that is not possible.

    `folders` has the log folder of each host, "" for none; `hosts` has the summaries.
    """
    from toe.report.folder import read_folder

    try:
        runs = {host: read_folder(folder) for host, folder in folders.items() if folder}
        missing = {host: str(hosts[host].get("failureMessage", "")) for host in folders if host not in runs}
        if values["junit_xml"]:
            from toe.report.junit import hosts_junit_report

            write_file(values["junit_xml"], [hosts_junit_report(runs, missing, "toe run")])
        if values["html"]:
            from toe.report.html import html_report
            from toe.report.several import joined

            write_file(values["html"], html_report(joined(runs, missing, order.asked.execution_id, order.logs)))
    except ToeError as error:
        say_error(error)
        return False
    return True
