# What toe.toe.run is; its action plugin does it.
DOCUMENTATION = r"""
module: run
short_description: Run EC2 Image Builder component documents on a host, with toe
version_added: "0.2.0"
description:
  - Sends the documents, with those that they run by relative paths, and the one file of C(toe bundle) where the host
    lacks it (by checksum, for the host's processor), runs them there, reboots the host where a step asks for it, goes
    on, and fetches the log folder.
  - The run has a session of its own on the host. A task that lost its host, started again with the same documents and
    parameters (or the same O(execution_id)), finds that run, resumes it where it was cut off, and never starts it
    a second time.
  - The host needs C(sh), C(tar), C(gzip), C(base64), C(sha256sum) and the usual tools of a Linux; Python only for
    reboots, which ansible.builtin.reboot does.
  - Parameters go by a file of mode 0600, and are in no list of processes.
  - On a host with Windows, by winrm, psrp, or ssh with C(ansible_shell_type) powershell or cmd, the run is a task of
    the Task Scheduler for the account of the connection, which must be one of an administrator; C(become) is refused.
    It takes O(installed), PowerShell 5.1 and C(tar.exe) (Windows 10 1803, Server 2019), and for reboots
    ansible.windows.win_reboot. This was written without a Windows at hand, and never tried on one.
options:
  documents:
    description:
      - Documents, in their order. Paths on the controller, or addresses (s3://, https://, ARNs).
      - One with parameters of its own is a dictionary with C(path) and C(parameters).
    type: list
    elements: raw
    required: true
  parameters:
    description: Values of parameters, texts or lists of texts.
    type: dict
  phases:
    description: The phases to run; all when left out.
    type: list
    elements: str
  mask:
    description: Parameters and environment variables whose values are secrets.
    type: list
    elements: str
  blocked_action_modules:
    description: Action modules that must not be used.
    type: list
    elements: str
  execution_id:
    description: Names the run on each host; a UUID when left out.
    type: str
  options:
    description: Further options of C(toe run), such as C(--only=build.Install); no secrets, which processes would show.
    type: list
    elements: str
  fetch_to:
    description: Folder on the controller that gets HOST/TOE_... with the logs.
    type: path
    default: toe-logs
  executable:
    description:
      - A file of C(toe bundle) on the controller, or a folder with one for each processor (C(*-linux-x86_64)).
      - By default that of the toe here, made once (half a minute) and kept in the user's cache.
    type: path
  extras:
    description: Extras of toe that go into that file, such as C(aws).
    type: list
    elements: str
  installed:
    description: A toe that is installed on the hosts, in place of any file. Hosts with Windows need it.
    type: str
  remote_directory:
    description: Where executables and runs lie on the host; default C(~/.toe).
    type: str
  reboot:
    description: Whether the host is rebooted where a step asks for it.
    type: bool
    default: true
  reboot_timeout:
    description: Seconds that a reboot may take, as of ansible.builtin.reboot or ansible.windows.win_reboot.
    type: int
    default: 600
  reboot_command:
    description: As of ansible.builtin.reboot; not for hosts with Windows.
    type: str
  boot_time_command:
    description: As of ansible.builtin.reboot or ansible.windows.win_reboot.
    type: str
  max_reboots:
    description: Reboots after which the run fails; 15 when left out.
    type: int
  reconnect_timeout:
    description: Seconds that a host which was lost is tried again before it is unreachable.
    type: int
    default: 60
  events_to:
    description: Folder on the controller in which HOST.jsonl grows with the events while the documents run.
    type: path
attributes:
  check_mode:
    support: full
    description: Validates the documents; nothing is sent.
author: The authors of toe
"""
EXAMPLES = r"""
- name: Harden
  become: true
  toe.toe.run:
    documents: [components/harden.yml, components/agent.yml]
    parameters:
      Token: "{{ vault_token }}"
    mask: [Token]
    fetch_to: logs
"""
RETURN = r"""
changed: {description: Whether a step was executed., type: bool, returned: always}
execution_id: {description: The run's., type: str, returned: when it was sent}
exit_code: {description: That of toe run., type: int, returned: when it ended}
summary: {description: The summary of toe run., type: dict, returned: when it ended}
failed_step:
  description: The step that failed the run; document, phase, step, action, line, message, exit_code, said.
  type: dict
  returned: when it ended
reboots: {description: How often the host was rebooted., type: int, returned: when it ended}
log_folder: {description: The log folder on the controller., type: str, returned: when it ended}
found: {description: Whether the run had been begun by an earlier task., type: bool, returned: when it ended}
kept_on_host:
  description: Folder on the host with what scripts wrote into their working directory; empty for nothing.
  type: str
  returned: when it ended
"""
