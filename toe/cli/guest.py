"""What runs in a container or a machine: `python -m toe.cli.guest FOLDER`, for `toe run --in` and `toe build`.

FOLDER has `in`, `out` and `logs` (toe.images.guest). The process that is started stays beside the run: it passes on the
signals that come as lines through its standard input, and where that ends, nobody waits for the run any more.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from toe.cli.order import with_options
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.errors import EXIT_FAILED, ToeError
from toe.session.going_on import order_of_data
from toe.session.logs import LogPlace
from toe.session.order import Order
from toe.session.run import run
from toe.system.cancellation import Cancellation
from toe.system.processes.attended import attended, hand_over
from toe.system.state_directory import journal_path


def main(folder: str) -> int:
    """Run what is asked for and return the exit code of the run."""
    os.close(os.open(os.path.join(folder, "out/begun"), os.O_WRONLY | os.O_CREAT, 0o600))
    try:
        return attended(lambda: _child(folder))
    finally:
        hand_over(os.path.join(folder, "out"))
        hand_over(os.path.join(folder, "logs"))


def _child(folder: str) -> int:
    """The run itself. Its words go to stdout: stderr is the engine's."""
    os.dup2(1, 2)
    end_on_signals(lambda name: None)
    try:
        with open(os.path.join(folder, "in/request.json"), encoding="utf-8", errors="surrogatepass") as file:
            request = json.load(file)
        return _run(request, folder)
    except ToeError as error:
        _refuse(folder, error)
        return error.exit_code
    except BaseException:
        traceback.print_exc()
        return EXIT_FAILED


def _run(request: dict[str, Any], folder: str) -> int:
    os.environ.update(request["environment"])
    with _working_directory(request["directory"]):
        return run(_order(request, folder)).exit_code


@contextmanager
def _working_directory(path: str) -> Iterator[None]:
    """Work in a folder, which is made where it is not there; what was made goes again if nothing was put there."""
    folder = Path(path)
    made = [one for one in (folder, *folder.parents) if not os.path.lexists(one)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
    except OSError as error:
        raise ToeError(f"there is no working directory '{path}' in there: {error.strerror}") from error
    try:
        yield
    finally:
        for one in made:
            with suppress(OSError):  # it is not empty
                one.rmdir()


def _order(request: dict[str, Any], folder: str) -> Order:
    cancellation = Cancellation()
    states = os.path.join(folder, "out/state")
    execution_id = request["executionId"]
    order = with_options(order_of_data(request["order"])._replace(execution_id=execution_id))
    told, absolute = request["logs"]
    return order._replace(
        log_place=LogPlace(os.path.join(folder, "logs"), outside=(told, absolute)),
        state_directory=states,
        resume=journal_path(states, execution_id) if request["isResumed"] else "",
        reboot=request["reboot"],
        environment=dict(os.environ),
        own_process=True,
        cancellation=cancellation,
        begins=lambda execution_id: stop_on_signals(cancellation),
        report=lambda line: print(line, flush=True),
    )


def _refuse(folder: str, error: ToeError) -> None:
    """Tell why nothing was run."""
    told = {
        "message": error.message,
        "hint": error.hint,
        "exitCode": error.exit_code,
        "problems": [[*problem] for problem in error.problems],
    }
    path = os.path.join(folder, "out/refusal.json")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR), "w") as file:
        json.dump(told, file, default=str)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
