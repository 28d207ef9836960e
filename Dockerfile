# The studio in one container: web server and worker, as `make run` starts them.
#   docker build -t studio .                                   CPU
#   docker build -t studio --build-arg TORCH=cu128 .           NVIDIA GPU (run with --gpus all)
FROM python:3.11-slim

ARG TORCH=cpu
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1

RUN apt-get update \
 && apt-get install --no-install-recommends --yes make \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home studio \
 && mkdir /studio /data \
 && chown studio:studio /studio /data
USER studio
WORKDIR /studio

# Dependencies first: they change less often than the code.
COPY --chown=studio Makefile requirements.txt requirements-no-deps.txt ./
RUN make setup TORCH=${TORCH}
COPY --chown=studio . .

# Everything that must outlive the container is under /data.
ENV STUDIO_HOST=0.0.0.0 \
    STUDIO_STATE_ROOT=/data/state \
    STUDIO_MEDIA_ROOT=/data/media
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=60s \
  CMD [".venv/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready/')"]
CMD [".venv/bin/python", "manage.py", "serve"]
