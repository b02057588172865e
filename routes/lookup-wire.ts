import type { Hit, HitProperty } from "../src/core/hit.js";
import type { Answer } from "../src/core/lookup.js";

interface WireProperty {
  readonly type: HitProperty["type"];
  readonly name: string;
  readonly value: string | { readonly lat: number; readonly lng: number };
}

/** ResponseDTO of the Custom Threat Service Guide; `error` is ours and the platform ignores it. */
interface WireBody {
  readonly id: string | null;
  readonly hits: readonly { readonly props: readonly WireProperty[] }[];
  readonly retry_secs?: number;
  readonly error?: string;
}

/**
 * What goes out for an answer, as JSON. 303 with `retry_secs` is this protocol's "ask again later": not a redirect, so
 * no Location. 503 makes the platform ask again, where 200 would say "clean" and a 4xx would end all asking.
 */
export class WireAnswers {
  /** The hits of a finished look-up never change, however often they are asked for. */
  readonly #finished = new WeakMap<readonly Hit[], string>();

  textOf(answer: Answer): readonly [status: number, text: string] {
    const { id } = answer;
    switch (answer.state) {
      case "finished":
        return [200, `{"id":${JSON.stringify(id)},"hits":${this.#hitsText(answer.hits)}}`];
      case "pending":
        return [303, toText({ id, hits: answer.hits.map(wireHit), retry_secs: answer.retrySecs })];
      case "failed":
        return [503, toText({ id, hits: [], error: answer.error })];
    }
  }

  #hitsText(hits: readonly Hit[]): string {
    const known = this.#finished.get(hits);
    if (known !== undefined) return known;
    const text = JSON.stringify(hits.map(wireHit));
    this.#finished.set(hits, text);
    return text;
  }
}

function toText(body: WireBody): string {
  return JSON.stringify(body);
}

export function errorBody(error: string): WireBody {
  return { id: null, hits: [], error };
}

function wireHit(hit: Hit): WireBody["hits"][number] {
  return hit.props.every(isWireProperty) ? { props: hit.props } : { props: hit.props.map(wireProperty) };
}

/** rc-cts has always sent numbers as text, and that is what the platform has been shown. */
function wireProperty(property: HitProperty): WireProperty {
  return isWireProperty(property) ? property : { ...property, value: String(property.value) };
}

function isWireProperty(property: HitProperty): property is Exclude<HitProperty, { type: "number" }> {
  return property.type !== "number";
}
