"""Words of pages, by language."""

from functools import cache
from typing import Any, Literal

from attrs import frozen

from conversas.errors import ConfigurationError

Language = Literal["en", "pt-BR"]
LANGUAGES: tuple[Language, ...] = ("en", "pt-BR")


@frozen
class Labels:
    """The words of one language."""

    language: str
    words: dict[str, Any]

    def __call__(self, name: str, group: str | None = None) -> str:
        """Return the words of a name, of a group such as `roles` if there is one."""
        return str(self.words[group][name] if group else self.words[name])

    def group(self, name: str) -> dict[str, str]:
        """Return all words of a group."""
        return dict(self.words[name])

    def weekday(self, number: int) -> str:
        """Return the name of a day of the week, from Monday, which is 0."""
        return str(self.words["weekdays"][number])


@cache
def load_labels(language: str) -> Labels:
    """Return the words of a language.

    Raises:
        ConfigurationError: The language is unknown.
    """
    import tomllib  # not with the module: commands that only name the languages start sooner

    languages = tomllib.loads(package_text("labels.toml"))
    if language not in languages:
        raise ConfigurationError(f"`language` must be one of {', '.join(LANGUAGES)}, got {language!r}")
    return Labels(language, languages[language])


@cache
def package_text(name: str) -> str:
    """Return the text of a file of this package."""
    from importlib.resources import files

    return (files(__package__ or "") / name).read_text("utf-8")
