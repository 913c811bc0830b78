"""A file of a stranger is read only if it is a regular file, and never beyond the limit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simgov.files import UnreadableError, content


def test_a_regular_file_is_read_up_to_the_limit(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 1_000_000)
    assert content(tmp_path / "f", 1_000_000) == b"x" * 1_000_000
    (tmp_path / "f").write_bytes(b"x" * 1_000_001)
    with pytest.raises(UnreadableError, match="is larger than 1 MB"):
        content(tmp_path / "f", 1_000_000)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/proc/self"])
def test_what_is_no_file_is_not_read(path):
    with pytest.raises(UnreadableError, match=r"is no regular file|Is a directory"):
        content(Path(path), 1_000_000)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="is no regular file"):
        content(tmp_path / "pipe", 1_000_000)


@pytest.mark.parametrize(("name", "why"), [("none", "No such file"), ("x" * 300, "too long"), ("a\0b", "null byte"), ("\ud800", "surrogates")])
def test_a_file_that_cannot_be_opened_is_told_so(tmp_path, name, why):
    with pytest.raises(UnreadableError, match=f"cannot be read: .*{why}"):
        content(tmp_path / name, 1_000_000)
