"""How `toe` is started in a machine: by the kernel's command line, and by scripts on the drive with the request.

The first process of the machine is a shell that lays a unit of systemd into /run and then becomes systemd. So the disk
is not changed, and everything that the machine starts by itself is started as ever. Where the disk has a loader of its
own, cloud-init runs the script `hook`, which does the same when the system is on its way.

    /run/toe/in        the drive with the scripts and the request, read-only
    /run/toe/capsule   `toe` with an interpreter of its own, read-only
    /run/toe/box       the drive with what comes of the run: `in` (bound to the request), `out`, `logs`
"""

from __future__ import annotations

from pathlib import Path
from shlex import join

from toe.images.machines import network
from toe.records import NamedTuple

#: The disks of a machine, one controller: their order is fixed, and most kernels for machines have the driver built in.
ROOT, CAPSULE, REQUEST, BOX = "nvme0n1", "nvme0n2", "nvme0n3", "nvme0n4"
PORT = "dev.toe.0"
#: Where the serial line goes that takes the place of the port in a kernel without virtio.
LINE = "/dev/ttyS1"
CONSOLE = "ttyS0"
#: The program in there; it is of the command line, so it is named and not imported.
PROGRAM = "toe.cli.machine_guest"
INSIDE = "/run/toe"
#: A file in the results of a machine whose system has no cloud-init.
NO_CLOUD_INIT = "no-cloud-init"

# Blanks would end the word on the kernel's command line: an initramfs may take it apart without regard to quotes.
_FIRST = f"mount -t devtmpfs dev /dev;mount -t ext4 -o ro /dev/{REQUEST} /mnt&&exec /bin/sh /mnt/first"

_INTO_RUN = f"""\
# The first process of the machine. What is mounted and written here lies in /run, which is in memory.
[ "$(stat -c %d /run)" = "$(stat -c %d /)" ] && mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
mkdir -p {INSIDE}/in
mount --move /mnt {INSIDE}/in || exit
"""

_FIRST_SCRIPT = f"""\
{_INTO_RUN}sh {INSIDE}/in/prepare
for init in /sbin/init /lib/systemd/systemd /usr/lib/systemd/systemd /bin/init; do
  [ -x "$init" ] || continue
  case $(readlink -f "$init") in *systemd*) ;; *) sh {INSIDE}/in/work & ;; esac
  exec "$init"
done
exec sh {INSIDE}/in/work
"""

_HOOK = f"""\
sh {INSIDE}/in/prepare
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl --no-block start toe-guest.service
else
  setsid sh {INSIDE}/in/work < /dev/null > /dev/null 2>&1 &
fi
"""

#: A script that ends before it has switched the machine off must not leave it on.
_ONLY_HOOK = f"sh {INSIDE}/in/script > /dev/{CONSOLE} 2>&1\necho o > /proc/sysrq-trigger\n"

_UNIT = f"""\
[Unit]
Description=toe
DefaultDependencies=no
After=multi-user.target cloud-final.service
Conflicts=shutdown.target
Before=shutdown.target
[Service]
Environment=HOME=/root
ExecStart=/bin/sh {INSIDE}/in/work
TasksMax=infinity
TimeoutStopSec=20
"""

_SHELL_UNIT = f"""\
[Unit]
Description=A shell on the console
Conflicts=serial-getty@{CONSOLE}.service
After=serial-getty@{CONSOLE}.service
[Service]
Environment=HOME=/root TERM=vt220
WorkingDirectory=/root
ExecStart=/bin/sh -c 'exec $(command -v bash || echo sh) -i'
ExecStopPost=-/bin/sh -c 'systemctl --no-block poweroff'
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/{CONSOLE}
"""

_PREPARE = """\
mkdir -p {units}/multi-user.target.wants
ln -sf ../toe-guest.service {units}/multi-user.target.wants/toe-guest.service
cat > {units}/toe-guest.service <<'END'
{unit}END
"""

