const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Inert as text and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** A host in another script takes quadratic time to read; links of ours are ASCII and may be longer. */
const maxForeignChars = 1_000;

/** `label` as a link; as text alone when the target isn't a web page (`javascript:` and the like). */
export function link(target: string, label: string): string {
  const isReadable = target.length <= maxForeignChars || /^[\x20-\x7e]*$/.test(target);
  const url = isReadable && URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") return escapeHtml(label);
  return `<a href="${escapeHtml(url.href)}" target="_blank" rel="noopener noreferrer">${escapeHtml(label)}</a>`;
}
