import type { Route } from "./exchange.js";

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** `found`, or `wrong-method` when the path exists for another method, or `unknown`. */
export type Lookup =
  | ({ readonly kind: "found" } & Found)
  | { readonly kind: "wrong-method"; readonly template: string }
  | { readonly kind: "unknown"; readonly template: string };

interface Pattern {
  readonly segments: readonly string[];
  readonly route: Route;
}

/** Literal paths win over templates, so "/reports/search" is never a report's id. */
export class Router {
  readonly #literal = new Map<string, Route>();
  readonly #patterns: Pattern[] = [];
  readonly #paths = new Set<string>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.template.includes("{")) {
        this.#patterns.push({ segments: route.template.split("/"), route });
      } else {
        this.#literal.set(`${route.method} ${route.template}`, route);
        this.#paths.add(route.template);
      }
    }
  }

  find(method: string, path: string): Lookup {
    const literal = this.#literal.get(`${method} ${path}`);
    if (literal !== undefined) return { kind: "found", route: literal, params: {} };
    if (this.#paths.has(path)) return { kind: "wrong-method", template: path };
    const segments = path.split("/");
    let template: string | undefined;
    for (const pattern of this.#patterns) {
      const params = match(pattern.segments, segments);
      if (params === undefined) continue;
      if (pattern.route.method === method) return { kind: "found", route: pattern.route, params };
      template = pattern.route.template;
    }
    return template === undefined
      ? { kind: "unknown", template: "(unknown)" }
      : { kind: "wrong-method", template };
  }
}

function match(
  template: readonly string[],
  path: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (template.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of template.entries()) {
    const actual = path[at] ?? "";
    if (segment.startsWith("{")) {
      if (actual === "") return undefined;
      params[segment.slice(1, -1)] = decode(actual);
    } else if (segment !== actual) return undefined;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
