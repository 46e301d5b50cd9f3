"""The command `toe`, and `python -m toe`."""

import signal


def main() -> None:
    """Run the command line; an interrupt ends the process as it ends any program, also while all is being imported."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from toe.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
