# What toe.toe.validate is; its action plugin does it, on the controller.
DOCUMENTATION = r"""
module: validate
short_description: Check EC2 Image Builder component documents without running them
version_added: "0.2.0"
description: Finds every fault of documents on the controller, as C(toe validate) does, and fails where one is an error.
options:
  documents:
    description: Documents on the controller, or addresses.
    type: list
    elements: str
    required: true
  platforms:
    description: Platforms that they must run on; linux, windows, darwin.
    type: list
    elements: str
  profile:
    description: C(imagebuilder) for the rules of EC2 Image Builder.
    type: str
  lint:
    description: Whether to tell what is unwise as well.
    type: bool
    default: true
author: The authors of toe
"""
EXAMPLES = r"""
- name: Check
  run_once: true
  toe.toe.validate:
    documents: [components/harden.yml]
    profile: imagebuilder
"""
RETURN = r"""
problems: {description: "Each has code, severity, message, hint, file, line, column.", type: list, returned: always}
"""
