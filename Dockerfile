# Cordboard: the engine (`cordboard serve`), and API processes beside it (`cordboard api`).
FROM debian:forky-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /opt/cordboard \
 && useradd --system --home-dir /var/lib/cordboard cordboard \
 && install -d -o cordboard -m 0700 /var/lib/cordboard
WORKDIR /srv/cordboard
# .dockerignore says what of it: nothing but what the package is made of.
COPY . .
RUN /opt/cordboard/bin/pip install --no-cache-dir -c constraints.txt .
ENV PATH=/opt/cordboard/bin:$PATH
WORKDIR /var/lib/cordboard
USER cordboard
CMD ["cordboard", "serve"]
