"""What `toe new` writes: a component that is valid as it stands, for each platform. Texts only; no file is touched."""

from __future__ import annotations

SCHEMA_FILE = "component.schema.json"

_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA_FILE}
# With that file beside this one an editor completes and explains every key: toe schema > {SCHEMA_FILE}
name: '@NAME@'
description: Installs a program, checks it on the build instance, and tests it in the finished image.
schemaVersion: 1.0

# An image recipe can give another value, and so can toe run: --parameters Program=NAME
parameters:
  - Program:
      type: string
      default: @PROGRAM@
      description: The program that this component is about.
"""

_POSIX = """\
phases:
  # The build stage of Image Builder: build and validate, on the instance that becomes the image.
  - name: build
    steps:
      - name: Install
        action: ExecuteBash
        timeoutSeconds: 600
        maxAttempts: 3 # a download can fail
        inputs:
          commands:
            - |
              set -euo pipefail
              program='{{ Program }}'
              # Install it here. This line only says where it is, and fails where it is not.
              command -v "$program"

  - name: validate
    steps:
      - name: IsExecutable
        action: ExecuteBash
        inputs:
          commands:
            - |
              set -euo pipefail
              # What an earlier step of the same stage printed:
              test -x '{{ build.Install.outputs.stdout }}'

  # The test stage, on an instance of the finished image: outputs of the build stage do not reach it, parameters do.
  - name: test
    steps:
      - name: Starts
        action: ExecuteBash
        timeoutSeconds: 60
        inputs:
          commands:
            - |
              set -euo pipefail
              program='{{ Program }}'
              "$program" --version
"""

_WINDOWS = """\
phases:
  # The build stage of Image Builder: build and validate, on the instance that becomes the image.
  - name: build
    steps:
      - name: Install
        action: ExecutePowerShell
        timeoutSeconds: 600
        maxAttempts: 3 # a download can fail
        inputs:
          commands:
            - |
              $ErrorActionPreference = 'Stop'
              $program = '{{ Program }}'
              # Install it here. This line only says where it is, and fails where it is not.
              (Get-Command $program).Source

  - name: validate
    steps:
      - name: IsFile
        action: ExecutePowerShell
        inputs:
          commands:
            - |
              $ErrorActionPreference = 'Stop'
              # What an earlier step of the same stage printed:
              $path = '{{ build.Install.outputs.stdout }}'
              if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { throw "'$path' is no file" }

  # The test stage, on an instance of the finished image: outputs of the build stage do not reach it, parameters do.
  - name: test
    steps:
      - name: Starts
        action: ExecutePowerShell
        timeoutSeconds: 60
        inputs:
          commands:
            - |
              $ErrorActionPreference = 'Stop'
              $program = '{{ Program }}'
              & $program
              if ($LASTEXITCODE -ne 0) { throw "$program ended with $LASTEXITCODE" }
"""

#: platform -> the steps, and a program that it has from the start, so that the component runs before it is changed.
_PLATFORMS = {"linux": (_POSIX, "bash"), "darwin": (_POSIX, "bash"), "windows": (_WINDOWS, "whoami.exe")}
PLATFORMS = tuple(_PLATFORMS)


def component_text(name: str, platform: str) -> str:
    """A component called `name` for one of PLATFORMS. The name must need no escapes in single quotes."""
    phases, program = _PLATFORMS[platform]
    return f"{_HEAD}\n{phases}".replace("@NAME@", name).replace("@PROGRAM@", program)
