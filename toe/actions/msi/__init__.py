"""Windows Installer packages: where one comes from, whether it is trusted, how msiexec is called and what it answers.

What an author writes stands in toe/actions/install_msi.py.
"""
