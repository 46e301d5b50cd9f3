"""Terraform configurations: the resources `aws_imagebuilder_*` of one file, with what its folder says of their values.

python-hcl2 (the extra `terraform`) parses; what the expressions mean is worked out here as far as files tell it.
"""
