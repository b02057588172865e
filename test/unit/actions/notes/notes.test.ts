import { fc } from "../../../support/fast-check.js";
import { ElementType, parseDocument } from "htmlparser2";
import type { IndicatorRef } from "../../../../src/core/report.js";
import { escapeHtml, link } from "../../../../services/actions/notes/escape-html.js";
import { indicatorsNote } from "../../../../services/actions/notes/indicators-note.js";
import {
  isIndicatorsNote,
  isOurNote,
  isSubmissionNote,
} from "../../../../services/actions/notes/our-note.js";
import { indicatorsInNote } from "../../../../services/actions/notes/read-indicators-note.js";
import { submissionNote } from "../../../../services/actions/notes/submission-note.js";
import { htmlToShownText } from "../../../../services/actions/report/html-text.js";
import { oneLine } from "../../../../services/actions/report/plain-text.js";

const station = "https://station.trustar.co/constellation/reports/";

function linkOf({ type, value }: IndicatorRef): string {
  return station + Buffer.from(`${type}%7C${value}`).toString("base64");
}

type HtmlNode = ReturnType<typeof parseDocument>["children"][number];

/** Every element with its attributes, in document order, as a parser reads them. */
function elements(nodes: readonly HtmlNode[]): readonly string[] {
  return nodes.flatMap((node) => {
    if (node.type === ElementType.ElementType.Text) return [];
    if (!("children" in node) || !("attribs" in node)) return ["neither element nor text"];
    const names = Object.keys(node.attribs).join(" ");
    return [`${node.name} ${names}`.trim(), ...elements(node.children)];
  });
}

function hrefs(nodes: readonly HtmlNode[]): readonly string[] {
  return nodes.flatMap((node) => {
    if (!("children" in node)) return [];
    const own = "attribs" in node && node.attribs["href"] !== undefined ? [node.attribs["href"]] : [];
    return [...own, ...hrefs(node.children)];
  });
}

const allowed = new Set(["p", "b", "a href target rel"]);
const nasty = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "javascript:alert(1)",
  "&lt;b&gt;",
  "</a></p><h1>",
  "<!--",
  "]]>",
];

describe("the submission note", () => {
  it("has the legacy words and a link for each enclave", () => {
    const html = submissionNote([`${station}one`, `${station}two`, `${station}one`]);
    expect(html).toBe(
      "<p><b>TruSTAR Enrichment</b></p><p>TruSTAR Report Submitted Successfully.</p>" +
        `<p><a href="${station}one" target="_blank" rel="noopener noreferrer">${station}one</a></p>` +
        `<p><a href="${station}two" target="_blank" rel="noopener noreferrer">${station}two</a></p>`,
    );
  });

  it.each(nasty)("is inert with %j as link", (target) => {
    const { children } = parseDocument(submissionNote([target, `https://x.example/${target}`]));
    expect(elements(children).filter((element) => !allowed.has(element))).toEqual([]);
    expect(hrefs(children)).toHaveLength(1);
  });
});

describe("links", () => {
  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//x.example",
    "x",
    "",
    "file:///etc/passwd",
  ])("go to web pages only, not to %j", (target) => {
    expect(link(target, "<b>")).toBe("&lt;b&gt;");
  });
});

