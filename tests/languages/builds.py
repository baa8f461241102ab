"""Generates clients as openapi/README.md tells to, and compiles them with a program and the quick start."""

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import openapi_generator_cli

from support.examples import OUTCOMES, WITHOUT_DRIFT, body_of
from support.processes import NODE_TOOLS, ROOT, output

README = ROOT / "openapi" / "README.md"
QUICK_STARTS = {"java": "QuickStart.java", "go": "quickstart/main.go"}
"""The file for the code of each docs/specs-<language>.md; that of TypeScript needs the npm archive."""
PROVIDERS = ("zild", "superagentes")
"""The providers whose clients the programs in this folder are written for."""
SPECS = {"contract": "zild.yaml", "open form": "open/zild.json"}
ANNOTATIONS = "/usr/share/java/jakarta-annotation-api.jar"
GENERATOR = Path(openapi_generator_cli.__file__).with_name("openapi-generator.jar")
CLASS_PATH = f"{GENERATOR}:{ANNOTATIONS}"  # the generator has Jackson in its jar, which its clients need
QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # for programs that end after a second

Program = Callable[[Iterable[str]], str]
"""Takes refs, reads each, and gives what it writes."""


def build(language: str, root: Path) -> dict[str, Program]:
    """Build the program for each form of the specs, in folders below `root`."""
    sources = Path(__file__).parent / language
    folders = {form: shutil.copytree(sources, root / form.replace(" ", "-")) for form in SPECS}
    if language != "typescript":
        for folder in folders.values():
            _write_quick_start(language, folder / QUICK_STARTS[language])
        _generate(language, folders)
    compiled = {"typescript": _typescript, "java": _java, "go": _go}[language]
    return {form: compiled(form, folder) for form, folder in folders.items()}


def _write_quick_start(language: str, file: Path) -> None:
    page = (ROOT / "docs" / f"specs-{language}.md").read_text("utf-8")
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    file.parent.mkdir(exist_ok=True)
    file.write_text(code, "utf-8")


def _typescript(form: str, folder: Path) -> Program:
    for provider in PROVIDERS:
        program, *arguments = _command("openapi-typescript", form, provider)
        output(NODE_TOOLS / program, *arguments, cwd=folder)
    (folder / "bodies.ts").write_text("".join(_typed_bodies(form)), "utf-8")
    (folder / "node_modules").symlink_to(NODE_TOOLS.parent)
    output(NODE_TOOLS / "tsc", cwd=folder)
    return lambda refs: output("node", "built/reader.js", *refs, cwd=folder)


def _typed_bodies(form: str) -> Iterator[str]:
    """Write examples as values of the types that they should be of, for the compiler to say whether they are."""
    in_open_form = [name for name, outcome in OUTCOMES.items() if "wrong-type" not in str(outcome["drift"])]
    for provider in PROVIDERS:
        names = [name for name in (WITHOUT_DRIFT if form == "contract" else in_open_form) if name.startswith(provider)]
        bodies = ",\n".join(json.dumps(json.loads(body_of(name).decode("utf-8-sig", "replace"))) for name in names)
        yield f'import type {{ components as {provider}Components }} from "./{provider}.js";\n'
        yield f'export const {provider}: {provider}Components["schemas"]["Conversation"][] = [\n{bodies}\n];\n'


def _java(_form: str, folder: Path) -> Program:
    command = ["javac", *(f"-J{option}" for option in QUICK), "-nowarn", "-proc:none", "-cp", CLASS_PATH, "-d", "built"]
    output(*command, "Reader.java", QUICK_STARTS["java"], *folder.glob("*/src/main/**/*.java"), cwd=folder)
    # Before Java 18, the client reads bodies in the encoding of the machine.
    command = ["java", *QUICK, "-Dfile.encoding=UTF-8", "-cp", f"built:{CLASS_PATH}", "Reader"]
    return lambda refs: output(*command, *refs, cwd=folder)


def _go(_form: str, folder: Path) -> Program:
    output("go", "build", "-o", "built/", ".", "./quickstart", cwd=folder)
    return lambda refs: output(folder / "built" / "reader", *refs, cwd=folder)


def _generate(language: str, folders: dict[str, Path]) -> None:
    """Do what the command would do for each form and provider, all at once: its start takes the longest."""
    files = {folder / f"{provider}.json": form for form, folder in folders.items() for provider in PROVIDERS}
    for file, form in files.items():
        _, _, *options = _command(f"openapi-generator-cli generate -g {language}", form, file.stem)
        file.write_text(json.dumps(_settings(options, file.parent)), "utf-8")
    output("java", *QUICK, "-jar", GENERATOR, "batch", "--fail-fast", *files, cwd=Path(__file__).parent)


def _settings(options: list[str], folder: Path) -> dict[str, object]:
    """Return the options of a command in a folder as a file of settings has them."""
    short = {"g": "generatorName", "i": "inputSpec", "o": "outputDir"}
    settings: dict[str, object] = {}
    for option, value in zip(options[::2], options[1::2], strict=True):
        name = option.lstrip("-")
        name = short.get(name) or re.sub("-(.)", lambda found: found[1].upper(), name)
        settings[name] = dict(pair.split("=") for pair in value.split(",")) if "=" in value else value
    return settings | {"outputDir": str(folder / str(settings["outputDir"]))}


def _command(beginning: str, form: str, provider: str) -> list[str]:
    """Return a command of openapi/README.md, for a form and a provider."""
    text = README.read_text("utf-8").replace("\\\n", " ")
    (command,) = re.findall(rf"^{beginning} .*$", text, re.MULTILINE)
    spec = str(README.parent / SPECS[form])
    words = [spec if word in SPECS.values() else word for word in shlex.split(command)]
    return [word.replace("zild", provider) for word in words]
