"""The product's own source, as the house tests read it."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "nichandle"
WINGS = ("platform", "identity", "commerce", "support", "sites")
# The names that say the same in every room, and in every folder of one.
PARTS = {
    "urls",
    "views",
    "forms",
    "http",
    "middleware",
    "context",
    "management",
    "templatetags",
    "operations",
    "mails",
    "queries",
    "models",
}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
NOT_OURS = {
    ".venv",
    ".git",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "build",
}


@dataclass(frozen=True)
class Module:
    """One Python file of the product: where it stands and what it says."""

    path: Path
    text: str

    @property
    def where(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def room(self) -> str:
        """Its folder below the package, such as `identity/signin`; "" for what is in no room."""
        folders = self.path.relative_to(PACKAGE).parts[:-1]
        return "/".join(folders[: 2 if folders[:1] and folders[0] in WINGS else 1])

    @property
    def inside(self) -> tuple[str, ...]:
        """Its folders inside its room, and its own name."""
        return self.path.relative_to(PACKAGE / self.room).with_suffix("").parts

    @property
    def part(self) -> str:
        """What it is in its room: `views`, `operations`, also when that is a package."""
        return next((name for name in self.inside if name in PARTS), self.inside[-1])

    @property
    def name(self) -> str:
        dotted = ".".join(self.path.relative_to(ROOT).with_suffix("").parts)
        return dotted.removesuffix(".__init__")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree, as often as a rule wants to look at them."""
        return list(ast.walk(self.tree))


def with_more(where: str, more: str) -> Module:
    """Return a real module of the product with something more at its end, as a break for a rule."""
    path = PACKAGE / where
    return Module(path, f"{path.read_text('utf-8')}\n\n{more}\n")


@cache
def product() -> tuple[Module, ...]:
    """Return the product's modules, tests and migrations aside."""
    found = [
        Module(path, path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if not {"tests", "migrations"} & set(path.relative_to(PACKAGE).parts)
    ]
    assert len(found) > 50, "the walk finds nothing"
    return tuple(found)


@cache
def all_python() -> tuple[Path, ...]:
    """Return every Python file here, tests, benches and scripts included."""
    found = tuple(path for path in sorted(ROOT.rglob("*.py")) if _ours(path))
    assert len(found) > 100, "the walk finds nothing"
    return found


ENTRY_POINTS = {"nichandle.config.settings"}


@cache
def import_all() -> int:
    """Import every module of the product, so that all classes and registrations exist."""
    for module in product():
        # Those are entry points that act when imported.
        if module.name not in ENTRY_POINTS:
            import_module(module.name)
    return len(product())


@cache
def kept_files() -> tuple[Path, ...]:
    """Return the files that git keeps or would keep; where there is no git, all that are ours."""
    if not (ROOT / ".git").exists():
        return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and _ours(path))
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


def templates(*, mails: bool) -> list[Path]:
    """Return the templates of mails, or those of pages."""
    found = [
        path
        for pattern in ("*.html", "*.txt", "*.svg")
        for path in sorted(PACKAGE.glob(f"*/*/templates/**/{pattern}"))
        if ("mail" in path.parent.parts[len(PACKAGE.parts) :]) == mails
    ]
    assert found, "the walk finds nothing"
    return found


def literal_calls(*functions: str) -> dict[str, list[str]]:
    """
    Return what functions are called with first, by literal, and where; pairs count too.

    Each of them has to be found: one that was renamed would be looked for in vain.
    """
    found: dict[str, list[str]] = {}
    missed = set(functions)
    for module in product():
        for node in module.nodes:
            if isinstance(node, ast.Call) and called(node) in functions:
                for word in _first_words(node):
                    missed.discard(called(node))
                    found.setdefault(word, []).append(f"{module.where}:{node.lineno}")
    assert not missed, f"nobody calls {missed} with a word"
    return found


def _first_words(node: ast.Call) -> Iterator[str]:
    firsts = node.args[:1] + [each.elts[0] for each in node.args if isinstance(each, ast.Tuple)]
    for first in firsts:
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def functions(module: Module) -> list[FUNCTION]:
    return [node for node in module.nodes if isinstance(node, FUNCTION)]


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return not NOT_OURS & set(parts) and not any(part.endswith(".egg-info") for part in parts)
