"""The lookup `toe.toe.one_file`: the path of the one file of toe, on the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from toe.errors import ToeError
from toe.fleet.one_file import given_file, own_file

DOCUMENTATION = r"""
name: one_file
short_description: The one file of toe for hosts, on the controller
version_added: "0.2.0"
description:
  - The path of the executable of C(toe bundle) that fits the toe here, made at the first use and kept in the user's
    cache; or of the file for a processor in a folder of such files.
options:
  _terms:
    description: A file, or a folder of files C(*-linux-PROCESSOR); the file of this toe when left out.
  processor:
    description: The processor of the host, as C(uname -m) has it.
    type: str
    default: ""
author: The authors of toe
"""
EXAMPLES = r"""
- ansible.builtin.copy:
    src: "{{ lookup('toe.toe.one_file') }}"
    dest: /usr/local/bin/toe
    mode: "0755"
"""
RETURN = r"""
_raw:
  description: The path.
  type: list
  elements: str
"""


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible has no types
    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        processor = self.get_option("processor")
        try:
            files = [given_file(term, processor) for term in terms if term] or [own_file()]
            for file in files:
                if processor and file.processor and file.processor != processor:
                    raise ToeError(f"'{file.path}' is for {file.processor}, and the host is {processor}")
        except ToeError as error:
            raise AnsibleLookupError(error.in_one_line) from error
        return [file.path for file in files]
