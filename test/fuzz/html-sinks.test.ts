import fc from "fast-check";
import { ElementType, parseDocument } from "htmlparser2";
import { inertReply } from "../../services/actions/inert-text.js";
import { escapeHtml, link } from "../../services/actions/notes/escape-html.js";
import { indicatorsNote } from "../../services/actions/notes/indicators-note.js";
import { noteLines } from "../../services/actions/notes/our-note.js";
import { indicatorsInNote } from "../../services/actions/notes/read-indicators-note.js";
import { submissionNote } from "../../services/actions/notes/submission-note.js";
import { htmlToShownText, htmlToText, richToText } from "../../services/actions/report/html-text.js";
import { oneLine } from "../../services/actions/report/plain-text.js";
import { indicatorLink, reportLink } from "../../services/trustar/station-links.js";
import { fuzz } from "./fuzz.js";

const pieces = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "</p></div>",
  "<a href='javascript:alert(1)'>x</a>",
  "javascript:alert(1)",
  "JaVaScRiPt\n:alert(1)",
  "data:text/html,<script>",
  "https://ok.example/?a=b&c=d",
  'https://ok.example/"onmouseover="alert(1)',
  "https://ok.example/'><svg/onload=alert(1)>",
  "<!--",
  "-->",
  "<![CDATA[",
  "<?php",
  "<!DOCTYPE html>",
  "<style>*{}</style>",
  "<plaintext>",
  "<textarea>",
  "<title>",
  "<xmp>",
  "&lt;script&gt;",
  "&#60;b&#62;",
  "&#x3C;",
  "&amp;lt;",
  "&",
  "&nbsp",
  '"',
  "'",
  "`",
  "<",
  ">",
  "=",
  "\u0000",
  "\ufeff",
  "\u2028",
  "\ud800",
  "＜b＞",
  "\r\n",
  "\t",
  "IP: 192.0.2.1",
  "TruSTAR Enrichment",
  "<div><div><div>",
  "<ul><li>",
  "<table><tr><td>",
];
const hostile = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...pieces) },
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

interface Seen {
  /** Tags with the names of their attributes. */
  readonly elements: readonly string[];
  readonly targets: readonly string[];
  readonly text: string;
  /** Comments, declarations and other things that are no text. */
  readonly others: number;
}

type Nodes = ReturnType<typeof parseDocument>["children"];

/** What a browser would make of it, as far as htmlparser2 tells. */
function see(nodes: Nodes): Seen {
  const seen = { elements: [] as string[], targets: [] as string[], text: "", others: 0 };
  for (const node of nodes) {
    if (node.type === ElementType.Text) seen.text += node.data;
    else if ("attribs" in node) {
      seen.elements.push([node.name, ...Object.keys(node.attribs)].join(" "));
      if (node.attribs["href"] !== undefined) seen.targets.push(node.attribs["href"]);
      const inner = see(node.children);
      seen.elements.push(...inner.elements);
      seen.targets.push(...inner.targets);
      seen.text += inner.text;
      seen.others += inner.others;
    } else seen.others += 1;
  }
  return seen;
}

const ours = ["p", "b", "a href target rel"];

function expectOnlyOurs(html: string): Seen {
  const seen = see(parseDocument(html).children);
  expect(seen.others).toBe(0);
  for (const element of seen.elements) expect(ours).toContain(element);
  for (const target of seen.targets) expect(target).toMatch(/^https?:\/\//);
  return seen;
}

const indicator = fc.record({ type: hostile, value: hostile });

fuzz(
  "HTML: notes with correlated indicators",
  0.04,
  fc.array(indicator, { maxLength: 5 }),
  async (indicators) => {
    const note = indicatorsNote(indicators, ({ type, value }) =>
      indicatorLink("https://station.example", type, value),
    );
    const { text } = expectOnlyOurs(note);
    for (const { type, value } of indicators) {
      expect(text).toContain(oneLine(type));
      expect(text).toContain(oneLine(value));
    }
    expect(indicatorsInNote(await noteLines(note)).length).toBeLessThanOrEqual(indicators.length);
  },
);

fuzz("HTML: notes about a submission", 0.03, fc.array(hostile, { maxLength: 4 }), (all) => {
  const { elements } = expectOnlyOurs(submissionNote(all));
  expect(elements.filter((element) => element === "p")).toHaveLength(2 + new Set(all).size);
  expectOnlyOurs(submissionNote(all.map((id) => reportLink("https://station.example", id))));
});

fuzz("HTML: links and attributes", 0.03, fc.tuple(hostile, hostile), ([target, label]) => {
  const { targets, text } = expectOnlyOurs(link(target, label));
  expect(text).toBe(label);
  expect(targets.length).toBeLessThanOrEqual(1);
  const { elements } = see(
    parseDocument(`<p title="${escapeHtml(label)}" class='${escapeHtml(target)}'>x</p>`).children,
  );
  expect(elements).toEqual(["p title class"]);
});

fuzz(
  "HTML: what a workflow may put into a note",
  0.03,
  fc.tuple(hostile, hostile, fc.boolean()),
  ([said, error, isDone]) => {
    const reply = inertReply(
      isDone ? { outcome: "done", message: said, results: { error } } : { outcome: "failed", message: said },
    );
    const texts = [reply.message, reply.outcome === "done" ? String(reply.results?.["error"]) : ""];
    for (const text of texts) {
      const { elements, others } = see(parseDocument(`<div>${text}</div>`).children);
      expect({ elements, others }).toEqual({ elements: ["div"], others: 0 });
    }
  },
);

fuzz("HTML: texts of incidents that become a report", 0.03, hostile, async (html) => {
  for (const read of [htmlToText, htmlToShownText, richToText]) {
    const text = await read(html);
    expect(typeof text).toBe("string");
    // Half of a bomb is a bomb that can grow.
    expect(text.length).toBeLessThan(4 * html.length + 100);
  }
});
