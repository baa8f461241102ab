"""The output of scripts/release: its site builds without a warning, makes no request and can be searched."""

import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

import conversas
from support.processes import ROOT, output
from tools.release.artifacts import build

SPHINX = ROOT / ".venv-docs" / "bin" / "sphinx-build"
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc="(?!data:)([^"]*)"|<link[^>]*\shref="([^"]*)"|url\(["']?(?!data:)([^)"']+)"""
)


@pytest.mark.program(str(SPHINX), "chromium", "npm")
def test_a_release_has_a_site_that_is_whole_makes_no_request_and_finds_a_rate_limit(tmp_path: Path) -> None:
    files = build(tmp_path / "release", conversas.__version__)  # a link or an anchor that leads nowhere is an error
    output("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=tmp_path / "release")
    (archive,) = (file for file in files if "site" in file.name)
    site = unpacked(archive, tmp_path)
    assert missing_pages(site) == []
    assert loaded_from_elsewhere(site) == []
    assert "docs/rate-limits.html" in found(site, "rate limit")[:2]
    assert found(site, "LGPD")[0] == "docs/personal-data.html"
    api = (site / "docs" / "api.html").read_text("utf-8")
    documented = set(re.findall(r'<dt class="sig sig-object py" id="conversas\.([\w.]+)"', api))
    assert {name for name in documented if "." not in name} == set(conversas.__all__)
    assert (
        re.findall(r"attr_dict\[|Type<span class=.colon.>", api) == []
    )  # defaults by name; no text before a colon becomes a type
    assert [name for name in documented if re.search(r"(^|\.)_(?!_version__|_call__)", name)] == []


def unpacked(archive: Path, folder: Path) -> Path:
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder / archive.stem


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
