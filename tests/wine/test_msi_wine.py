"""InstallMSI and UninstallMSI with a real msiexec, Wine's, and a package of wixl's. Signatures are not checked here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from local_actions import Actions, ProcessContext
from wine_machine import WineMachine

from toe.actions.msi.handling import Outputs
from toe.errors import ActionError

pytestmark = pytest.mark.wine
pytest_plugins = ("local_actions",)

SOURCE = """\
<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="8E1D3C3A-0000-4000-8000-000000000001" Name="toe sample" Language="1033" Version="1.0.0"
           Manufacturer="toe" UpgradeCode="8E1D3C3A-0000-4000-8000-000000000002">
    <Package InstallerVersion="200" Compressed="yes"/>
    <Media Id="1" Cabinet="sample.cab" EmbedCab="yes"/>
    <Property Id="COMPANYNAME" Value="nobody"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="toe-sample">
          <Component Id="Main" Win64="yes" Guid="8E1D3C3A-0000-4000-8000-000000000003">
            <File Id="Readme" Source="readme.txt" KeyPath="yes"/>
            <RegistryValue Root="HKLM" Key="SOFTWARE\\toe-sample" Name="Company" Type="string" Value="[COMPANYNAME]"/>
          </Component>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="Main" Level="1"><ComponentRef Id="Main"/></Feature>
  </Product>
</Wix>
"""
GO_ON = {"ignoreAuthenticodeSignatureErrors": True, "allowUnsignedInstaller": True}


@pytest.fixture
def package(tmp_path: Path) -> str:
    """A package that installs a file and notes the property COMPANYNAME in the registry."""
    Path("readme.txt").write_text("a file of the sample\n")
    Path("sample.wxs").write_text(SOURCE)
    subprocess.run(["wixl", "--arch", "x64", "--output", "a sample.msi", "sample.wxs"], check=True, capture_output=True)
    return "a sample.msi"


@pytest.fixture
def act_on_windows(act: Actions, wine: WineMachine) -> Actions:
    act.ctx = ProcessContext(wine.host())
    return act


def test_a_package_is_installed_and_uninstalled(
    package: str, act_on_windows: Actions, wine: WineMachine, tmp_path: Path
) -> None:
    readme = Path(wine.linux_path(r"C:\Program Files\toe-sample\readme.txt"))
    log = tmp_path / "new logs" / "install.log"
    properties = {"COMPANYNAME": '"Acme & Sons Ltd"'}  # Wine's msiexec drops a quote that is written twice
    outputs = act_on_windows("InstallMSI", path=package, logFile=log, properties=properties, **GO_ON)
    assert outputs == Outputs(str(log), 0, "")
    assert readme.read_text() == "a file of the sample\n"
    company = wine.run(["reg", "query", r"HKLM\SOFTWARE\toe-sample", "/v", "Company"]).stdout
    assert company.strip().endswith("REG_SZ    Acme & Sons Ltd")
    assert log.stat().st_size > 0

    act_on_windows("UninstallMSI", path=package, logFile=tmp_path / "uninstall.log", **GO_ON)
    assert not readme.exists()
    assert (tmp_path / "uninstall.log").stat().st_size > 0


def test_uninstalling_what_is_not_installed_succeeds(package: str, act_on_windows: Actions) -> None:
    assert act_on_windows("UninstallMSI", path=package, **GO_ON).msi_exit_code in (0, 1605)


def test_a_file_that_is_no_package_fails_with_the_exit_code(act_on_windows: Actions, tmp_path: Path) -> None:
    Path("broken.msi").write_text("this is no package\n")
    with pytest.raises(ActionError, match="msiexec: exit status") as caught:
        act_on_windows("InstallMSI", path="broken.msi", logFile="install.log", **GO_ON)
    assert caught.value.exit_code
    assert caught.value.message.endswith(f"log: {tmp_path / 'install.log'}")


def test_a_package_that_does_not_exist_fails_before_msiexec(act_on_windows: Actions, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match=r"the package 'missing\.msi' does not exist"):
        act_on_windows("InstallMSI", path="missing.msi", logFile="install.log", **GO_ON)
    assert not (tmp_path / "install.log").exists()
