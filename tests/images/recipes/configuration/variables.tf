variable "base" {
  type    = string
  default = "debian:12"
}

variable "ports" {
  default = ["80", "443"]
}

variable "ami" {}

variable "more" {
  type    = list(string)
  default = []
}

variable "is_wanted" {
  default = false
}

locals {
  stage  = "test"
  prefix = format("web-%s", local.stage)
  sizes  = { disk = 8 }
}
