"""Which tests are nearest to what has changed since the last commit on main."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = "tests/house"


@dataclass
class Chosen:
    """What to run, why, and what only the whole suite would tell."""

    base: str
    files: list[str]
    tests: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Say it in a few lines."""
        lines = [f"{len(self.files)} files differ from {self.base}. Tests chosen:"]
        lines += [f"  {test}" for test in self.tests]
        if self.beyond:
            lines += ["Not chosen, being everybody's or too slow; the whole script/test tells:"]
            lines += [f"  {name}" for name in self.beyond]
        return "\n".join(lines)


def chosen() -> Chosen:
    """
    Choose by what differs from the last commit on main, uncommitted changes included.

    On main itself that is the commit before, or what its upstream has.
    """
    base = _base()
    found = Chosen(_named(base), _differing(base))
    for name in found.files:
        for test in _nearest(name, found):
            if test not in found.tests:
                found.tests.append(test)
    # What a whole folder holds is not asked for again by name; the house is always asked.
    folders = {test for test in found.tests if not test.endswith(".py")} | {HOUSE}
    found.tests = [one for one in found.tests if not folders & {str(p) for p in Path(one).parents}]
    # The closest come first: there may not be time for all.
    found.tests.sort(key=lambda one: not one.endswith(".py"))
    found.tests.append(HOUSE)
    return found


def _nearest(name: str, found: Chosen) -> list[str]:
    """Return the tests of a file: itself, or those of the innermost folder that has some."""
    path = Path(name)
    if path.parts[:1] != ("nichandle",):
        whole = path.parts[:2] in {("tests", "support"), ("tests", "journeys")}
        if whole or path.name == "conftest.py":
            found.beyond.append(name)
        return []
    if path.name.startswith("test_") and path.suffix == ".py":
        return [name] if (ROOT / path).exists() else []
    if "tests" in path.parts:
        folder = Path(*path.parts[: path.parts.index("tests") + 1])
        return [str(folder)] if (ROOT / folder).is_dir() else []
    for folder in path.parents:
        if any((ROOT / folder / "tests").glob("test_*.py")):
            return [str(folder / "tests")]
    if path.suffix == ".py":
        found.beyond.append(name)
    return []


def _base() -> str:
    main = next((name for name in ("main", "origin/main") if _git("rev-parse", "-q", name)), "")
    fork = _git("merge-base", "HEAD", main) if main else ""
    if fork and _git("rev-parse", "--abbrev-ref", "HEAD") != "main":
        return fork
    upstream = _git("rev-parse", "-q", "--verify", "@{upstream}")
    fork = _git("merge-base", "HEAD", upstream) if upstream else ""
    if fork and fork != _git("rev-parse", "HEAD"):
        return fork
    return _git("rev-parse", "-q", "--verify", "HEAD~1") or "HEAD"


def _differing(base: str) -> list[str]:
    tracked = _git("diff", "--name-only", "--no-renames", "-z", base)
    new = _git("ls-files", "--others", "--exclude-standard", "-z")
    return sorted({name for name in (tracked + "\0" + new).split("\0") if name})


def _named(commit: str) -> str:
    return _git("log", "-1", "--format=%h (%s)", commit) or commit


def _git(*words: str) -> str:
    """Return what git answers; nothing when it refuses."""
    done = subprocess.run(["git", *words], check=False, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip().strip("\0") if done.returncode == 0 else ""
