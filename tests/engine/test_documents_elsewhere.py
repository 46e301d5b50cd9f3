"""Documents that are run from S3 and Image Builder, by themselves and inside each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_server import ACCOUNT, OTHER_ACCOUNT, REGION, AwsServer
from fault_server import FaultServer, status, whole
from image_builder import ImageBuilder

import toe
from toe.aws.clients import aws_client
from toe.events import StepFinished
from toe.sinks.log_folder import NestedCopies

pytest_plugins = ("fault_fixtures",)

HELLO = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}:component/hello"
STEP = "{{name: {name}, action: {action}, inputs: {inputs}}}"

Put = Callable[..., None]


def bash(command: str, name: str = "Say") -> str:
    return STEP.format(name=name, action="ExecuteBash", inputs=f"{{commands: ['{command}']}}")


def nested(document: str, name: str = "Nest", **inputs: str) -> str:
    more = "".join(f", {key.replace('_', '-')}: '{value}'" for key, value in inputs.items())
    return STEP.format(name=name, action="ExecuteDocument", inputs=f"{{document: '{document}'{more}}}")


def document(*steps: str) -> str:
    return f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{', '.join(steps)}]}}]\n"


@pytest.fixture
def put(aws: AwsServer) -> Put:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})

    def put(**documents: str) -> None:
        for name, text in documents.items():
            s3.put_object(Bucket="parts", Key=f"folder/{name}.yml", Body=text.encode())

    return put


def kept(name: str) -> list[str]:
    (folder,) = Path("logs").glob("TOE_*")
    return sorted(path.name for path in folder.glob(name))


def reads(aws: AwsServer, name: str) -> int:
    return sum(request.startswith(f"GET /parts/folder/{name}.yml") for request in aws.requests)


def test_a_document_of_s3_is_run_and_kept(put: Put) -> None:
    put(main=document(bash("echo hello")))
    result = toe.run("s3://parts/folder/main.yml", log_directory="logs", bucket_owner=ACCOUNT)
    assert result.status is toe.Status.SUCCESS
    assert result.documents[0].path == "s3://parts/folder/main.yml"
    assert kept("D*") == ["D0__main.yml"]


def test_documents_run_those_of_other_places_and_all_are_kept(aws: AwsServer, put: Put) -> None:
    ImageBuilder(aws).add(f"{HELLO}/1.2.0/3", document(bash("echo deepest")))
    put(middle=document(nested(f"{HELLO}/x.x.x")))
    Path("top.yml").write_text(document(nested("s3://parts/folder/middle.yml")))
    result = toe.run("top.yml", log_directory="logs")
    assert result.status is toe.Status.SUCCESS, result.failure_message
    deepest = result.documents[0].phases[0].steps[0].nested[0].documents[0].phases[0].steps[0].nested[0]
    assert deepest.documents[0].phases[0].steps[0].outputs[0]["stdout"] == "deepest"
    assert kept("D*") == ["D0__top.yml", "D1__middle.yml", "D2__hello-x.x.x.yml"]


def test_an_address_is_read_once_a_run(aws: AwsServer, put: Put) -> None:
    put(part=document(bash("echo part")))
    looped = nested("s3://parts/folder/part.yml")[:-1] + ", loop: {for: {start: 1, end: 3, updateBy: 1}}}"
    Path("top.yml").write_text(document(looped, nested("s3://parts/folder/part.yml", "Again")))
    assert toe.run("top.yml", log_directory="logs").status is toe.Status.SUCCESS
    assert reads(aws, "part") == 1
    assert kept("D*") == ["D0__top.yml", "D1__part.yml"]


def test_a_document_that_an_earlier_step_may_replace_is_read_when_its_step_runs(aws: AwsServer, put: Put) -> None:
    put(part=document(bash("echo old")))
    Path("top.yml").write_text(document(bash("echo first"), nested("s3://parts/folder/part.yml")))

    read_before: list[int] = []

    def replace(event: toe.Event) -> None:
        if isinstance(event, StepFinished) and event.where.depth == 0:
            read_before.append(reads(aws, "part"))
            put(part=document(bash("echo new")))

    result = toe.run("top.yml", log_directory=None, on_event=replace)
    assert read_before == [0, 1]
    (inner,) = result.documents[0].phases[0].steps[1].nested
    assert inner.documents[0].phases[0].steps[0].outputs[0]["stdout"] == "new"


def test_the_bucket_of_a_nested_document_must_have_the_owner_of_the_step_else_of_the_run(
    aws: AwsServer, put: Put
) -> None:
    put(part=document(bash("echo part")))
    aws.owners["parts"] = OTHER_ACCOUNT
    Path("own.yml").write_text(document(nested("s3://parts/folder/part.yml", document_s3_bucket_owner=OTHER_ACCOUNT)))
    Path("runs.yml").write_text(document(nested("s3://parts/folder/part.yml")))
    assert toe.run("own.yml", log_directory=None, bucket_owner=ACCOUNT).status is toe.Status.SUCCESS
    with pytest.raises(toe.DocumentError, match="AccessDenied"):
        toe.run("runs.yml", log_directory=None, bucket_owner=ACCOUNT)
    assert toe.run("runs.yml", log_directory=None).status is toe.Status.SUCCESS


def test_a_path_in_a_document_of_s3_is_one_of_the_working_directory(put: Put) -> None:
    put(main=document(nested("local.yml")), local=document(bash("echo in the bucket")))
    Path("local.yml").write_text(document(bash("echo here")))
    result = toe.run("s3://parts/folder/main.yml", log_directory=None)
    (inner,) = result.documents[0].phases[0].steps[0].nested
    assert inner.documents[0].phases[0].steps[0].outputs[0]["stdout"] == "here"


def test_documents_of_s3_that_run_each_other_are_a_cycle(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(one=document(nested("s3://parts/folder/two.yml")), two=document(nested("s3://parts/folder/one.yml")))
    with pytest.raises(toe.DocumentError, match=r"cycle: s3://parts/folder/one.yml -> s3://parts/folder/two.yml -> "):
        toe.run("s3://parts/folder/one.yml", log_directory=None)
    monkeypatch.setenv("ITSELF", "s3://parts/folder/three.yml")
    put(three=document(nested("{{ env:ITSELF }}")))
    result = toe.run("s3://parts/folder/three.yml", log_directory=None)
    assert "a cycle of documents: s3://parts/folder/three.yml -> s3://parts/folder/three.yml" in result.failure_message


def test_a_nested_document_that_cannot_be_read_runs_nothing_or_fails_its_step(put: Put) -> None:
    Path("first.yml").write_text(document(nested("s3://parts/folder/none.yml")))
    with pytest.raises(toe.DocumentError, match="NoSuchKey") as caught:
        toe.run("first.yml", log_directory=None)
    assert [problem.code for problem in caught.value.problems] == ["TOE407"]
    Path("later.yml").write_text(document(bash("echo first"), nested("s3://parts/folder/none.yml")))
    result = toe.run("later.yml", log_directory=None)
    assert "s3://parts/folder/none.yml: cannot read the document: GetObject: NoSuchKey" in result.failure_message


def test_validation_follows_addresses_and_warns_where_it_cannot(put: Put) -> None:
    put(part=document(bash("{{ build.None.outputs.stdout }}")))
    Path("top.yml").write_text(
        document(bash("echo first"), nested("s3://parts/folder/part.yml"), nested("s3://parts/folder/none.yml", "Two"))
    )
    found = {(problem.code, problem.file) for problem in toe.validate("top.yml", lint=False)}
    assert {("TOE302", "s3://parts/folder/part.yml"), ("TOE419", "top.yml")} <= found


def test_the_command_line_takes_addresses_and_the_owner_of_their_bucket(aws: AwsServer, put: Put) -> None:
    put(main=document(bash("echo hello")))
    address = "s3://parts/folder/main.yml"
    Path("config.json").write_text(json.dumps({"documents": [{"path": address}], "documentS3BucketOwner": ACCOUNT}))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "toe", *arguments], capture_output=True, text=True, check=False)

    assert run("run", "--config", "config.json").returncode == 0
    assert run("validate", address, "--document-s3-bucket-owner", ACCOUNT).returncode == 0
    for command in ("run", "validate"):
        refused = run(command, address, "--document-s3-bucket-owner", OTHER_ACCOUNT)
        assert refused.returncode == 2
        assert address in refused.stderr
        assert "cannot read the document: GetObject: AccessDenied" in refused.stderr


def test_a_config_file_lies_in_s3(aws: AwsServer, put: Put) -> None:
    put(one=document(bash("echo one")))
    config = {"documents": [{"path": "s3://parts/folder/one.yml"}], "executionId": "of-the-file"}
    aws_client("s3").put_object(Bucket="parts", Key="c.json", Body=json.dumps(config).encode())

    def run(*arguments: str) -> tuple[int, str]:
        argv = [sys.executable, "-m", "toe", "run", "--quiet", "--config", *arguments]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, json.loads(done.stdout)["executionId"] if not done.returncode else done.stderr

    assert run("s3://parts/c.json", "--document-s3-bucket-owner", ACCOUNT) == (0, "of-the-file")
    code, said = run("s3://parts/c.json", "--document-s3-bucket-owner", OTHER_ACCOUNT)
    assert (code, "s3://parts/c.json" in said) == (2, True)
    code, said = run("s3://parts/none.json")
    assert (code, "toe: error: s3://parts/none.json: cannot read the config file" in said) == (2, True)
    code, said = run("https://127.0.0.1/c.json")
    assert (code, "a config file is a path, s3://bucket/key or -" in said) == (2, True)


def test_expressions_get_values_of_aws(aws: AwsServer) -> None:
    aws_client("ssm").put_parameter(Name="/app/hosts", Value="a,b", Type="StringList")
    Path("doc.yml").write_text(
        document(bash("echo {{ aws:ssm:/app/hosts }} {{ context:accountId }} {{ context:region }}"))
    )
    result = toe.run("doc.yml", log_directory=None)
    assert result.documents[0].phases[0].steps[0].outputs[0]["stdout"] == f"a,b {ACCOUNT} {REGION}"


def test_parameters_are_named_by_names_and_by_other_parameters(aws: AwsServer) -> None:
    ssm = aws_client("ssm")
    ssm.put_parameter(Name="Plain", Value="p", Type="String")
    ssm.put_parameter(Name="/where", Value="/secret", Type="String")
    ssm.put_parameter(Name="/secret", Value="s3cr3t", Type="SecureString")
    Path("doc.yml").write_text(document(bash("echo {{ aws:ssm:Plain }} {{ aws:ssm:resolve(aws:ssm:/where) }}")))
    result = toe.run("doc.yml", log_directory="logs")
    assert result.status is toe.Status.SUCCESS, result.failure_message
    assert result.documents[0].phases[0].steps[0].outputs[0]["stdout"] == "p ***"
    assert not [path for path in Path("logs").glob("TOE_*/*") if "s3cr3t" in path.read_text()]


def test_copies_of_nested_documents_go_on_after_a_boot(put: Put) -> None:
    put(one=document(bash("echo one")))
    first = toe.load("s3://parts/folder/one.yml")
    second = first._replace(source=first.source + b"# changed\n")
    os.mkdir("folder")
    for documents in ((first, first), (first, second)):
        copies = NestedCopies("folder", top=1)
        for one in documents:
            copies.keep(one)
    assert sorted(os.listdir("folder")) == ["D1__one.yml", "D2__one.yml"]
    assert Path("folder/D2__one.yml").read_bytes() == second.source


def test_a_document_comes_over_https(secure_web: FaultServer, trusted: Path) -> None:
    secure_web.answers["/inner.yml"] = [whole(document(bash("echo inner")).encode())]
    secure_web.answers["/top.yml"] = [whole(document(nested(f"{secure_web.url}/inner.yml")).encode())]
    result = toe.run(f"{secure_web.url}/top.yml", log_directory="logs")
    assert result.status is toe.Status.SUCCESS
    assert kept("D*") == ["D0__top.yml", "D1__inner.yml"]


def test_a_document_that_https_does_not_give_is_named(secure_web: FaultServer, trusted: Path) -> None:
    secure_web.answers["/gone.yml"] = [status(404)]
    with pytest.raises(toe.DocumentError, match=r"gone\.yml.*404"):
        toe.run(f"{secure_web.url}/gone.yml", log_directory="logs")


def test_a_server_without_a_trusted_certificate_is_refused(secure_web: FaultServer) -> None:
    with pytest.raises(toe.DocumentError, match="certificate"):
        toe.run(f"{secure_web.url}/top.yml", log_directory="logs")
