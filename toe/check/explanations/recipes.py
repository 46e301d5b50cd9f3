"""Explanations of the problems of recipes. The examples are whole recipe files, of the API's form or templates."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import Explanation

_RECIPE = """\
name: web-server
semanticVersion: 1.0.0
parentImage: debian:12
containerType: DOCKER
targetRepository: {service: ECR, repositoryName: web}
dockerfileTemplateData: |
  FROM {{{ imagebuilder:parentImage }}}
  {{{ imagebuilder:environments }}}
  {{{ imagebuilder:components }}}
components:
  - componentArn: arn:aws:imagebuilder:eu-west-1:123456789012:component/nginx/1.0.0
"""
_DOCUMENT = """\
          schemaVersion: 1.0
          parameters:
            - Port: {type: string, allowedValues: ['80', '8080']}
          phases:
            - name: build
              steps: [{name: Say, action: ExecuteBash, inputs: {commands: ['echo {{ Port }}']}}]
"""
_TEMPLATE = f"""\
Parameters:
  Base: {{Type: String, Default: 'debian:12'}}
Resources:
  Nginx:
    Type: AWS::ImageBuilder::Component
    Properties:
      Name: nginx
      Version: 1.0.0
      Platform: Linux
      Data: |
{_DOCUMENT}\
  Recipe:
    Type: AWS::ImageBuilder::ImageRecipe
    Properties:
      Name: web-server
      Version: 1.0.0
      ParentImage: !Ref Base
      Components:
        - ComponentArn: !Ref Nginx
          Parameters:
            - {{Name: Port, Value: ['80']}}
