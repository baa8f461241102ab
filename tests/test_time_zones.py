"""Time zones by name: what is suggested for a misspelt one."""

import pytest

from conversas import ConfigurationError
from conversas.time_zones import load_time_zone


@pytest.mark.parametrize("text", ["america/sao_paulo", "America/SaoPaulo", "Sao_Paulo", "sao paulo"])
def test_a_misspelt_name_gets_a_suggestion(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"name of a time zone; did you mean America/Sao_Paulo\?$"):
        load_time_zone(text)


@pytest.mark.parametrize("text", ["", "Mars", "../etc/passwd", "x" * 9999, "\0", 3])
def test_what_resembles_no_name_gets_an_example(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"time zone, for example UTC or America/Sao_Paulo$"):
        load_time_zone(text)


@pytest.mark.parametrize("name", ["UTC", "America/Sao_Paulo", "Etc/GMT+3"])
def test_a_name_is_that_of_a_zone(name: str) -> None:
    assert str(load_time_zone(name)) == name
