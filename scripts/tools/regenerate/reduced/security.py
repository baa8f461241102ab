"""Reading of security. Each scheme that is used has a client, which sends the credential as the scheme says."""

import re

from attrs import define, field

from conversas.json_pointer import is_array, is_object
from tools.regenerate.reduced.api import SecurityScheme
from tools.regenerate.reduced.names import UniqueNames, class_name
from tools.regenerate.reduced.problems import shown
from tools.regenerate.reduced.source import Place, Source

HEADER_NAME = re.compile("[A-Za-z0-9._-]+")
PLAIN = "Client"
KNOWN = "the clients support only bearer and basic credentials, and API keys in a header or in the query"


@define
class SecurityReader:
    """Reader of the security of one document."""

    source: Source
    schemes: dict[str, SecurityScheme] = field(factory=dict[str, SecurityScheme], init=False)
    """Schemes that operations use, by name. The first scheme has the class AuthenticatedClient."""
    _class_names: UniqueNames = field(factory=lambda: UniqueNames({"client"}), init=False)

    def used(self) -> tuple[SecurityScheme, ...]:
        """Return the schemes that operations use; if no scheme is used, the first scheme that the clients support."""
        before = dict(self.source.problems.found)
        for name, _ in self.source.root.members("components", "securitySchemes"):
            if not self.schemes and (found := self._scheme(name, self.source.root)) is not None:
                self.schemes[name] = found
        self.source.problems.found = before
        return tuple(self.schemes.values())

    def clients_of(self, operation: Place) -> tuple[str, ...]:
        """Return the names of the clients that may send an operation. Its own security overrides that of the spec."""
        place = operation.get("security")
        if not is_array(place.value):
            place = self.source.root.get("security")
        alternatives = place.items()
        if not alternatives:
            return ("AuthenticatedClient", PLAIN)
        before = dict(self.source.problems.found)
        names = [self._client(each) for each in alternatives]
        usable = tuple(dict.fromkeys(name for name in names if name is not None))
        if usable:  # one alternative is enough
            self.source.problems.found = before
        return usable or (PLAIN,)

    def _client(self, place: Place) -> str | None:
        if not is_object(place.value):
            return None
        if not place.value:
            return PLAIN
        if len(place.value) > 1:
            self.source.problems.add(place.pointer, "a client has one credential: name one scheme in each alternative")
            return None
        (name,) = place.value
        if name not in self.schemes:
            found = self._scheme(name, place)
            if found is None:
                return None
            self.schemes[name] = found
        return self.schemes[name].class_name

    def _scheme(self, name: str, used: Place) -> SecurityScheme | None:
        place = self.source.resolved(self.source.root.get("components", "securitySchemes", name))
        kind, parameter = self._kind(place), str(place.get("name").value or "")
        if not place.value:
            self.source.problems.add(used.pointer, f"the security scheme {shown(name)} does not exist")
        elif kind is None:
            self.source.problems.add(place.pointer, KNOWN)
        elif kind == "header" and not HEADER_NAME.fullmatch(parameter):
            self.source.problems.add(
                f"{place.pointer}/name", "must be the name of a header, with letters, digits, '-', '_' and '.' only"
            )
        else:
            wanted = f"{class_name(name)}Client" if self.schemes else "AuthenticatedClient"
            return SecurityScheme(name, self._class_names.take(wanted, ""), kind, parameter)
        return None

    def _kind(self, place: Place) -> str | None:
        kind, scheme, location = (str(place.get(key).value) for key in ("type", "scheme", "in"))
        if kind == "http" and scheme.lower() in ("bearer", "basic"):
            return scheme.lower()
        if kind == "apiKey" and location in ("header", "query"):
            return location
        return "bearer" if kind in ("oauth2", "openIdConnect") else None
