# A recipe as people write it: values from variables and locals, components in a file of their own.
resource "aws_imagebuilder_container_recipe" "web" {
  name              = "${local.prefix}-server"
  version           = "1.0.0"
  container_type    = "DOCKER"
  parent_image      = var.base
  working_directory = "/tmp"

  target_repository {
    repository_name = aws_ecr_repository.web.name
    service         = "ECR"
  }

  component {
    component_arn = aws_imagebuilder_component.nginx.arn

    parameter {
      name  = "Port"
      value = var.ports[0]
    }
  }

  component {
    component_arn = "arn:aws:imagebuilder:${data.aws_region.current.name}:aws:component/update-linux/x.x.x"
  }

  dockerfile_template_data = <<-EOF
    FROM {{{ imagebuilder:parentImage }}}
    {{{ imagebuilder:environments }}}
    {{{ imagebuilder:components }}}
    ENV STAGE=${local.stage} HOME=$${HOME}
  EOF

  tags = { team = "web" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "disk" {
  name             = "disk"
  version          = "1.0.x"
  parent_image     = var.ami
  user_data_base64 = base64encode("echo \"ready\"\n")

  systems_manager_agent {
    uninstall_after_build = true
  }

  dynamic "component" {
    for_each = var.more
    content {
      component_arn = component.value
    }
  }

  block_device_mapping {
    device_name = "/dev/sda"
    ebs {
      volume_size = local.sizes["disk"]
      encrypted   = var.base == "debian:12" ? true : null
    }
  }
}

resource "aws_imagebuilder_image_recipe" "never" {
  count        = var.is_wanted ? 1 : 0
  name         = "never"
  version      = "1.0.0"
  parent_image = "x"
}

resource "aws_ecr_repository" "web" {
  name = "${local.prefix}-repository"
}
