"""What import-linter cannot say: habits of importing that hold for every source file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for package in ("venues", "crawlers", "index") for path in (ROOT / package).rglob("*.py"))
HEAVY = {"torch", "transformers", "sentence_transformers", "onnx", "ir_measures", "typer"}


def faults(source: str, name: str = "index/sqlite.py") -> list[str]:
    """Return where a file imports as none should."""
    tree = ast.parse(source)
    found = [
        f"{name}:{node.lineno} imports index as a name, which is every programmer's word for a number"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(each.name == "index" for each in node.names)
    ]
    for node in tree.body:
        modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [
            f"{name}:{node.lineno} loads {module} with the module, not at first use"
            for module in modules
            if module.partition(".")[0] in HEAVY and name != "venues/cli.py"
        ]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_slow_imports_wait_for_first_use(path: Path) -> None:
    assert [] == faults(path.read_text("utf-8"), str(path.relative_to(ROOT)))


@pytest.mark.parametrize("source", ["import index", "import torch", "from sentence_transformers import models"])
def test_the_check_finds_what_it_looks_for(source: str) -> None:
    assert 1 == len(faults(source))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_500_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 500
