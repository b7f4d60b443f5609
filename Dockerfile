# The product as a container: hash-locked packages, an ordinary account, one process tree.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/commonbeat
COPY requirements/run.txt requirements/build.txt requirements/
RUN /opt/commonbeat/bin/pip install --require-hashes -r requirements/run.txt -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY commonbeat commonbeat
RUN /opt/commonbeat/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/commonbeat commonbeat
COPY --from=build /opt/commonbeat /opt/commonbeat
ENV PATH=/opt/commonbeat/bin:$PATH PYTHONUNBUFFERED=1 COMMONBEAT_DATA=/var/lib/commonbeat/data
USER commonbeat
WORKDIR /var/lib/commonbeat
RUN mkdir -m 0700 data
VOLUME /var/lib/commonbeat/data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import sys; from commonbeat.config.processes import answers; sys.exit(not answers('http://127.0.0.1:8000/'))"]
CMD ["commonbeat", "serve", "--host", "0.0.0.0", "--migrate"]
