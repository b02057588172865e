import type { WayOut } from "./app-config.js";
import type { SectionReader } from "./section-reader.js";
import type { TrustarWay } from "./trustar-way.js";
import { readWebAddress } from "./web-address.js";
import type { Secret } from "../core/secret.js";

/** Keys that the threat source and the accounts have in common. */

/** The address, and the way to it. */
export function readApi(section: SectionReader, way: TrustarWay): WayOut & { readonly url: string } {
  const url = readWebAddress(section, "url", "https://api.trustar.co", /\/api\/1\.3$/i);
  return { url, ca: way.ca, proxy: way.proxyFor(url) };
}

export function readStationUrl(section: SectionReader): string {
  return readWebAddress(section, "station_url", "https://station.trustar.co");
}

export function readApiKey(section: SectionReader): Secret {
  return section.requiredToken("user_api_key", whereFrom("the API key"));
}

export function readApiSecret(section: SectionReader): Secret {
  return section.requiredToken("user_api_secret", whereFrom("the API secret"));
}

function whereFrom(what: string): string {
  return `it is ${what} that TruSTAR Station shows under Settings, API`;
}

/** TruSTAR lets a user make 60; whoever shares a key with another program leaves that one its part. */
export function readCallsPerMinute(section: SectionReader): number {
  return section.integer("calls_per_minute", { min: 1, max: 6_000, fallback: 60 });
}

export function readEnclaveIds(section: SectionReader, key: string): readonly string[] {
  const ids = section.list(key);
  if (!ids.every((id) => /^[\w-]+$/.test(id))) {
    section.problem(
      key,
      "must be enclave ids separated by commas, such as 7a33144f-aef3-442b-87d4-dbf70d8afdb0",
    );
  }
  return ids;
}
