"""The main job from a cold start: 30 replications of Dongxing, everything included. Run: python benchmarks/main_job.py"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = Path(__file__).parent.parent / "scenarios" / "dongxing.yaml"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from simgov.cli import main; main()", "run", str(SCENARIO), "--out", f"{folder}/dongxing"]
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        whole = time.perf_counter() - begin
        begin = time.perf_counter()
        subprocess.run([*command, "--replications", "1"], check=True, capture_output=True)
        one = time.perf_counter() - begin
    print(f"30 replications {whole:5.1f} s, 1 replication {one:5.1f} s, so {(whole - one) / 29:5.2f} s a replication")


if __name__ == "__main__":
    main()