_WORK = """\
# Mounts what belongs to the run, runs it, and ends the machine, or starts it again.
mkdir -p {inside}/capsule {inside}/box
for module in virtio_pci virtio_console; do modprobe -q $module 2> /dev/null; done
{{ mount -t ext4 -o ro /dev/{capsule} {inside}/capsule && mount -t ext4 /dev/{box} {inside}/box &&
  mount --bind {inside}/in/in {inside}/box/in && {grow}; }} || echo "toe: cannot mount its drives" > /dev/{console}
command -v cloud-init > /dev/null 2>&1 || : > {inside}/box/out/{no_cloud_init}
{network}{command}
code=$?
{afterwards}umount {inside}/box/in {inside}/box 2> /dev/null
sync
[ $code = 194 ] && end=reboot key=b || end=poweroff key=o
[ $end{quick} = poweroff-quick ] && echo $key > /proc/sysrq-trigger
systemctl --no-block $end 2> /dev/null || $end 2> /dev/null || echo $key > /proc/sysrq-trigger
"""


class Start(NamedTuple):
    """How a disk is started by its kernel. `root` names the file system, as the kernel's command line does."""

    kernel: Path
    initrd: Path | None
    root: str

    def command_line(self, more: str = "") -> str:
        """The kernel's command line: its root, and what starts our first process."""
        return f"root={self.root} rw {for_a_run(more)}"

    def moved(self, old: Path, new: Path) -> Start:
        """The same where the files that lie in the folder `old` lie in `new`."""
        return self._replace(
            kernel=_moved(self.kernel, old, new), initrd=_moved(self.initrd, old, new) if self.initrd else None
        )


class Firmware(NamedTuple):
    """A disk that starts by itself, by UEFI: the firmware's code, and what it keeps of the machine, a copy of its own.

    What starts on the disk must give the kernel `for_a_run`.
    """

    code: Path
    variables: Path

    def moved(self, old: Path, new: Path) -> Firmware:
        """The same where the files that lie in the folder `old` lie in `new`."""
        return self._replace(code=_moved(self.code, old, new), variables=_moved(self.variables, old, new))


def _moved(path: Path, old: Path, new: Path) -> Path:
    return new / path.name if path.parent == old else path


def for_a_run(more: str = "") -> str:
    """What a kernel is told for a run, as the end of its command line: the console, an end where it panics, and our
    first process.
    """
    return f"console={CONSOLE} panic=-1 {more} {first_process()}"


def first_process() -> str:
    """The end of a kernel's command line that starts the script on the drive before anything else."""
    return f"init=/bin/sh -- -c {_FIRST.replace(' ', '${IFS}')}"


def scripts(
    command: list[str],
    *,
    is_thrown_away: bool,
    grows: bool = False,
    has_network: bool = False,
    afterwards: str = "",
) -> dict[str, str]:
    """The scripts of the drive with the request, by name; `command` starts the program.

    A machine that `is_thrown_away` has its power cut behind the run, when all is written. `grows`: its file system is
    the whole disk and smaller than that. `has_network`: the run begins when the machine has one.
    `afterwards` is run behind it, also before a reboot.
    """
    work = _WORK.format(
        inside=INSIDE,
        capsule=CAPSULE,
        box=BOX,
        console=CONSOLE,
        command=join([*command, "-m", PROGRAM, INSIDE]),
        afterwards=afterwards,
        quick="-quick" if is_thrown_away else "",
        no_cloud_init=NO_CLOUD_INIT,
        network=network.begin_script(INSIDE) if has_network else "",
        grow=f"resize2fs /dev/{ROOT} 2> /dev/{CONSOLE}" if grows else ":",
    )
    prepare = _prepare(_UNIT) + (network.prepare_script() if has_network else "")
    return {"first": _FIRST_SCRIPT, "hook": _HOOK, "prepare": prepare, "work": work}


def only_script(script: str) -> dict[str, str]:
    """The scripts that have a script run in place of the system; it ends the machine."""
    return {"first": _INTO_RUN + script, "hook": _ONLY_HOOK, "script": script}


def shell_scripts() -> dict[str, str]:
    """The scripts that start a machine with a shell on its console; it ends with the shell."""
    return {"first": _FIRST_SCRIPT, "hook": _HOOK, "prepare": _prepare(_SHELL_UNIT), "work": "exec sh -i\n"}


def _prepare(unit: str) -> str:
    return _PREPARE.format(units="/run/systemd/system", unit=unit)
