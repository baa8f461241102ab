"""Page for people about each spec, dist/reference/<name>.html: one file that makes no network request."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.regenerate.spec import load_yaml

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "dist" / "reference"
REDOCLY = ROOT / "scripts" / "node" / "node_modules" / ".bin" / "redocly"
SETTINGS = {
    "disableTelemetry": "true",
    "expandResponses": "all",
    "schemasExpansionLevel": "all",
    "jsonSamplesExpandLevel": "all",
    "maxDisplayedEnumValues": "100",
}
LOGOS = ("https://cdn.redoc.ly/redoc/logo-mini-full.svg", "https://cdn.redoc.ly/redoc/logo-mini.svg")
LOGO = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='42' height='12'>"
    "<text y='10' font-size='11' font-family='sans-serif' fill='gray'>Redocly</text></svg>"
)
HEAD = "<head>\n"
# Browsers enforce this policy: inline scripts and styles, embedded pictures, and nothing from elsewhere.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"


def build(spec: Path, page: Path) -> None:
    """Write the page of a spec."""
    page.parent.mkdir(parents=True, exist_ok=True)
    settings = [f"--openapi.{name}={value}" for name, value in SETTINGS.items()]
    subprocess.run(
        [REDOCLY, "build-docs", spec, "--inlineBundle", *settings, "--output", page],
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        check=True,
    )
    section = load_yaml(spec)["tags"][0]["name"]
    page.write_text(_opened(_alone(page.read_text("utf-8")), section), "utf-8")


def _opened(page: str, section: str) -> str:
    """Return the page with a script that opens the operations of a section. Redoc shows them only at their address."""
    script = f"<script>if (!location.hash) location.replace({json.dumps(f'#/{section}')})</script>"
    return page.replace(HEAD, f"{HEAD}  {script}\n", 1)


def _alone(page: str) -> str:
    """Return the page without the parts that would make network requests."""
    for address in LOGOS:
        assert address in page, f"{address} has moved"
        page = page.replace(address, LOGO)
    assert HEAD in page
    return page.replace(HEAD, f'{HEAD}  <meta http-equiv="Content-Security-Policy" content="{POLICY}">\n', 1)


def main() -> int:
    """Build the page of every spec."""
    if not REDOCLY.exists():
        print("redocly is missing: run npm ci --prefix scripts/node", file=sys.stderr)
        return 1
    for spec in sorted((ROOT / "openapi").glob("*.yaml")):
        page = REFERENCE / f"{spec.stem}.html"
        build(spec, page)
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