"""


def _recipe(old: str, new: str) -> str:
    return _changed(_RECIPE, old, new)


def _template(old: str, new: str) -> str:
    return _changed(_TEMPLATE, old, new)


def _changed(text: str, old: str, new: str) -> str:
    if old not in text:
        raise ValueError(f"the example does not hold '{old}'")
    return text.replace(old, new)


RECIPES: dict[str, Explanation] = {
    codes.RECIPE_UNKNOWN_FIELD: Explanation(
        "Image Builder has no such field, and would refuse the recipe. Often it is a slip, or the spelling of another "
        "form: the API writes `parentImage`, CloudFormation `ParentImage`, Terraform `parent_image`.",
        _recipe("containerType", "baseImage: debian:11\ncontainerType"),
        _RECIPE,
    ),
    codes.RECIPE_MISSING_FIELD: Explanation(
        "A field is missing that Image Builder asks for.",
        _recipe("targetRepository: {service: ECR, repositoryName: web}", "targetRepository: {service: ECR}"),
        _RECIPE,
    ),
    codes.RECIPE_WRONG_KIND: Explanation(
        "The value is of another kind than the field's: a text where a list belongs, for example.",
        _recipe("{service: ECR, repositoryName: web}", "web"),
        _RECIPE,
    ),
    codes.RECIPE_VALUE: Explanation(
        "The value is not in the form, the length or the range that Image Builder allows, or none of its words.",
        _recipe("DOCKER", "PODMAN"),
        _RECIPE,
    ),
    codes.RECIPE_VERSION: Explanation(
        "A version is three numbers, each at most 1073741823. An `x` means the newest and is followed by `x` alone: "
        "`1.x.x` is a version, `x.2.x` and `1.x.8` are none. A component's own version has no `x`.",
        _recipe("semanticVersion: 1.0.0", "semanticVersion: 1.x.8"),
        _recipe("semanticVersion: 1.0.0", "semanticVersion: 1.x.x"),
    ),
    codes.RECIPE_COMPONENTS: Explanation(
        "Image Builder takes at most 20 components in one recipe.",
        _RECIPE + "  - componentArn: arn:aws:imagebuilder:eu-west-1:123456789012:component/nginx/1.0.0\n" * 20,
        _RECIPE,
    ),
    codes.RECIPE_COMBINATION: Explanation(
        "Two fields exclude each other, or one needs another: a Dockerfile template or a component's document is given "
        "as text or by its address, and by exactly one of them.",
        _recipe("dockerfileTemplateData", "dockerfileTemplateUri: s3://bucket/Dockerfile\ndockerfileTemplateData"),
        _RECIPE,
    ),
    codes.RECIPE_TEMPLATE: Explanation(
        "The Dockerfile template of a container recipe holds three variables: `{{{ imagebuilder:parentImage }}}`, "
        "`{{{ imagebuilder:environments }}}` and `{{{ imagebuilder:components }}}`. Without one of them the base, the "
        "preparation or the components do not get into the image.",
        _recipe("  {{{ imagebuilder:components }}}\n", ""),
        _RECIPE,
    ),
    codes.RECIPE_UNUSED_FIELD: Explanation(
        "The field means something to AWS only: outside of it nothing follows from it.",
        _RECIPE + "kmsKeyId: alias/images\n",
        _RECIPE,
    ),
    codes.RECIPE_NOT_KNOWN: Explanation(
        "The file leaves the value open: a parameter without a default, or something that only AWS knows. A build asks "
        "for it: `--parameters NAME=VALUE`, or an entry in toe-images.yml.",
        _template(", Default: 'debian:12'", ""),
        _TEMPLATE,
    ),
    codes.RECIPE_UNKNOWN_REFERENCE: Explanation(
        "The file has no parameter, resource, condition or mapping of this name.",
        _template("!Ref Nginx", "!Ref Ngnix"),
        _TEMPLATE,
    ),
    codes.RECIPE_CYCLE: Explanation(
        "What a name says depends on itself.",
        _template("Resources:", "Conditions:\n  A: !Not [!Condition A]\nResources:").replace(
            "!Ref Base", "!If [A, !Ref Base, 'debian:11']"
        ),
        _TEMPLATE,
    ),
    codes.RECIPE_TOO_MUCH: Explanation(
        "The functions or references of the file make more of it than any real one.", "", _TEMPLATE
    ),
    codes.RECIPE_FUNCTION: Explanation(
        "A function of CloudFormation, or an expression of Terraform, is not in the form that it asks for.",
        _template("!Ref Base", "!Join [a, b]"),
        _TEMPLATE,
    ),
    codes.RECIPE_AMAZON_COMPONENT: Explanation(
        "The component is kept by Image Builder. To build without it, name a file of your own for its ARN, or for its "
        "name, in toe-images.yml, under `components`; or put one into the folder `components` beside the recipe.",
        _recipe("123456789012:component/nginx/1.0.0", "aws:component/update-linux/x.x.x"),
        _TEMPLATE,
    ),
    codes.RECIPE_AMAZON_IMAGE: Explanation(
        "The base is an image of Image Builder, an AMI, or a name that Systems Manager keeps. To build without AWS, "
        "name an image that is on this machine for it in toe-images.yml, under `images`.",
        _recipe("debian:12", "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2-x86/x.x.x"),
        _RECIPE,
    ),
    codes.RECIPE_NO_COMPONENT: Explanation(
        "The recipe names a component's file, or a component's name and version, and there is none.",
        _recipe("arn:aws:imagebuilder:eu-west-1:123456789012:component/nginx/1.0.0", "./nginx.yml"),
        _RECIPE,
    ),
    codes.RECIPE_PARAMETER_MISSING: Explanation(
        "The component's document declares a parameter without a default, and the recipe gives it no value.",
        _template("            - {Name: Port, Value: ['80']}\n", "            - {Name: Prot, Value: ['80']}\n"),
        _TEMPLATE,
    ),
    codes.RECIPE_PARAMETER_UNKNOWN: Explanation(
        "The recipe gives a value for a parameter that the component's document does not declare.",
        _template("            - {Name: Port, Value: ['80']}\n", "            - {Name: Prot, Value: ['80']}\n"),
        _TEMPLATE,
    ),
    codes.RECIPE_PARAMETER_VALUE: Explanation(
        "The value is none that the component's parameter takes: several values for a text, or none of its "
        "`allowedValues`.",
        _template("Value: ['80']", "Value: ['81']"),
        _TEMPLATE,
    ),
    codes.RECIPE_SYNTAX: Explanation("The file is not valid Terraform (HCL).", "", _TEMPLATE),
    codes.RECIPE_SIDE_FILE: Explanation(
        "toe-images.yml stands beside a recipe and says what that cannot: the files of components, local images, the "
        "engine. A field of it is unknown, or its value has the wrong form.",
        "",
        _TEMPLATE,
    ),
}
