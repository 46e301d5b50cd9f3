"""The engines of containers: buildah, and podman and docker, which have the same commands."""
