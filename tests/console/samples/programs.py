"""Generated programs as files, compiled where the language is, and run as a user would run them."""

import shutil
import subprocess
from pathlib import Path

from tests.sdk.child import clean_environment
from xiutu.web.samples import Program

ALWAYS = ("curl", "python", "node", "php")
"""Languages that ``scripts/test-services`` provides."""


def _built_here() -> dict[str, list[list[str]]]:
    """Languages whose compilers happen to be on this machine, and how a program is built and run."""
    found = {}
    if shutil.which("javac"):
        found["java"] = [["java", "-XX:TieredStopAtLevel=1", "Call.java"]]
    if shutil.which("mcs") and shutil.which("mono"):
        found["csharp"] = [["mcs", "-r:System.Net.Http.dll", "Call.cs"], ["mono", "Call.exe"]]
    libraries = ("/usr/include/openssl/evp.h", "/usr/include/x86_64-linux-gnu/curl/curl.h")
    if shutil.which("g++") and all(Path(path).exists() for path in libraries):
        build = ["g++", "-std=c++17", "-O0", "-Wno-deprecated-declarations", "call.cpp"]
        found["cpp"] = [[*build, "-lcurl", "-lcrypto", "-o", "call"], ["./call"]]
    return found


RUN = {
    "curl": [["bash", "call.sh"]],
    "python": [["python3", "-W", "error", "call.py"]],
    "node": [["node", "call.mjs"]],
    "php": [["php", "-d", "error_reporting=-1", "-d", "display_errors=stderr", "call.php"]],
    **_built_here(),
}


def ran(program: Program, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build and run in ``folder``, where its pictures are."""
    (folder / program.language.file).write_text(program.code, encoding="utf-8")
    environment = {**clean_environment(), "LANG": "C.UTF-8"}
    *builds, run = RUN[program.language.id]
    for build in builds:
        subprocess.run(build, cwd=folder, env=environment, check=True, timeout=120)
    return subprocess.run(
        run, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
