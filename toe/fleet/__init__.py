"""One document on many hosts: what the collection `toe.toe` for Ansible does, and what `toe run --hosts` needs."""
