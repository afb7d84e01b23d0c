"""Real proxies in front of a hub: nginx and a notebook server with jupyter-server-proxy."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hub_process import ROOT, free_port

NOTEBOOK_TOKEN = "0123456789abcdef" * 3
NO_NGINX = "nginx is not installed (Debian/Ubuntu: apt-get install nginx-light)"
_NGINX = """
daemon off; master_process off; worker_processes 1;
error_log {place}/error.log; pid {place}/pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  types {{ }} default_type text/plain;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
  fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  server {{
    listen 127.0.0.1:{port}{ssl};
    {location}
  }}
}}
"""


def documented_location(hub_port: int) -> str:
    """The location that docs/howto/proxy.md tells people to write, for a hub on another port."""
    text = (ROOT / "docs/howto/proxy.md").read_text()
    found = re.search(r"<!-- proxy: nginx -->\n```nginx\n(.*?)```", text, re.DOTALL)
    assert found, "docs/howto/proxy.md has lost its nginx location"
    return found[1].replace("127.0.0.1:8080", f"127.0.0.1:{hub_port}")


@contextmanager
def nginx(place: Path, location: str, *, https: bool = False) -> Iterator[str]:
    """Run nginx with this location; yield its address, without a last slash."""
    if (program := shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")) is None:
        pytest.skip(NO_NGINX)
    place.mkdir(parents=True)
    port, ssl = free_port(), ""
    if https:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed; it makes the certificate of this test")
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
        files = ["-keyout", str(place / "key"), "-out", str(place / "cert")]
        subprocess.run([*command.split(), *files], check=True, capture_output=True)
        ssl = f" ssl; ssl_certificate {place}/cert; ssl_certificate_key {place}/key"
    file = place / "nginx.conf"
    file.write_text(_NGINX.format(place=place, port=port, ssl=ssl, location=location))
    command = [program, "-p", str(place), "-e", str(place / "error.log"), "-c", str(file)]
    with running(command, port, place / "log"):
        yield f"http{'s' if https else ''}://127.0.0.1:{port}"


@contextmanager
def notebook_server(place: Path) -> Iterator[str]:
    """Run a notebook server at /user/ada/; yield its address, without a last slash."""
    place.mkdir(parents=True)
    port = free_port()
    own = {f"JUPYTER_{name}_DIR": str(place / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={NOTEBOOK_TOKEN}"),
        *("--ServerApp.base_url=/user/ada/", f"--ServerApp.root_dir={place}"),
        "--ServerApp.jpserver_extensions=jupyter_server_proxy=True",
    ]
    with running(command, port, place / "log", **own):
        yield f"http://127.0.0.1:{port}/user/ada"


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    """Run a server until it is no longer wanted; begin once it takes connections."""
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, env=os.environ | environment, stdout=said, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            while not _answers(port):
                assert server.poll() is None, log.read_text()
                time.sleep(0.05)
            yield
        finally:
            server.terminate()
            server.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/"):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
