"""Parameters of Systems Manager that say where the newest image is. Needs toe[aws]."""

from __future__ import annotations

from toe.aws.clients import aws_client, aws_faults
from toe.images.distribution.model import Parameter
from toe.images.model import UNKNOWN_PART


def set_parameter(parameter: Parameter, value: str) -> None:
    """Have a parameter have a value; nothing is written where it has it. Raises AwsError."""
    region = None if parameter.region == UNKNOWN_PART else parameter.region
    client = aws_client("ssm", region=region)
    with aws_faults(f"cannot set the parameter '{parameter.name}'"):
        try:
            if client.get_parameter(Name=parameter.name)["Parameter"]["Value"] == value:
                return
        except client.exceptions.ParameterNotFound:
            pass
        client.put_parameter(
            Name=parameter.name, Value=value, Type="String", DataType=parameter.data_type, Overwrite=True
        )
