"""What InstallMSI and UninstallMSI share: the package, whether it is trusted, how msiexec is called."""
