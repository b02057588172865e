import type { LeakGuardPolicy } from "../../../src/core/account.js";
import { maskDomains } from "./mask-domains.js";
import { maskPrivateAddresses } from "./mask-addresses.js";
import { outsideMarkers } from "./masking.js";
import { plainSpelling } from "./plain-spelling.js";
import { TermMasker } from "./mask-terms.js";

/** What was masked, by occurrence; never the values. */
export interface MaskedCounts {
  readonly terms: number;
  readonly addresses: number;
  readonly domains: number;
}

export interface GuardedText {
  readonly title: string;
  readonly body: string;
  readonly masked: MaskedCounts;
}

export type MaskingPolicy = Pick<LeakGuardPolicy, "redactTerms" | "maskPrivateAddresses" | "ownDomains">;

/** One text after one round of masking. */
interface Masked {
  readonly text: string;
  readonly masked: MaskedCounts;
}

export const nothingMasked: MaskedCounts = { terms: 0, addresses: 0, domains: 0 };

/**
 * Takes out of a report what must not leave. A second run finds nothing more, and the time grows with the text's
 * length only: no pattern here can backtrack over what it has read.
 */
export class LeakGuard {
  readonly #policy: MaskingPolicy;
  readonly #terms: TermMasker;

  constructor(policy: MaskingPolicy) {
    this.#policy = policy;
    this.#terms = new TermMasker(policy.redactTerms);
  }

  apply(report: { readonly title: string; readonly body: string }): GuardedText {
    const title = this.#maskFully(report.title);
    const body = this.#maskFully(report.body);
    return { title: title.text, body: body.text, masked: addCounts(title.masked, body.masked) };
  }

  /** A masked term can lay bare a domain (`x-corp.example` without `x-`), so it goes on until nothing is found. */
  #maskFully(text: string): Masked {
    if (!this.#masksAnything()) return { text, masked: nothingMasked };
    let done: Masked = { text: plainSpelling(text), masked: nothingMasked };
    for (;;) {
      const next = this.#maskOnce(done.text);
      if (next.text === done.text) return done;
      done = { text: next.text, masked: addCounts(done.masked, next.masked) };
    }
  }

  #masksAnything(): boolean {
    const { redactTerms, maskPrivateAddresses: hidesAddresses, ownDomains } = this.#policy;
    return redactTerms.length > 0 || hidesAddresses || ownDomains.length > 0;
  }

  #maskOnce(text: string): Masked {
    const { maskPrivateAddresses: hidesAddresses, ownDomains } = this.#policy;
    const addresses = hidesAddresses ? outsideMarkers(text, maskPrivateAddresses) : { text, count: 0 };
    const domains = outsideMarkers(addresses.text, (piece) => maskDomains(piece, ownDomains));
    const terms = outsideMarkers(domains.text, (piece) => this.#terms.mask(piece));
    return {
      text: terms.text,
      masked: { terms: terms.count, addresses: addresses.count, domains: domains.count },
    };
  }
}

/** For one report; whoever has many keeps a `LeakGuard`. */
export function applyLeakGuard(
  policy: MaskingPolicy,
  report: { readonly title: string; readonly body: string },
): GuardedText {
  return new LeakGuard(policy).apply(report);
}

export function addCounts(a: MaskedCounts, b: MaskedCounts): MaskedCounts {
  return {
    terms: a.terms + b.terms,
    addresses: a.addresses + b.addresses,
    domains: a.domains + b.domains,
  };
}
