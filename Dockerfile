# One image for every process of the portal; docker-compose.yml says which runs what.
FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r /requirements.txt

FROM python:3.11-slim-bookworm
# Debian's own security updates are wanted, so their versions are not pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --no-log-init --shell /usr/sbin/nologin portal
COPY --from=packages /venv /venv
WORKDIR /portal
COPY manage.py ./
COPY portal portal
COPY referrals referrals
COPY sharing sharing
COPY templates templates
COPY static static
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/portal-static
# The two variables satisfy the settings for this one step and stay in no layer.
RUN SECRET_KEY=collectstatic DATABASE_URL=postgres://nobody@localhost/none \
    python manage.py collectstatic --no-input
USER 10001
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--preload", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", \
     "--access-logfile", "-", "--access-logformat", "%(t)s %(m)s %({portal_route}e)s %(s)s %(M)s ms"]
