"""Whether a file is worth a closer look as one of images: a search for a few words, before anything is parsed."""

from __future__ import annotations

import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

SIDE_FILE_NAME = "toe-images.yml"
_MARKS = (b"parentImage", b"AWS::ImageBuilder::", b"aws_imagebuilder_")


def may_be_of_images(data: bytes, name: str) -> bool:
    """Whether a file may be a recipe of images, or the file beside one; UTF-16 always may."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or any(mark in data for mark in _MARKS):
        return True
    return os.path.basename(name) == SIDE_FILE_NAME
