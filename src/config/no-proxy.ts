import { BlockList, isIPv4 } from "node:net";

/**
 * Whether a list of exempt hosts holds this one, by the rules of Python's `requests`: an address is compared as it is or
 * with networks (10.0.0.0/8); of a name the end counts, with or without its port, with or without a leading dot; "*" alone is
 * everything.
 */
export function isExempt(host: string, port: number | undefined, entries: readonly string[]): boolean {
  if (entries.length === 1 && entries[0] === "*") return true;
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  const withPort = port === undefined ? name : `${name}:${port}`;
  return entries.some((entry) => {
    if (isIPv4(name) && (entry === name || isInNetwork(name, entry))) return true;
    // requests compares ends of texts; the library below it compares whole labels, whatever their case.
    if (!isIPv4(name) && (name.endsWith(entry) || withPort.endsWith(entry))) return true;
    const labels = entry.replace(/^\.+/, "").toLowerCase();
    return name === labels || name.endsWith(`.${labels}`);
  });
}

/** The entries of a `no_proxy` value. */
export function exemptEntries(text: string): readonly string[] {
  return text
    .replaceAll(" ", "")
    .split(",")
    .filter((entry) => entry !== "");
}

function isInNetwork(address: string, entry: string): boolean {
  const [, network = "", bits = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(entry) ?? [];
  if (!isIPv4(network) || Number(bits) < 1 || Number(bits) > 32) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(bits));
  return block.check(address);
}
