/** The OpenAPI 3.1 document of Superagentes. Import its types from `types/superagentes.js`. */
export declare const superagentes: Readonly<Record<string, unknown>>;
/** The OpenAPI 3.1 document of Zild. Import its types from `types/zild.js`. */
export declare const zild: Readonly<Record<string, unknown>>;
/** The JSON Schema of the neutral form. */
export declare const neutral: Readonly<Record<string, unknown>>;
/** A conversation in the neutral form. */
export type Conversation = import("./types/neutral.js").components["schemas"]["Conversation"];
