import { fc } from "../../../support/fast-check.js";
import { ElementType, parseDocument } from "htmlparser2";
import type { IndicatorRef } from "../../../../src/core/report.js";
import { escapeHtml, link } from "../../../../services/actions/notes/escape-html.js";
import { indicatorsNote } from "../../../../services/actions/notes/indicators-note.js";
import {
  indicatorsHeading,
  isOnlySubmission,
  linesBelow,
  noteHeading,
  noteLines,
} from "../../../../services/actions/notes/our-note.js";
import { indicatorsInNote } from "../../../../services/actions/notes/read-indicators-note.js";
import { submissionNote } from "../../../../services/actions/notes/submission-note.js";
import { cpuSecsOf } from "../../../support/cpu-time.js";
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
  const read = async (text: string): Promise<readonly IndicatorRef[]> =>
    indicatorsInNote(await noteLines(text));

  it.each([
    ["as we wrote it", html],
    ["wrapped", `<div class="rte">${html}</div>`],
    ["wrapped with line ends", `\n<div>\n${html.replaceAll("</p>", "</p>\n")}</div>`],
  ])("%s", async (_, text) => {
    expect(await read(text)).toEqual(someIndicators);
    expect(isOnlySubmission(await noteLines(text))).toBe(false);
  });

  it.each<[string, (shown: string) => string]>([
    ["as plain text", (shown) => shown],
    ["as plain text with Windows line ends", (shown) => shown.replaceAll("\n", "\r\n")],
    ["as a list", (shown) => shown.replaceAll("\n\n", "\n- ")],
    ["as one line", (shown) => shown.replaceAll(/\s+/g, " ")],
  ])("%s", async (_, change) => {
    expect(await read(change(await htmlToShownText(html)))).toEqual(someIndicators);
  });

  it("gives every value back that was put in, as one line", async () => {
    const indicator = fc.record({ type: fc.constantFrom("IP", "URL", "CIDR_BLOCK"), value: fc.string() });
    await fc.assert(
      fc.asyncProperty(fc.array(indicator, { maxLength: 8 }), async (list) => {
        const shown = list.map(({ type, value }) => ({ type, value: oneLine(value) }));
        const note = `<div>${indicatorsNote(list, linkOf)}</div>`;
        expect(await read(note)).toEqual(shown.filter(({ value }) => value !== ""));
      }),
    );
  });

  it("finds nothing in other notes", async () => {
    expect(await read("IP: 1.2.3.4")).toEqual([]);
    expect(await read(submissionNote([station]))).toEqual([]);
  });
});

describe("recognising our notes", () => {
  const submission = submissionNote([`${station}one`]);
  it.each([
    ["the HTML we wrote", submission, true],
    ["wrapped by the server", `<div class="rte"><div>${submission}</div></div>`, true],
    [
      "plain text",
      "TruSTAR Enrichment\nTruSTAR Report Submitted Successfully.\nhttps://x/constellation/reports/1",
      true,
    ],
    [
      "the legacy app's",
      "<b>TruSTAR&nbsp;Enrichment</b><br/>TruSTAR Report Submitted Successfully.<br/>",
      true,
    ],
    ["a quotation", "I looked at this.\nTruSTAR Enrichment says so.", false],
    ["another note", "<div>mail from <b>x</b></div>", false],
    ["typed brackets", "<ok>", false],
    ["nothing", "", false],
    ["words of an analyst", `${submission}<p>Bob knows</p>`, false],
  ])("%s", async (_, text, ours) => {
    expect(isOnlySubmission(await noteLines(text))).toBe(ours);
  });

  it.each(["  ", "\n", "&nbsp;", "\u3000", "<br>"])(
    "takes no longer with more of %j in it",
    async (blank) => {
      for (const heading of [noteHeading, indicatorsHeading]) {
        const timeOf = (count: number): Promise<number> =>
          cpuSecsOf(async () => {
            const lines = await noteLines(
              `<p>${heading}</p>IP: x${blank.repeat(count)}IP${blank.repeat(count)}`,
            );
            linesBelow(lines, heading);
            indicatorsInNote(lines);
            isOnlySubmission(lines);
          });
        await timeOf(20_000);
        // What grows with the square of the length takes sixteen times as long, or far more.
        expect(await timeOf(200_000)).toBeLessThan(40 * ((await timeOf(50_000)) + 0.02));
      }
    },
  );
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
