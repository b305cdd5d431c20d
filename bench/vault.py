"""A DocuVault of its own for measuring: a temporary folder, the real program, its real private PostgreSQL."""

import base64
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "benchmark-password"
START_SECONDS = 120


class Vault:
    """Use as a context manager: it is stopped and removed at the end."""

    def __init__(self, program, settings=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="docuvault-bench-", dir="/var/tmp"))
        self.dir.chmod(0o711)  # PostgreSQL runs as another user when we are root.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOCUVAULT_", "DATABASE_", "PG"))}
        environment |= {
            "DOCUVAULT_ADDR": self.url.removeprefix("http://"),
            "DOCUVAULT_DATA_DIR": str(self.dir / "data"),
            "DOCUVAULT_SETUP_TOKEN": "benchmark",
            "DOCUVAULT_ACCESS_TOKEN_SECONDS": "7200",
            # Signing in is not what is measured, and a hundred users do it.
            "DOCUVAULT_PASSWORD_MEMORY_KIB": "64",
            "DOCUVAULT_LOG": "warn",
        } | (settings or {})
        self.server = subprocess.Popen([program, "serve"], env=environment, stdout=subprocess.DEVNULL)

    def __enter__(self):
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(60)
        shutil.rmtree(self.dir)

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.server.poll() is None:
            try:
                if self.call("GET", "/health")["status"] == "ok":
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise SystemExit("the vault did not start")

    def call(self, method, path, body=None, token=None):
        """One request to the API; its JSON answer."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body else None, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def seed(self, users, documents):
        """Fills the vault with `users` times `documents`; answers an access token for each user."""
        first = {"setup_token": "benchmark", "email": "user1@bench.example", "password": PASSWORD, "display_name": "User 1"}
        self.call("POST", "/api/v1/setup", first)
        self.psql("-q", "-v", f"users={users}", "-v", f"documents={documents}", "-f", str(HERE / "seed.sql"))

        def sign_in(number):
            login = {"email": f"user{number}@bench.example", "password": PASSWORD}
            return self.call("POST", "/api/v1/auth/login", login)["access_token"]

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            tokens = list(pool.map(sign_in, range(1, users + 1)))
        callers = ", ".join("('{sub}', '{sid}')".format(**claims(token)) for token in tokens)
        self.psql("-qc", f"INSERT INTO bench.callers VALUES {callers}", "-c", "ANALYZE bench.callers")
        return tokens

    @property
    def database_pid(self):
        return int((self.dir / "data/pg/postmaster.pid").read_text().split("\n")[0])

    def connection(self, role):
        """The environment in which PostgreSQL's programs connect as `role`."""
        port = (self.dir / "data/pg/postmaster.pid").read_text().split("\n")[3]
        password = (self.dir / f"data/secrets/{role}.password").read_text().strip()
        return os.environ | {"PGHOST": str(self.dir / "data/pg.run"), "PGPORT": port, "PGUSER": role, "PGPASSWORD": password, "PGDATABASE": "docuvault", "PGOPTIONS": ""}

    def psql(self, *arguments):
        done = subprocess.run(["psql", "-XtA", "-v", "ON_ERROR_STOP=1", *arguments], env=self.connection("postgres"), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout.strip()

    def statements_of(self, path, token, marker):
        """What the server really sends to the database for one GET of `path`: the statements of the transaction in which `marker` occurs."""
        self.psql("-qc", "ALTER SYSTEM SET log_statement = 'all'", "-c", "SELECT pg_reload_conf()")
        time.sleep(1)
        self.call("GET", path, token=token)
        self.psql("-qc", "ALTER SYSTEM RESET log_statement", "-c", "SELECT pg_reload_conf()")
        time.sleep(1)
        logged = re.findall(r"\[(\d+)\] LOG:  (?:statement|execute [^:]*): (.*)", (self.dir / "data/pg.log").read_text())
        backend = next(pid for pid, statement in reversed(logged) if marker in statement)
        statements = [statement for pid, statement in logged if pid == backend]
        end = max(index for index, statement in enumerate(statements) if statement == "COMMIT")
        begin = max(index for index, statement in enumerate(statements[:end]) if statement == "BEGIN")
        return statements[begin : end + 1]


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
