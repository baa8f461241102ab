// Reads conversations through the generated types, and writes each as it came out of there, one JSON object a line.
// The variables are those that `conversas sandbox` prints; the arguments are refs, such as zild:123.
import createClient from "openapi-fetch";

import type { paths as Superagentes } from "./superagentes.js";
import type { paths as Zild } from "./zild.js";

declare const process: { argv: string[]; env: Record<string, string | undefined> };

const env = process.env;
const zild = createClient<Zild>({
    baseUrl: env["ZILD_BASE_URL"] ?? "",
    headers: { Authorization: `Bearer ${env["ZILD_TOKEN"]}` },
});
const superagentes = createClient<Superagentes>({
    baseUrl: env["SUPERAGENTES_BASE_URL"] ?? "",
    headers: { Authorization: `Bearer ${env["SUPERAGENTES_TOKEN"]}` },
});

function get(provider: string, id: string) {
    return provider === "zild"
        ? zild.GET("/api/Conversation/{id}", { params: { path: { id: Number(id) } } })
        : superagentes.GET("/conversations/{id}", { params: { path: { id } } });
}

for (const ref of process.argv.slice(2)) {
    const [provider = "", id = ""] = ref.split(":");
    const { data, response } = await get(provider, id);
    if (response.status !== 200) throw new Error(`${ref}: ${response.status}`);
    console.log(JSON.stringify({ ref, read: data }));
}
