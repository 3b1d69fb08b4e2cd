"""The servers that are compared, and how each is started for one run, in a folder of its own, on 127.0.0.1.

Those of others are used where they are installed, with their limits and throttles opened, so that each is at its best:
what is compared is handing on, not policy. Nothing is left of a run: the server is ended by its handle, and its folder
removed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Callable, NamedTuple, Sequence

from tests import REPOSITORY
from tests.bench import tongues

if TYPE_CHECKING:
    from tests.bench.machine import Cores

__all__ = ["ALL", "DEFAULT", "QUICK", "Peer", "Served", "chat", "installed"]

HOST = "127.0.0.1"
_START_S = 15.0
_STOP_S = 10.0
_LOOK_EVERY_S = 0.02
_CLIENTS_MAX = 30_000
_LISTENING = b"Listening on "
#: Where Debian and others keep servers, which is not on everybody's path.
_SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin")

_NGIRCD = """
[Global]
    Name = irc.bench.local
    Info = bench
    AdminInfo1 = bench
    AdminEMail = bench@localhost
    Listen = 127.0.0.1
    Ports = {port}
    MotdPhrase = "bench"
[Limits]
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxJoins = 0
    MaxPenaltyTime = 0
    PingTimeout = 3600
    PongTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
"""
_INSPIRCD = """
<server name="irc.bench.local" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="60" pingfreq="3600" hardsendq="268435456" softsendq="134217728"
         recvq="1048576" threshold="4000000" commandrate="1000000000" fakelag="on" limit="{clients}"
         localmax="{clients}" globalmax="{clients}" maxconnwarn="no" resolvehostnames="no" useident="no">
<channels users="20" opers="60">
<dns server="127.0.0.1" timeout="5">
<pid file="{folder}/inspircd.pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/inspircd.log">
<options defaultmodes="nt">
<performance softlimit="{clients}" somaxconn="4096" netbuffersize="10240" clonesonconnect="no">
<whowas groupsize="0" maxgroups="0" maxkeep="1h">
"""
_REDIS = """
bind 127.0.0.1
port {port}
protected-mode no
save ""
appendonly no
dir {folder}
maxclients {clients}
io-threads 1
tcp-backlog 4096
timeout 0
client-output-buffer-limit pubsub 0 0 0
client-output-buffer-limit normal 0 0 0
"""
_NATS = """
host: "127.0.0.1"
port: {port}
max_connections: {clients}
max_pending: 256MB
write_deadline: "60s"
ping_interval: "30m"
"""


class Peer(NamedTuple):
    """A server to compare: its name in the tables, how it is spoken to, and what starts it.

    `command` is given the folder of the run and a free port. Who has `says_port` takes a port of its own and prints it.
    """

    name: str
    tongue: tongues.Tongue
    command: Callable[[Path, int], Sequence[str]]
    program: str = sys.executable
    says_port: bool = False


def chat(name: str = "chat", checkout: Path = REPOSITORY) -> Peer:
    """Return this project as it stands in a folder: everything on, full durability, only the rate unbounded."""

    def command(folder: Path, _port: int) -> list[str]:
        where = ["--host", HOST, "--port", "0", "--data", str(folder / "log")]
        bounds = ["--rate", "0", "--status-every", "0", "--max-clients", str(_CLIENTS_MAX)]
        return [sys.executable, str(checkout / "server_main.py"), *where, *bounds]

    return Peer(name, tongues.Chat(), command, says_port=True)


def _ours(name: str, tongue: tongues.Tongue, script: str, *flags: str) -> Peer:
    path = str(Path(__file__).resolve().with_name(script))
    return Peer(name, tongue, lambda _folder, _port: [sys.executable, path, *flags], says_port=True)


def _theirs(name: str, tongue: tongues.Tongue, program: str, config: str, *flags: str) -> Peer:
    """Return a server whose flags end with the path of its configuration."""

    def command(folder: Path, port: int) -> list[str]:
        path = folder / f"{name}.conf"
        path.write_text(config.format(port=port, folder=folder, clients=_CLIENTS_MAX), encoding="ascii")
        return [_where(program) or program, *flags, str(path)]

    return Peer(name, tongue, command, program)


# InspIRCd completes logins once a second, ngIRCd lets only few knock at the same time.
_AS_ROOT = ["--runasroot"] if sys.platform != "win32" and os.geteuid() == 0 else []
ALL = {
    peer.name: peer
    for peer in (
        chat(),
        _ours("limit", tongues.Lines(), "limit_server.py"),
        _ours("limit-frames", tongues.Frames(), "limit_server.py", "--frames"),
        _ours("threaded", tongues.Named(), "threaded_server.py"),
        _theirs("ngircd", tongues.Irc(8), "ngircd", _NGIRCD, "-n", "-f"),
        _theirs("inspircd", tongues.Irc(1_000), "inspircd", _INSPIRCD, "--nofork", *_AS_ROOT, "--config"),
        _theirs("redis", tongues.Redis(), "redis-server", _REDIS),
        _theirs("nats", tongues.Nats(), "nats-server", _NATS, "-c"),
    )
}
DEFAULT = ("chat", "limit", "threaded", "ngircd", "inspircd", "redis", "nats")
QUICK = ("chat", "limit", "threaded")


def _where(program: str) -> str | None:
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_SERVER_FOLDERS]))


def installed(peer: Peer) -> bool:
    """Whether this machine has what it takes."""
    return _where(peer.program) is not None


class Served:
    """A running server, on its core. It listens once this is made, or OSError is raised; it ends with `cleanup`."""

    def __init__(self, cleanup: ExitStack, peer: Peer, cores: Cores) -> None:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        self._output = cleanup.enter_context((folder / "output").open("w+b"))
        port = 0 if peer.says_port else _free_port()
        command = peer.command(folder, port)
        with cores.for_server():
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, cwd=folder
            )
        cleanup.callback(self._end)
        self.pid = self.process.pid
        self.address = (HOST, self._wait(peer, port))

    def _wait(self, peer: Peer, port: int) -> int:
        """Wait until it listens, and return the port."""
        end = time.monotonic() + _START_S
        while time.monotonic() < end and self.process.poll() is None:
            if peer.says_port:
                for line in self.output().splitlines(keepends=True):
                    if line.startswith(_LISTENING) and line.endswith(b"\n"):
                        return int(line.rsplit(b":", 1)[1])
            else:
                with suppress(OSError):
                    socket.create_connection((HOST, port), timeout=1.0).close()
                    return port
            time.sleep(_LOOK_EVERY_S)
        raise OSError(f"{peer.name} did not start: {self.output()[-400:].decode('utf-8', 'replace')}")

    def output(self) -> bytes:
        """Return what it has written so far."""
        return Path(self._output.name).read_bytes()

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _free_port() -> int:
    """Return a port that was free a moment ago, for those who cannot be asked which one they took."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
