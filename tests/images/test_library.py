"""From the names of components to their documents: folders, versions, toe-images.yml, and what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.images.library import Library, library_of, resolve
from toe.images.model import Component, ComponentUse, InlineComponent, Place
from toe.images.side_reader import read_side_file, side_file_of

PLACE = Place("recipe.yml", 7, 9)
ARN = "arn:aws:imagebuilder:eu-west-1:123456789012:component/{}"
AMAZON = "arn:*:imagebuilder:*:aws:component/update-linux/x.x.x"
DOCUMENT = "schemaVersion: 1.0\nphases: []\n"


def put(path: Path, text: str = DOCUMENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(reference: str, library: Library, inline: InlineComponent | None = None) -> Component:
    return resolve(ComponentUse(reference, {"Port": ("80",)}, PLACE, inline), library)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for version in ("1.0.0", "1.2.0", "1.10.0", "2.0.0"):
        put(tmp_path / "components" / "nginx" / version / "component.yml", f"# {version}\n{DOCUMENT}")
    put(tmp_path / "components" / "nginx" / "1.10.0" / "nested.yml")
    put(tmp_path / "components" / "nginx" / "notes" / "a.yml")
    for build in ("1.yml", "3.yml", "10/component.yml"):
        put(tmp_path / "components" / "Web Tools" / "1.0.0" / build, f"# {build}\n{DOCUMENT}")
    put(tmp_path / "own.yml")
    return library_of(str(tmp_path / "recipe.yml"))


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("nginx/1.x.x", "1.10.0/1"),
        ("nginx/1.2.0", "1.2.0/1"),
        ("nginx", "2.0.0/1"),
        ("NGINX/1.2.x", "1.2.0/1"),
        (ARN.format("nginx/1.x.x"), "1.10.0/1"),
        (ARN.format("nginx/1.2.0/1"), "1.2.0/1"),
        (ARN.format("web-tools/x.x.x"), "1.0.0/10"),
        (ARN.format("web-tools/1.0.0/3"), "1.0.0/3"),
        ("arn:*:imagebuilder:*:*:component/nginx/2.x.x", "2.0.0/1"),
    ],
)
def test_the_newest_version_and_build_of_a_folder(reference: str, version: str, library: Library) -> None:
    component = found(reference, library)
    assert f"{component.version}/{component.build}" == version
    assert (component.parameters, component.place) == ({"Port": ("80",)}, PLACE)
    assert component.text == Path(component.path).read_bytes()


def test_paths_are_relative_to_the_recipe(library: Library) -> None:
    component = found("./own.yml", library)
    assert (component.name, component.version, component.build) == ("own", "0.0.0", 1)
    assert component.text == DOCUMENT.encode()
    assert found("own.yml", library).path.endswith("own.yml")


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("nginx/3.x.x", "no version of 'nginx' matches '3.x.x'", "there are: 1.0.0/1, 1.2.0/1, 1.10.0/1, 2.0.0/1"),
        (
            "ngnix/1.0.0",
            "there is no component 'ngnix' (did you mean 'nginx'?)",
            "put it there as ngnix/1.0.0/component.yml",
        ),
        ("./none.yml", "the component's file './none.yml' is not there", "paths are relative to the recipe's folder"),
        ("./components", "the component's file './components' is a folder", "paths are relative"),
        (
            AMAZON,
            "the component 'update-linux' x.x.x is kept by Image Builder, and not on this machine",
            "name a file for it",
        ),
        (
            ARN.format("other/1.0.0"),
            "the component 'other' 1.0.0 is not on this machine",
            "name a file for it in toe-images.yml",
        ),
        ("*", "the component cannot be looked for", "name its file in toe-images.yml: components: {'*': PATH}"),
        ("s3://bucket/key.yml", "the document 's3://bucket/key.yml' is not on this machine", "name a file for it"),
    ],
)
def test_what_is_missing_is_told_at_its_place(reference: str, message: str, hint: str, library: Library) -> None:
    with pytest.raises(ToeError) as raised:
        found(reference, library)
    assert raised.value.message.startswith(f"recipe.yml:7:9: {message}")
    assert raised.value.hint.startswith(hint)
    (problem,) = raised.value.problems
    assert (problem.code, problem.line, problem.column) == ("TOE716", 7, 9)


def test_a_version_with_several_documents_must_say_which(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        put(tmp_path / "components" / "web" / "1.0.0" / name)
    with pytest.raises(ToeError, match=r"there are several documents in .*: a\.yml, b\.yml"):
        found("web/1.0.0", library_of(str(tmp_path / "recipe.yml")))
    put(tmp_path / "components" / "web" / "1.0.0" / "web.yml")
    assert found("web/1.0.0", library_of(str(tmp_path / "recipe.yml"))).path.endswith("web.yml")


def test_a_component_of_the_same_template(library: Library) -> None:
    nginx = InlineComponent("My Nginx", "1.0.0", DOCUMENT, Place("t.yml", 3, 3), text_place=Place("t.yml", 9, 7))
    newer = nginx._replace(version="1.1.0", text="# newer\n")
    library = library._replace(inline=(nginx, newer))
    assert found("My Nginx/1.0.0", library, nginx).text == DOCUMENT.encode()
    assert found(ARN.format("my-nginx/1.x.x"), library).text == b"# newer\n"
    local = nginx._replace(text="", uri="own.yml")
    assert found("My Nginx/1.0.0", library, local)._replace(text=b"")[:3] == ("My Nginx", "1.0.0", 1)
    with pytest.raises(ToeError, match="the document of the component 'My Nginx' is not known: nobody said"):
        found("My Nginx/1.0.0", library, nginx._replace(unknown="nobody said"))


@pytest.mark.parametrize(
    ("key", "reference"),
    [
        ("arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x", AMAZON),
        ("update-linux/x.x.x", AMAZON),
        ("update-linux", AMAZON),
        ("'*/update-linux/*'", AMAZON),
        ("'*'", "*"),
        ("nginx", "nginx/9.9.9"),
        ("web-tools", ARN.format("web-tools/1.0.0")),
    ],
)
def test_the_side_file_comes_first(key: str, reference: str, tmp_path: Path) -> None:
    put(tmp_path / "mine.yml", "# mine\n")
    put(tmp_path / "toe-images.yml", f"components:\n  {key}: mine.yml\n")
    recipe = str(tmp_path / "recipe.yml")
    component = found(reference, library_of(recipe, side=side_file_of(recipe)))
    assert component.text == b"# mine\n"


@pytest.mark.parametrize(
    "key", ["update-linux/1.0.0", "update-linux2", "arn:aws:imagebuilder:*:123456789012:component/update-linux/x.x.x"]
)
def test_a_key_for_another_component_is_none_for_this(key: str, tmp_path: Path) -> None:
    put(tmp_path / "mine.yml", "# mine\n")
    put(tmp_path / "toe-images.yml", f"components: {{'{key}': mine.yml}}\n")
    recipe = str(tmp_path / "recipe.yml")
    with pytest.raises(ToeError, match="is kept by Image Builder"):
        found(AMAZON, library_of(recipe, side=side_file_of(recipe)))


def test_all_fields_of_the_side_file(tmp_path: Path) -> None:
    text = """
