"""Documents that others published, as far as they lie beside the repository: each loads, or fails for a good reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.actions import ActionTable
from toe.actions.inputs import read_inputs
from toe.document.build import build_document
from toe.document.loader import PythonParser, parse_yaml

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
DOCUMENTS = sorted(CORPUS.glob("*.yml")) if CORPUS.is_dir() else []

NOT_YAML = "EmmanuelTsouris+ec2-image-builder-components__install-vscode.yml"
#: What each of the documents that are known to be wrong is refused for, in part.
WRONG = {
    "aws-samples+amazon-ec2-image-builder-workshop___index.yml": "unknown schema version",
    "chaunceyyann+aws-imagebuilder-image__aws-cli-component-windows.yml": "its name must be the key",
    "id9343455483__FalconSensorComponentWindows.yml": "not a mapping",
    "toadslop+aws_imagebuilder_component__set-file-encoding.yml": "duplicate step name",
    "toadslop+aws_imagebuilder_component__test.yml": "duplicate name",
    "awslabs+aws-image-builder-document-generator__README.2.yml": "",
}

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason="no real documents beside the repository")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_real_document_loads_or_fails_for_a_good_reason(path: Path) -> None:
    data = path.read_bytes()
    root, problems = parse_yaml(data, path.name)
    assert problems == parse_yaml(data, path.name, parser=PythonParser)[1]
    if path.name == NOT_YAML:
        assert [(problem.line, problem.column) for problem in problems] == [(17, 13)]
        return
    assert problems == []
    assert root is not None
    document, refusals = build_document(root, path.name, data, ActionTable(), read_inputs)
    if path.name in WRONG:
        assert any(WRONG[path.name] in refusal.message for refusal in refusals)
    else:
        assert [f"{refusal.node.line}: {refusal.message}" for refusal in refusals] == []
        assert all(phase.steps for phase in document.phases)
