resource "aws_imagebuilder_component" "nginx" {
  name     = "nginx"
  version  = "1.2.0"
  platform = "Linux"

  data = yamlencode({
    schemaVersion = "1.0"
    parameters    = [{ Port = { type = "string" } }]
    phases = [{
      name = "build"
      steps = [{
        name   = "Install"
        action = "ExecuteBash"
        inputs = { commands = [file("${path.module}/scripts/install.sh"), "echo {{ Port }}"] }
      }]
    }]
  })
}
