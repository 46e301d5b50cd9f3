"""What a CloudFormation template says by name: parameters, pseudo parameters, mappings and the types of resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toe import codes
from toe.errors import ToeError
from toe.images.recipes.problems import Source
from toe.images.recipes.values import Absent, Reference, Unknown, list_at, text_at
from toe.nodes import Kind, Node, Scalar, Sequence
from toe.nodes import Mapping as MappingNode

PREFIX = "AWS::ImageBuilder::"
#: The types of the service, and what the API calls them.
KINDS: Mapping[str, str] = {
    f"{PREFIX}ImageRecipe": "imageRecipe",
    f"{PREFIX}ContainerRecipe": "containerRecipe",
    f"{PREFIX}Component": "component",
    f"{PREFIX}ImagePipeline": "imagePipeline",
    f"{PREFIX}Image": "image",
    f"{PREFIX}InfrastructureConfiguration": "infrastructureConfiguration",
    f"{PREFIX}DistributionConfiguration": "distributionConfiguration",
    f"{PREFIX}LifecyclePolicy": "lifecyclePolicy",
    f"{PREFIX}Workflow": "workflow",
}
#: What `Ref` gives for a few other resources, where the template itself says it.
NAMED_BY: Mapping[str, str] = {
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Role": "RoleName",
}
PSEUDO_PARAMETERS = (
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)
NO_VALUE = "AWS::NoValue"
_LIST_TYPES = ("CommaDelimitedList", "List<")
#: The value is the name of a parameter of Systems Manager, which has the value.
_STORED = "AWS::SSM::Parameter::Value<"


def section(root: MappingNode, name: str) -> Mapping[str, Node]:
    """A section of a template, by its keys; empty where it is none."""
    node = root.get(name)
    return {key.text: value for key, value in node} if isinstance(node, MappingNode) else {}


def text_of(node: Node | None) -> str:
    """The text of a scalar, "" for anything else."""
    return node.text if isinstance(node, Scalar) else ""


class Template:
    """The names of one template. `given` are the values of parameters, pseudo parameters too, from who reads it.

    Raises ToeError for a given name that the template does not have.
    """

    def __init__(self, root: MappingNode, given: Mapping[str, str], source: Source) -> None:
        self.parameters = section(root, "Parameters")
        self.mappings = section(root, "Mappings")
        self.conditions = section(root, "Conditions")
        self.resources = section(root, "Resources")
        self.source = source
        self._given = given
        for name in given:
            if name not in self.parameters and name not in PSEUDO_PARAMETERS:
                near = source.suggestion(name, [*self.parameters, *PSEUDO_PARAMETERS])
                raise ToeError(f"{source.file}: the template has no parameter '{name}'{near}")

    def type_of(self, label: str) -> str:
        """The type of a resource, "" where there is none of that name."""
        resource = self.resources.get(label)
        return text_of(resource.get("Type")) if isinstance(resource, MappingNode) else ""

    def reference(self, name: str, at: Node) -> Node | None:
        """What `Ref: name` gives, at the place `at`; None where a resource must be asked for its property."""
        if name == NO_VALUE:
            return Absent(at.line, at.column, at.end_line, at.end_column)
        if name in PSEUDO_PARAMETERS:
            if name in self._given:
                return text_at(at, self._given[name])
            return Unknown(at, f"'{name}' is known to AWS only", f"give it: --parameters {name}=VALUE")
        if name in self.parameters:
            return self._parameter(name, at)
        kind = self.type_of(name)
        if kind in KINDS:
            return Reference(at, name)
        if kind in NAMED_BY:
            return None
        if name in self.resources:
            return Unknown(at, f"'{name}' ({kind or 'a resource'}) exists in AWS only")
        near = self.source.suggestion(name, [*self.parameters, *self.resources, *PSEUDO_PARAMETERS])
        message = f"the template has no parameter and no resource '{name}'{near}"
        self.source.at(at, codes.RECIPE_UNKNOWN_REFERENCE, message)
        return Unknown(at, "")

    def _parameter(self, name: str, at: Node) -> Node:
        declared = self.parameters[name]
        if not isinstance(declared, MappingNode):
            return Unknown(at, f"the parameter '{name}' is not declared in full")
        kind = text_of(declared.get("Type"))
        value: Node | None = text_at(at, self._given[name]) if name in self._given else declared.get("Default")
        if value is None:
            return Unknown(at, f"the parameter '{name}' has no default", f"give it: --parameters {name}=VALUE")
        if kind.startswith(_STORED) and name not in self._given:
            stored = f"the parameter '{name}' names a value that Systems Manager keeps: '{text_of(value)}'"
            return Unknown(at, stored, f"give the value itself: --parameters {name}=VALUE")
        is_list = kind.removeprefix(_STORED).startswith(_LIST_TYPES)
        if not is_list:
            self._check_allowed(name, declared, [text_of(value)], at)
            return text_at(at, text_of(value), value.kind if isinstance(value, Scalar) else Kind.STRING)
        items = map(text_of, value.items) if isinstance(value, Sequence) else text_of(value).split(",")
        texts = [item.strip() for item in items]
        self._check_allowed(name, declared, texts, at)
        return list_at(at, [text_at(at, text) for text in texts])

    def _check_allowed(self, name: str, declared: MappingNode, values: Iterable[str], at: Node) -> None:
        allowed = declared.get("AllowedValues")
        if not isinstance(allowed, Sequence):
            return
        words = [text_of(item) for item in allowed.items]
        for value in values:
            if value not in words:
                message = f"the parameter '{name}' does not allow '{value}'"
                self.source.at(at, codes.RECIPE_VALUE, message, f"one of {', '.join(words[:20])}")
