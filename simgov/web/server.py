"""The server of the page: streamlit on this machine alone, with the jobs that it has started."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from simgov.errors import UsageError
from simgov.language import message
from simgov.web.jobs import Jobs
from simgov.web.places import Place, places

HOST, FIRST_PORT, MOST_TRIED = "127.0.0.1", 8501, 20
SCRIPT = Path(__file__).parent / "script" / "app.py"
LARGEST_UPLOAD = 2  # MB
PAGE_CLOSED = "once a close message has been sent"
CHINESE = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC"'  # of the machine; `simgov` is what the page brings
OPTIONS = {
    "server.address": HOST,
    "server.allowedHosts": [HOST, "localhost"],  # a strange name that is made to lead here is refused
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.maxUploadSize": LARGEST_UPLOAD,
    "browser.gatherUsageStats": False,
    "browser.serverAddress": HOST,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.hideWelcomeMessage": True,
    "logger.level": "warning",
    "global.minCachedMessageSize": 1e9,  # nothing goes by reference: of a part that is drawn anew streamlit takes back what was not sent yet, except references, and these break the page
    "theme.base": "light",
    "theme.primaryColor": "#2a6f97",
    "theme.textColor": "#22313f",
    "theme.font": f'"Source Sans", {CHINESE}, simgov, sans-serif',
    "theme.codeFont": f'"Source Code Pro", {CHINESE}, simgov, monospace',
}


@dataclass(frozen=True)
class Served:
    """What every page of a server shares: the places to choose from, the jobs, and the language it begins with."""

    places: tuple[Place, ...]
    jobs: Jobs
    lang: str = "en"


_now: list[Served] = []  # the script is run by streamlit, which hands nothing over


def now() -> Served:
    """What this server serves."""
    return _now[-1]


def serving(served: Served) -> None:
    """From now on pages show this."""
    _now[:] = [served]


def default_folder() -> Path:
    """Where jobs are kept: in the cache of the user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "simgov" / "web"


def serve(given: Iterable[str] = (), folder: str | Path | None = None, port: int | None = None, lang: str = "en", told: Callable[[str], None] = print, roots: Iterable[str] = ()) -> None:
    """Serve the page until somebody ends it; `told` hears the address. Raises UsageError for what cannot be served, OutputError for the folder."""
    if find_spec("streamlit") is None:
        raise UsageError(message("the web app needs streamlit, which is not installed: pip install 'simgov[web]'"))
    found = tuple(places(given, roots))
    free = _free_port(port)
    with _private(), closing(Jobs(folder or default_folder())) as jobs:
        serving(Served(found, jobs, lang))
        told(f"http://{HOST}:{free}")
        _run(free)


@contextmanager
def _private() -> Iterator[None]:
    """What this process and its workers write is for nobody else on this machine."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _free_port(port: int | None) -> int:
    """The port that was asked for, or the first free one. Raises UsageError."""
    for number in (port,) if port else range(FIRST_PORT, FIRST_PORT + MOST_TRIED):
        with socket.socket() as probe:
            if os.name == "posix":  # as the server does: a port whose last connection has just ended is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, number))
            except OSError:
                continue
            return number
    tried = str(port) if port else message("{low} to {high}", low=FIRST_PORT, high=FIRST_PORT + MOST_TRIED - 1)
    raise UsageError(message("port {tried} is in use; name another one with --port, or none, and the next free one is taken", tried=tried))


def _run(port: int) -> None:
    """Until Ctrl-C or SIGTERM."""
    from streamlit import config, net_util
    from streamlit.web import bootstrap

    # When a page of elsewhere asks for a connection, streamlit would ask the network for its own addresses, to see whether it comes from one of them.
    net_util._external_ip = net_util._internal_ip = HOST

    logging.getLogger("uvicorn.error").addFilter(_is_news)
    bootstrap.load_config_options({name.replace(".", "_"): value for name, value in {**OPTIONS, "server.port": port, "browser.serverPort": port}.items()})
    assert config.get_option("server.address") == HOST
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):  # it says goodbye there, and would not end when nobody reads it any more
        bootstrap.run(str(SCRIPT), False, [], {})


def _is_news(record: logging.LogRecord) -> bool:
    """That a page was closed while it was being written to is none."""
    return not (record.exc_info and PAGE_CLOSED in str(record.exc_info[1]))