components: {nginx: nginx.yml}
images: {'amazonlinux:latest': 'localhost/amazonlinux:2', '*': base.tar}
engine: podman
isolation: oci
cache: {max_age: 36h}
registries: {eu-west-1: registry.example.com/eu, '123456789012': localhost:5000}
"""
    put(tmp_path / "nginx.yml")
    path = put(tmp_path / "toe-images.yml", text)
    side = side_file_of(str(tmp_path / "recipe.yml"))
    assert side.components["nginx"].value == str(tmp_path / "nginx.yml")
    assert {name: named.value for name, named in side.images.items()} == {
        "amazonlinux:latest": "localhost/amazonlinux:2",
        "*": "base.tar",
    }
    assert (side.engine, side.isolation, side.max_age_seconds) == ("podman", "oci", 36 * 3600)
    assert side.registries == {"eu-west-1": "registry.example.com/eu", "123456789012": "localhost:5000"}
    assert side.images["*"].place == Place(str(path), 3, 64)
    assert side_file_of("elsewhere/recipe.yml").path == ""


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("component: {}", 1, 1, "unknown field 'component' (did you mean 'components'?)"),
        ("- a", 1, 1, "the file is a mapping, not a list"),
        ("engine: docke", 1, 9, "'engine' cannot be 'docke' (did you mean 'docker'?)"),
        ("engine: [docker]", 1, 9, "'engine' cannot be a list"),
        ("isolation: none", 1, 12, "'isolation' cannot be 'none'"),
        ("cache:\n  max_age: soon", 2, 12, "'max_age' cannot be 'soon'"),
        ("cache:\n  maxage: 7d", 2, 3, "unknown field 'maxage' (did you mean 'max_age'?)"),
        ("cache: 7d", 1, 8, "'cache' is a mapping, not a string"),
        ("components:\n  nginx: none.yml", 2, 10, "the component's file 'none.yml' is not there"),
        ("components:\n  a/b/c/d: toe-images.yml", 2, 3, "'a/b/c/d' is no component"),
        ("components: [a]", 1, 13, "'components' is a mapping of texts, not a list"),
        ("images:\n  a: [b]", 2, 6, "behind 'a' stands a text, not a list"),
        ("registries:\n  europe: r", 2, 3, "'europe' is neither a region nor an account"),
        ("a: [", 1, 5, "the file ends where a value must stand"),
    ],
)
def test_a_fault_of_the_side_file_has_its_place(
    text: str, line: int, column: int, message: str, tmp_path: Path
) -> None:
    path = put(tmp_path / "toe-images.yml", text)
    _, problems = read_side_file(path.read_bytes(), str(path))
    assert [(problem.line, problem.column, problem.message) for problem in problems] == [(line, column, message)]
    with pytest.raises(ToeError) as raised:
        side_file_of(str(tmp_path / "recipe.yml"))
    assert raised.value.message == f"{path}:{line}:{column}: {message}"


def test_a_named_side_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ToeError, match="cannot read"):
        side_file_of("recipe.yml", str(tmp_path / "none.yml"))


def test_an_empty_side_file_says_nothing(tmp_path: Path) -> None:
    assert read_side_file(b"# nothing yet\n", "toe-images.yml") == (read_side_file(b"", "toe-images.yml")[0], [])


@pytest.mark.parametrize(
    ("key", "base", "is_meant"),
    [
        ("amazonlinux:latest", "amazonlinux:latest", True),
        ("amazonlinux:*", "amazonlinux:latest", True),
        ("amazonlinux", "amazonlinux:latest", False),
        ("*", "*", True),
        ("arn:aws:imagebuilder:eu-west-1:aws:image/al2/x.x.x", "arn:*:imagebuilder:*:aws:image/al2/x.x.x", True),
        ("*/al2/x.x.x", "arn:*:imagebuilder:*:aws:image/al2/x.x.x", True),
        ("arn:aws:imagebuilder:eu-west-1:aws:image/al3/x.x.x", "arn:*:imagebuilder:*:aws:image/al2/x.x.x", False),
        ("debian:12", "*", False),
    ],
)
def test_bases_have_local_images(key: str, base: str, is_meant: bool) -> None:
    side, problems = read_side_file(f"images: {{'{key}': 'localhost/x:1'}}\n".encode(), "toe-images.yml")
    named = side.local_image(base)
    assert problems == []
    assert (named.value if named is not None else "") == ("localhost/x:1" if is_meant else "")
