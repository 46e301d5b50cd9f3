"""What is removed from a machine before its image is made: what must not be the same in all machines of the image, or
be known to whoever gets it. As Image Builder's clean-up on Linux; files with its names in the working directory keep
sections: `skip_cleanup_ssh_files` and so on.

It runs before the system starts, in a machine of its own: nothing that it removes is written anew meanwhile.
"""

from __future__ import annotations

from shlex import quote

from toe.images.machines.start import BOX, CONSOLE, INSIDE

#: The layer's name in the plan and in the record.
NAME = "clean-up"
#: On the drive with what comes of it: a line for each thing that was removed or kept, and `done` as the last one.
REPORT = "/out/clean-up"
DONE = "done"
#: The files that keep sections, as the components left them: a system that starts may empty the working directory.
_MARKS = "/var/lib/toe-clean-up"
_REMEMBER = """\
for mark in {work}/skip_cleanup_*; do
  [ -e "$mark" ] && mkdir -p {marks} && : > {marks}/"${{mark##*/}}"
done
"""

_SCRIPT = """\
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p {inside}/box
mount -t proc proc /proc 2> /dev/null
mount -t ext4 /dev/{box} {inside}/box || exit
report={inside}/box{report}
work={work}
home=$(cut -d: -f6 /etc/passwd | sort -u)
say() {{ echo "$*" >> "$report"; echo "toe: $*" > /dev/{console}; }}
# remove PATTERN...: files and folders; what is not there is nobody's business.
remove() {{
  for found in "$@"; do
    if [ -e "$found" ] || [ -L "$found" ]; then rm -rf "$found" && say "removed $found"; fi
  done
}}
# empty FILE...: files that programs expect.
empty() {{
  for found in "$@"; do
    if [ -f "$found" ] && [ -s "$found" ]; then : > "$found" && say "emptied $found"; fi
  done
}}
# wanted SECTION: whether it is to be cleaned; a file in the working directory keeps it, and goes itself.
wanted() {{
  if [ -e "$work/skip_cleanup_$1" ] || [ -e "{marks}/skip_cleanup_$1" ]; then
    say "kept $1: $work/skip_cleanup_$1"
    rm -f "$work/skip_cleanup_$1"
    return 1
  fi
}}
if wanted ssh_files; then
  remove /etc/ssh/ssh_host_*key /etc/ssh/ssh_host_*key.pub
  for folder in $home /home/*; do remove "$folder"/.ssh/authorized_keys "$folder"/.ssh/known_hosts; done
fi
if wanted instance_files; then
  empty /etc/machine-id
  [ -L /var/lib/dbus/machine-id ] || remove /var/lib/dbus/machine-id
  remove /etc/.updated /var/.updated /var/lib/systemd/random-seed /var/lib/systemd/credential.secret
  remove /var/lib/dhcp/*.leases /var/lib/dhclient/*.lease* /var/lib/NetworkManager/*.lease
  remove /etc/udev/rules.d/70-persistent-net.rules
fi
if wanted history_files; then
  for folder in $home /home/*; do
    remove "$folder"/.bash_history "$folder"/.sh_history "$folder"/.zsh_history "$folder"/.python_history \\
      "$folder"/.viminfo "$folder"/.lesshst "$folder"/.wget-hsts "$folder"/.aws/credentials
  done
fi
if wanted cloudinit_files; then
  remove /var/lib/cloud/* /etc/sudoers.d/90-cloud-init-users /etc/netplan/50-cloud-init.yaml \\
    /etc/network/interfaces.d/50-cloud-init* /etc/systemd/network/10-cloud-init-*.network \\
    /var/log/cloud-init.log /var/log/cloud-init-output.log
fi
if wanted ssm_log_files; then remove /var/log/amazon/ssm/*; fi
if wanted instance_log_files; then
  find /var/log -type f \\( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \\) |
    while read -r file; do remove "$file"; done
  find /var/log -type f ! -path '/var/log/journal/*' | while read -r file; do empty "$file"; done
  remove /var/log/journal/*
fi
if wanted toe_files; then
  remove "$work"/TOE_* /tmp/TOE_* /root/TOE_* /var/lib/toe /var/tmp/toe-* /tmp/toe-*
fi
if wanted temporary_files; then
  find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -path "$work" | while read -r found; do remove "$found"; done
fi
{uninstall}
rm -rf {marks}
sync
say {done}
umount {inside}/box
sync
mount -o remount,ro / 2> /dev/null
echo s > /proc/sysrq-trigger
echo u > /proc/sysrq-trigger
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
"""

_UNINSTALL = """\
if command -v rpm > /dev/null && rpm -q amazon-ssm-agent > /dev/null 2>&1; then
  rpm -e amazon-ssm-agent && say "uninstalled amazon-ssm-agent"
elif dpkg -s amazon-ssm-agent > /dev/null 2>&1; then
  dpkg --purge amazon-ssm-agent > /dev/null 2>&1 && say "uninstalled amazon-ssm-agent"
fi"""


def remember(working_directory: str) -> str:
    """The commands behind each run of a component that keep in mind what the clean-up is to leave."""
    return _REMEMBER.format(work=quote(working_directory), marks=_MARKS)


def script(working_directory: str, *, uninstall_agent: bool) -> str:
    """The script that takes the place of the first process of a machine."""
    return _SCRIPT.format(
        inside=INSIDE,
        box=BOX,
        console=CONSOLE,
        report=REPORT,
        done=DONE,
        marks=_MARKS,
        work=quote(working_directory),
        uninstall=_UNINSTALL if uninstall_agent else "",
    )