describe("the indicators note", () => {
  it("lists type, value and link", () => {
    const html = indicatorsNote([{ type: "IP", value: "45.9.148.1" }], linkOf);
    expect(html).toBe(
      "<p><b>TruSTAR Enrichment / Indicators</b></p>" +
        `<p>IP: <a href="${station}SVAlN0M0NS45LjE0OC4x" target="_blank" rel="noopener noreferrer">45.9.148.1</a></p>`,
    );
  });

  it("shows any value as its text, and nothing of it as markup", () => {
    const anyText = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: "binary" }), fc.string());
    fc.assert(
      fc.property(
        fc.array(fc.record({ type: anyText, value: anyText }), { maxLength: 5 }),
        anyText,
        (list, base) => {
          const html = indicatorsNote(list, ({ value }) => `https://x.example/${base}${value}`);
          const { children } = parseDocument(html);
          expect(elements(children).filter((element) => !allowed.has(element))).toEqual([]);
          for (const href of hrefs(children)) expect(href).toMatch(/^https:\/\/x\.example\//);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

const someIndicators: readonly IndicatorRef[] = [
  { type: "IP", value: "45.9.148.1" },
  { type: "URL", value: "http://evil.example/?a=1&b=<ok>&lt;" },
  { type: "EMAIL_ADDRESS", value: "jo@evil.example" },
  { type: "MALWARE", value: '"><img src=x onerror=alert(1)>' },
  { type: "SOFTWARE", value: "Some File: v2.exe" },
];

describe("reading an indicators note back", () => {
  const html = indicatorsNote(someIndicators, linkOf);

  it.each([
    ["as we wrote it", html],
    ["wrapped", `<div class="rte">${html}</div>`],
    ["wrapped with line ends", `\n<div>\n${html.replaceAll("</p>", "</p>\n")}</div>`],
    ["as plain text", htmlToShownText(html)],
    ["as plain text with Windows line ends", htmlToShownText(html).replaceAll("\n", "\r\n")],
    ["as a list", htmlToShownText(html).replaceAll("\n\n", "\n- ")],
    ["as one line", htmlToShownText(html).replaceAll(/\s+/g, " ")],
  ])("%s", (_, text) => {
    expect(isOurNote(text)).toBe(true);
    expect(isIndicatorsNote(text)).toBe(true);
    expect(isSubmissionNote(text)).toBe(false);
    expect(indicatorsInNote(text)).toEqual(someIndicators);
  });

  it("gives every value back that was put in, as one line", () => {
    const indicator = fc.record({ type: fc.constantFrom("IP", "URL", "CIDR_BLOCK"), value: fc.string() });
    fc.assert(
      fc.property(fc.array(indicator, { maxLength: 8 }), (list) => {
        const shown = list.map(({ type, value }) => ({ type, value: oneLine(value) }));
        const note = `<div>${indicatorsNote(list, linkOf)}</div>`;
        expect(indicatorsInNote(note)).toEqual(shown.filter(({ value }) => value !== ""));
      }),
    );
  });

  it("finds nothing in other notes", () => {
    expect(indicatorsInNote("IP: 1.2.3.4")).toEqual([]);
    expect(indicatorsInNote(submissionNote([station]))).toEqual([]);
  });
});

describe("recognising our notes", () => {
  const submission = submissionNote([`${station}one`]);
  it.each([
    ["the HTML we wrote", submission, true],
    ["wrapped by the server", `<div class="rte"><div>${submission}</div></div>`, true],
    ["plain text", "TruSTAR Enrichment\nTruSTAR Report Submitted Successfully.\nhttps://x", true],
    [
      "the legacy app's",
      "<b>TruSTAR&nbsp;Enrichment</b><br/>TruSTAR Report Submitted Successfully.<br/>",
      true,
    ],
    ["a quotation", "I looked at this.\nTruSTAR Enrichment says so.", false],
    ["another note", "<div>mail from <b>x</b></div>", false],
    ["typed brackets", "<ok>", false],
    ["nothing", "", false],
  ])("%s", (_, text, ours) => {
    expect(isOurNote(text)).toBe(ours);
    expect(isSubmissionNote(text)).toBe(ours);
  });
});

describe("escaping", () => {
  it("is undone by a parser, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { children } = parseDocument(`<p title="${escapeHtml(text)}">${escapeHtml(text)}</p>`);
        expect(elements(children)).toEqual(["p title"]);
        const [paragraph] = children;
        if (paragraph === undefined || !("attribs" in paragraph)) throw new Error("no paragraph");
        expect(paragraph.attribs["title"]).toBe(text);
      }),
    );
  });
});
