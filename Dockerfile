# Infusion Vitals in one image: the service and its command line. PostgreSQL has an image of its own (docker-compose.yml).
FROM python:3.11.14-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# The dependencies first: this layer changes only with the lock. A package whose hash differs is refused, and pip looks for
# nothing beside the lock. For exports as Parquet: --build-arg LOCK=requirements-parquet.txt
ARG LOCK=requirements.txt
COPY requirements.txt requirements-parquet.txt /tmp/
RUN python -m pip install --no-deps --only-binary :all: --require-hashes --requirement /tmp/${LOCK} \
    && python -m pip check \
    && rm /tmp/requirements*.txt \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin vitals

WORKDIR /srv/infusion-vitals
COPY LICENSE NOTICE ./
COPY app ./app
COPY migrations ./migrations
# The tablet app is built before the image is: its tools have no place in here.
RUN install -d -o vitals -g vitals -m 0700 var/exports
RUN test -f app/web/dist/index.html || { echo "Build the tablet app first: make web" >&2; exit 1; }

# The code belongs to root and the service does not run as root: it cannot change itself.
USER vitals

ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
# Ready, not merely alive: the database answers and its schema and settings are right.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health/ready', timeout=2)"]

ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
