"""nginx on 127.0.0.1 with static files, one conversation for each id."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from tools.bench.bodies import zild_conversation

# keepalive_requests: by default nginx closes a connection after 1,000 requests, and reconnecting would also be measured
CONFIG = """
daemon off;
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    open_file_cache max=7000;
    default_type application/json;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=512;
        root {folder}/files;
    }}
}}
"""


@contextmanager
def static_server(count: int, messages: int) -> Iterator[str]:
    """Serve the Zild conversations 1 to `count`, with `messages` messages each. Yield the base URL."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the workers of nginx run as a different user
        _write_files(folder / "files" / "api" / "Conversation", count, messages)
        port = _free_port()
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port))
        command = ["/usr/sbin/nginx", "-c", str(config), "-p", name, "-e", f"{folder}/error.log"]  # path on Debian
        with subprocess.Popen(command) as process:
            try:
                _wait_for(port, process)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _write_files(folder: Path, count: int, messages: int) -> None:
    folder.mkdir(parents=True)
    body = zild_conversation(messages)
    for number in range(1, count + 1):
        (folder / str(number)).write_bytes(orjson.dumps(body | {"id": number}))


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            continue
        return
    raise RuntimeError("nginx does not start; see its messages above")
