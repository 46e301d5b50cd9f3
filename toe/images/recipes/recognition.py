"""What a file is for `toe validate`: a recipe in one of its forms, a side file, or neither."""

from __future__ import annotations

import os
import re

from toe.document.loader import parse_yaml
from toe.document.text import decode
from toe.images.recipes.file import TERRAFORM_ENDING, form_of
from toe.images.recipes.functions import SHORT_FORMS
from toe.images.side_file import FILE_NAME
from toe.nodes import Mapping

RECIPE, SIDE_FILE = "recipe", "side file"
#: Without one of these no file is a recipe: most files are not looked at any further.
_MARKS = (
    "AWS::ImageBuilder::",
    "parentImage",
    "infrastructureConfigurationArn",
    "instanceProfileName",
    "policyDetails",
    "distributions",
)
_TERRAFORM_MARK = "aws_imagebuilder_"
#: Of a file with a fault of syntax: the keys of a recipe at the beginning of a line.
_BROKEN = re.compile(r"(?m)^[ \t{]*[\"']?(?:parentImage|Type)[\"']?[ \t]*:")


def recognised(data: bytes, path: str) -> str:
    """RECIPE, SIDE_FILE or "" for anything else. A component document is never one of them."""
    if os.path.basename(path) == FILE_NAME:
        return SIDE_FILE
    text, _ = decode(data)
    if path.endswith(TERRAFORM_ENDING):
        return RECIPE if _TERRAFORM_MARK in text else ""
    if not any(mark in text for mark in _MARKS):
        return ""
    root, _ = parse_yaml(data, path, functions=SHORT_FORMS)
    if root is None:
        from toe.document.recognition import is_component

        return RECIPE if _BROKEN.search(text) and not is_component(data) else ""
    is_document = isinstance(root, Mapping) and root.get("phases") is not None
    return RECIPE if form_of(root) and not is_document else ""
