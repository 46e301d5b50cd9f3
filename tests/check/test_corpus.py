"""Real documents, judged. Skipped where the collection is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.errors import Severity

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
KNOWN_WRONG = {
    "aws-samples+amazon-ec2-image-builder-workshop___index.yml",
    "EmmanuelTsouris+ec2-image-builder-components__install-vscode.yml",
    "chaunceyyann+aws-imagebuilder-image__aws-cli-component-windows.yml",
    "id9343455483__FalconSensorComponentWindows.yml",
    "toadslop+aws_imagebuilder_component__set-file-encoding.yml",
    "toadslop+aws_imagebuilder_component__test.yml",
    "awslabs+aws-image-builder-document-generator__README.2.yml",
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of real documents is not here")
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.yml")), ids=lambda path: path.name)
def test_real_document_is_judged_rightly(path: Path) -> None:
    _, problems = check_all(path.read_bytes(), str(path), CheckOptions(), ActionTable())
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if path.name in KNOWN_WRONG:
        assert errors
    else:
        assert [f"{problem.place} {problem.code} {problem.message}" for problem in errors] == []
