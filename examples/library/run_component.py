"""Run a component from Python: parameters in, typed results out, every event on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import toe

COMPONENT = Path(__file__).parent.parent / "parameters" / "component.yml"


def main() -> int:
    for problem in toe.validate(COMPONENT):
        print(problem.place, problem.message)
    result = toe.run(
        COMPONENT,
        parameters={"Owner": "library", "Zones": ["one", "two"]},
        on_event=lambda event: print(type(event).__name__),
    )
    for document in result.documents:
        for phase in document.phases:
            for step in phase.steps:
                print(phase.name, step.name, step.status.value, step.outputs)
    print(result.status.value, result.log_url)
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
