# A base image with busybox alone (Debian: apt-get install busybox-static). It needs no network:
#   buildah build --tag localhost/busybox --file base.Dockerfile /bin
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV PATH=/bin
