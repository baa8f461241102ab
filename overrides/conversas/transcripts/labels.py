"""Labels of pages, by language."""

from functools import cache
from typing import Any, Literal

from attrs import frozen

from conversas.errors import ConfigurationError

Language = Literal["en", "pt-BR"]
LANGUAGES: tuple[Language, ...] = ("en", "pt-BR")


@frozen
class Labels:
    """The labels of one language."""

    language: str
    words: dict[str, Any]

    def __call__(self, name: str, group: str | None = None) -> str:
        """Return the label with a name, from a group such as `roles` if `group` is set."""
        return str(self.words[group][name] if group else self.words[name])

    def group(self, name: str) -> dict[str, str]:
        """Return all labels of a group."""
        return dict(self.words[name])

    def weekday(self, number: int) -> str:
        """Return the name of a day of the week. Monday is 0."""
        return str(self.words["weekdays"][number])


@cache
def load_labels(language: str) -> Labels:
    """Return the labels of a language.

    Raises:
        ConfigurationError: The language is unknown.
    """
    import tomllib  # here: commands that only need the names of the languages start faster

    languages = tomllib.loads(package_text("labels.toml"))
    if language not in languages:
        raise ConfigurationError(f"`language` must be one of {', '.join(LANGUAGES)}, got {language!r}")
    return Labels(language, languages[language])


@cache
def package_text(name: str) -> str:
    """Return the text of a file of this package."""
    from importlib.resources import files

    return (files(__package__ or "") / name).read_text("utf-8")
