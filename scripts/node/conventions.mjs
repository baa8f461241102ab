// Rules of openapi/README.md, "Conventions", that no built-in rule and no assertion can say.
const SCHEMA = /^#\/components\/schemas\/[^/]+$/;
const LISTS = ['x-enum-varnames', 'x-enumNames'];
const NAME = /^[A-Z][A-Z0-9_]*$/;

// Some languages drop a member of a double name, name the last ones by number where names are too few, or do not
// compile where two enums of one file share a name.
function EnumNames() {
  const taken = new Set();
  return {
    Schema(schema, {location, report}) {
      if (!schema.enum) return;
      for (const key of LISTS) {
        const names = schema[key] ?? [];
        const complain = (message) => report({message, location: location.child(key)});
        if (names.length !== schema.enum.length) complain(`${names.length} names for ${schema.enum.length} values.`);
        if (String(names) !== String(schema[LISTS[0]])) complain(`Not the names of ${LISTS[0]}.`);
        for (const name of names) {
          if (!NAME.test(name)) complain(`${name} is not in capitals, digits and underscores.`);
          if (taken.has(key + name)) complain(`The name ${name} stands twice in this file.`);
          taken.add(key + name);
        }
      }
    },
  };
}

// Inline enums get a class for each place where they stand; some generators give them no null.
function EnumIsComponent() {
  return {
    Schema(schema, {location, report}) {
      if (schema.enum && !SCHEMA.test(location.pointer)) {
        report({message: 'An enum is a schema of its own in components.', location: location.child('enum')});
      }
    },
  };
}

// A file that stands alone can be handed on by itself.
function LocalReference() {
  return {
    ref(node, {location, report}) {
      if (!node.$ref.startsWith('#/')) report({message: 'A reference leads out of the file.', location: location.child('$ref')});
    },
  };
}

export default () => ({
  id: 'conventions',
  rules: {oas3: {'enum-names': EnumNames, 'enum-is-component': EnumIsComponent, 'local-reference': LocalReference}},
});
