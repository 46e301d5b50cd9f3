"""The result of a build as data that JSON can hold, with AWSTOE's manner of names."""

from __future__ import annotations

from typing import Any

from toe.images.results import BuildResult


def build_summary(result: BuildResult) -> dict[str, Any]:
    """What came of a build: `status` is success, failed (also where it is not shared as asked for) or stopped."""
    failure = result.failure
    status = "failed" if failure or result.unshared else "success" if result.signal is None else "stopped"
    return {
        "buildId": result.build,
        "status": status,
        "failureMessage": failure.message if failure else result.unshared,
        "recipe": result.recipe,
        "version": result.version,
        "image": result.image,
        "tags": list(result.tags),
        "seconds": round(result.seconds, 3),
        "logDirectory": result.logs,
        "layers": [
            {
                "name": layer.outlook.name,
                "fate": layer.outlook.fate.value,
                "why": layer.outlook.why,
                "key": layer.outlook.key,
                "image": layer.image,
                "seconds": round(layer.seconds, 3),
            }
            for layer in result.layers
        ],
        "tests": [verdict._asdict() for verdict in result.verdicts],
        "failure": failure._asdict() if failure else None,
    }


def nothing_built(message: str) -> dict[str, Any]:
    """The data where nothing was built."""
    return {"buildId": "", "status": "nothingBuilt", "failureMessage": message}
