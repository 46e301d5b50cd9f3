"""The command `toe`, and `python -m toe`: where a process starts and ends."""

import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line and end the process with its exit code.

    An interrupt ends the process as it ends any program, also while all is being imported. The interpreter's tear-down
    is left out: it takes as long as a small run, and everything is written by then.
    """
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(100_000)
    from toe.cli.main import command_line
    from toe.cli.terminal import open_standard_streams

    open_standard_streams()
    code = command_line(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            code = code or 1
    os._exit(code)


if __name__ == "__main__":
    main()
