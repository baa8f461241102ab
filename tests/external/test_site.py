"""The documentation site: it builds without a warning, makes no request, and its search finds what people look for."""

import re
import shutil
from pathlib import Path

import pytest

import conversas
from support.processes import ROOT, output

SPHINX = ROOT / ".venv-docs" / "bin" / "sphinx-build"
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc="(?!data:)([^"]*)"|<link[^>]*\shref="([^"]*)"|url\(["']?(?!data:)([^)"']+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, with each warning as an error: a link or an anchor that leads nowhere is one."""
    folder = tmp_path_factory.mktemp("site")
    output(
        SPHINX,
        "--conf-dir",
        "docs",
        "--fail-on-warning",
        "--quiet",
        "-d",
        folder / "state",
        ".",
        folder / "site",
        cwd=ROOT,
    )
    return folder / "site"


@pytest.mark.program(str(SPHINX), "chromium")
def test_the_site_is_whole_makes_no_request_and_finds_a_rate_limit(site: Path) -> None:
    assert missing_pages(site) == []
    assert loaded_from_elsewhere(site) == []
    assert found(site, "rate limit")[:2].count("docs/rate-limits.html") == 1
    assert found(site, "LGPD")
    documented = set(
        re.findall(
            r'<dt class="sig sig-object py" id="conversas\.([\w.]+)"', (site / "docs/api.html").read_text("utf-8")
        )
    )
    assert {name for name in documented if "." not in name} == set(conversas.__all__)
    assert [name for name in documented if re.search(r"(^|\.)_(?!_version__)", name)] == []


def missing_pages(site: Path) -> list[str]:
    pages = [
        page
        for folder in (".", "docs", "openapi")
        for page in (ROOT / folder).glob("*.md")
        if page.name != "README.md" or folder == "openapi"
    ]
    names = [page.relative_to(ROOT).with_suffix(".html").as_posix() for page in pages]
    return [name for name in [*names, "index.html"] if not (site / name).exists()]


def loaded_from_elsewhere(site: Path) -> list[str]:
    """Return what a page, a style or a picture loads that is not a file of the site."""
    files = [file for file in site.rglob("*") if file.suffix in {".html", ".css", ".svg"}]
    loaded = [(file, next(filter(None, match))) for file in files for match in LOADED.findall(file.read_text("utf-8"))]
    return [
        f"{file.name}: {target}" for file, target in loaded if not (file.parent / re.split("[?#]", target)[0]).exists()
    ]


def found(site: Path, query: str) -> list[str]:
    """Return the pages that the search of the site finds, the best first."""
    browser = shutil.which("chromium")
    assert browser
    address = f"{(site / 'search.html').as_uri()}?q={query.replace(' ', '+')}"
    page = output(browser, "--headless", "--no-sandbox", "--virtual-time-budget=10000", "--dump-dom", address, cwd=site)
    return re.findall(r'<li class="kind-\w+"><a href="([^"?#]+)', page)
