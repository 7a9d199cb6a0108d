# The image of web, worker, beat and the migration step (docker-compose.yml).
FROM node:22-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    NODE_MODULES=/packages/node_modules \
    STATIC_ROOT=/srv/static \
    MEDIA_ROOT=/srv/media
# What PDF reports and static charts draw with: text layout and a font with Chinese.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home hengping \
    && mkdir -p /srv/static /srv/media /srv/backups \
    && chown hengping /srv/static /srv/media /srv/backups
WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY --from=packages /packages/node_modules /packages/node_modules
COPY . .
# Static files and translations belong to the image; the values here are of no use to a server.
RUN SECRET_KEY=only-for-collecting-static-files-in-the-image \
    DATABASE_URL=postgres://none@127.0.0.1/none REDIS_URL=redis://127.0.0.1/0 \
    python manage.py collect_assets
USER hengping
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--preload", "--no-control-socket"]
