# syntax=docker/dockerfile:1
# The programs with what reading documents takes, and nothing else; runs without root on a read-only root file system.
#   docker build --target docuvault -t docuvault .        for deploy/: needs a PostgreSQL
#   docker build --target one-box -t docuvault-one-box .  brings its own
ARG NODE_IMAGE=node:22-trixie-slim
ARG RUST_IMAGE=rust:1.95-slim-trixie
ARG BASE_IMAGE=debian:trixie-slim

FROM ${NODE_IMAGE} AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run --silent build

FROM ${RUST_IMAGE} AS programs
WORKDIR /src
COPY . .
COPY --from=web /src/web/dist web/dist
ENV SQLX_OFFLINE=true
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked -p docuvault -p docuvault-extract-program \
    && cp target/release/docuvault target/release/docuvault-extract /usr/local/bin/

FROM ${BASE_IMAGE} AS docuvault
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tesseract-ocr tesseract-ocr-eng tesseract-ocr-deu tesseract-ocr-osd \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin docuvault \
    && install -d -o docuvault -g docuvault -m 0700 /var/lib/docuvault
COPY --from=programs /usr/local/bin/docuvault /usr/local/bin/docuvault-extract /usr/local/bin/
ENV DOCUVAULT_DATA_DIR=/var/lib/docuvault DOCUVAULT_ADDR=0.0.0.0:8080
USER 10001:10001
WORKDIR /var/lib/docuvault
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["docuvault", "health"]
ENTRYPOINT ["docuvault"]
CMD ["serve"]

FROM docuvault AS one-box
USER root
# hadolint ignore=DL3008
RUN apt-get update \
    && mkdir -p /etc/postgresql-common/createcluster.d \
    && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/docuvault.conf \
    && apt-get install -y --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
VOLUME /var/lib/docuvault
