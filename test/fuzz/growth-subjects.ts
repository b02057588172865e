import { readFileSync } from "node:fs";
import { comparable } from "../../services/core/indicator-value.js";
import { decodeMessage } from "../../services/actions/decode-message.js";
import { inertReply } from "../../services/actions/inert-text.js";
import { escapeHtml, link } from "../../services/actions/notes/escape-html.js";
import { indicatorsNote } from "../../services/actions/notes/indicators-note.js";
import * as ours from "../../services/actions/notes/our-note.js";
import { indicatorsInNote, isOnlyIndicators } from "../../services/actions/notes/read-indicators-note.js";
import { hitText } from "../../services/actions/report/hit-text.js";
import { htmlToShownText, htmlToText, richToText } from "../../services/actions/report/html-text.js";
import { LeakGuard, type MaskingPolicy } from "../../services/actions/report/leak-guard.js";
import { field, oneLine } from "../../services/actions/report/plain-text.js";
import { shortenTexts } from "../../services/actions/report/shorten-texts.js";
import { tlpRefusal } from "../../services/actions/report/tlp.js";
import { artifactLabel, indicatorType } from "../../services/actions/trustar-types.js";
import { ourCustomizations } from "../../services/customizations/our-customizations.js";
import { planCustomizations } from "../../services/customizations/plan.js";
import { isTooOld } from "../../services/customizations/server-version.js";
import { valuesIn, withoutSecrets, withoutValues } from "../../services/http/without-values.js";
import { candidatesOf } from "../../services/lookup/candidates.js";
import { EgressPolicy } from "../../services/lookup/egress-policy.js";
import { lookupIdOf } from "../../services/lookup/lookup-id.js";
import { groupByAsked } from "../../services/lookup/match-answers.js";
import { headerLine, StateReader } from "../../services/lookup/state-text.js";
import { candidatesOfKey, toSubject } from "../../services/lookup/subject.js";
import { indicatorHit, reportHits, summaryHits } from "../../services/lookup/to-hits.js";
import { rootUrl } from "../../services/resilient/options.js";
import { toStatusError } from "../../services/resilient/to-status-error.js";
import { toTrustarError, tokenCall } from "../../services/trustar/to-trustar-error.js";
import { createStaysInside } from "../../src/app/stays-inside.js";
import { parseTemplate } from "../../src/config/config-template.js";
import { updateConfig } from "../../src/config/update-config.js";
import type { Artifact } from "../../src/core/artifact.js";
import { OwnLinks } from "../../services/core/own-links.js";
import type { Incident, IncidentCatalog } from "../../src/core/incident.js";
import { createMemorySource, metadataOf, never, reportOf, summaryOf } from "../support/lookup-fixtures.js";
import { writeWire } from "../support/stomp-broker/wire.js";
import { exemptEntries, isExempt } from "../../src/config/no-proxy.js";
import { parseText } from "../unit/config/parse-text.js";
import type { Run } from "./growth.js";
import { asHeader, askTrustar, inWorld, meetBroker, request } from "./growth-ends.js";

type Table = Readonly<Record<string, Run>>;

export interface Subject {
  readonly name: string;
  readonly run: Run;
  /** How many units a sweep tries; absent = all. */
  readonly units?: number | undefined;
}

/** All that takes a text from outside, by what the text is. */

const egress = new EgressPolicy([
  "corp.example",
  "192.0.2.0/24",
  "2001:db8::/32",
  "hash.md5",
  "bücher.example",
]);
const lookUp = (type: string, value: Artifact["value"]): unknown =>
  candidatesOfKey(
    toSubject(
      candidatesOf({ type, value }, undefined, true).flatMap((one) =>
        egress.keeps(one) === undefined ? [one] : egress.askablePart(one),
      ),
    ).key,
  );
const safeLink = "https://a.safelinks.protection.outlook.com/?url=";
const rules = { fingerprint: "f", policy: "p" };
const links = createMemorySource();

const lookups: Table = {
  "an address": (text) => [lookUp("net.ip", text), lookUp("net.cidr", text)],
  "a host": (text) => lookUp("net.name", text),
  "a URL": (text) => lookUp("net.uri", text),
  "a URL's query": (text) => lookUp("net.uri", `http://a.example/x?u=${text}`),
  "a link in a link": (text) => lookUp("net.uri", `${safeLink}${text}&data=${text}`),
  "a text": (text) => lookUp("string", text),
  "what Log4j looks up": (text) => lookUp("string", `\${jndi:ldap://${text}`),
  "a name and its hash": (text) => [
    lookUp("file.name", `${text}|${text}`),
    lookUp("process.name", `"${text}`),
  ],
  "a hash": (text) => lookUp("hash.sha256", text),
  "a CVE": (text) => lookUp("threat.report.cve", text),
  "a name": (text) => [lookUp("file.name", text), lookUp("threat.malware.family", text)],
  "a registry key": (text) => lookUp("system.registry", { key: text, entry_name: text }),
  "a mail's recipients": (text) => lookUp("email.header.to", [text, `Jo <${text}>`]),
  "a mail's sender": (text) => [
    lookUp("email.header", { name: "Return-Path", value: text }),
    lookUp("email.header.sender_address", `mailto:${text}?cc=${text}`),
  ],
  "a header as text": (text) => lookUp("net.http.request.header", `Host: a.example\n${text}: ${text}`),
  "a mail's header": (text) => lookUp("email.header", { name: "Received", value: text }),
  "a mail's subject": (text) => lookUp("email.header", { name: "Subject", value: text }),
  "a header's name": (text) => lookUp("net.http.response.header", { name: text, value: "http://a.example/" }),
  "a Host": (text) => lookUp("net.http.request.header", { name: "Host", value: text }),
  "a User-Agent": (text) => lookUp("net.http.request.header", { name: "User-Agent", value: text }),
  "a link in a header": (text) =>
    lookUp("email.header", { name: "X", value: `see http://a.example:99999/${text}` }),
  "an entry of never_lookup": (text) => new EgressPolicy([text, `a.${text}`]),
  "the text of an id": (text) => lookupIdOf(JSON.stringify({ type: "string", value: text, [text]: 1.5e300 })),
  "the deep text of an id": (text) => lookupIdOf(`[${text}`),
  "TruSTAR's spelling of a value": (text) =>
    groupByAsked([text, "a.example"], [{ value: `${text} ` }], () => undefined),
  "what TruSTAR knows": (text) => [
    indicatorHit(metadataOf(text, { indicatorType: text, tags: [text] }), "HIGH", links),
    summaryHits([summaryOf(text, 3, { reportId: text, sourceName: text, description: text })], links),
    reportHits([reportOf(text, { title: text, externalUrl: text })], links),
  ],
  "a state file": (text) => {
    const record = JSON.stringify({ is: "id", id: text, of: [{ kind: "IP", value: text }] });
    const reader = new StateReader(rules);
    return [reader.take(Buffer.from(`${headerLine(rules)}${record}\n${text}`)), reader.end()];
  },
};

const secrets: MaskingPolicy = {
  redactTerms: ["Acme Corp", "falcon", "10.0", "naïve", "a"],
  maskPrivateAddresses: true,
  ownDomains: ["corp.example", "bücher.example", "b.c"],
};
const guards = {
  everything: new LeakGuard(secrets),
  beside: new LeakGuard({ ...secrets, redactTerms: ["srv01"], ownDomains: [] }),
  terms: new LeakGuard({ ...secrets, maskPrivateAddresses: false, ownDomains: [] }),
  addresses: new LeakGuard({ ...secrets, redactTerms: [], ownDomains: [] }),
  domains: new LeakGuard({ ...secrets, redactTerms: [], maskPrivateAddresses: false }),
};
const mask = (guard: keyof typeof guards, text: string): unknown =>
  guards[guard].apply({ title: "", body: text });

const masking: Table = {
  "a report with all to be masked": (text) => mask("everything", text),
  "a report with a term beside an address": (text) => mask("beside", text),
  "a report with terms": (text) => mask("terms", text),
  "a report with private addresses": (text) => mask("addresses", text),
  "a report with own domains": (text) => mask("domains", text),
  "a description": async (text) => [
    await richToText(text),
    await htmlToText(text),
    field("Description", text),
    new OwnLinks(["https://station.example"]).cut(text),
  ],
  "a text that is cut": (text) => shortenTexts([`\tDescription: ${text}`, text], text.length / 2),
  "a note in HTML": async (text) => [await htmlToShownText(text), ours.hasOnlyOurMarkup(text)],
  "the hits of an artifact": (text) => hitText([{ name: text, value: text }, { [text]: [text] }]),
};

const readNote = async (note: string): Promise<unknown> => {
  const lines = await ours.noteLines(note);
  return [indicatorsInNote(lines), isOnlyIndicators(lines, () => true), ours.isOnlySubmission(lines)];
};

const notes: Table = {
  "a note": async (text) => [await ours.mentionsEnrichment(text), await readNote(text)],
  "a note that begins like ours": (text) => readNote(`${ours.indicatorsHeading}\n${text}`),
  "a note whose lines a server has joined": (text) =>
    readNote(`${ours.indicatorsHeading} IP: 192.0.2.1${text}`),
  "a note on a submission": (text) => readNote(`${ours.noteHeading}\n${ours.submittedSentence}${text}`),
  "what a note is made of": (text) => [
    indicatorsNote([{ type: text, value: text }], () => text),
    link(text, text),
    escapeHtml(text),
    oneLine(text),
  ],
  "a TLP": (text) => {
    const incident = {
      customFields: { tlp: [text, { label: `TLP:AMBER ${text}` }, 3] },
    } as unknown as Incident;
    const labels = { fieldLabel: () => Promise.resolve(text) } as unknown as IncidentCatalog;
    return tlpRefusal(incident, { name: "a", tlpField: "tlp", maxTlp: "AMBER" }, labels, never());
  },
  "a related indicator": (text) => [
    artifactLabel({ type: "URL", value: text }),
    artifactLabel({ type: text, value: "x" }),
    indicatorType(text, "x"),
    indicatorType("x", text),
    comparable(text),
  ],
  "a value for the whitelist": (text) =>
    createStaysInside(["corp.example"], new OwnLinks(["https://station.example"]))(text),
  "a message's body": (text) => {
    const payload = {
      action_id: 1,
      operation_type: text,
      artifact: { id: 1, value: text, description: text },
    };
    return decodeMessage({ payload, payloadClass: text });
  },
  "words for an analyst": (text) => inertReply({ outcome: "done", message: text, results: { error: text } }),
};

const functions = [
  "submit_report_to_trustar",
  "get_priority_score_of_indicator",
  "get_correlated_indicators_from_trustar",
  "whitelist_in_trustar",
  "undo_whitelist_in_trustar",
];
const leakGuard = { ...secrets, redactWithTrustar: false, maxTlp: "AMBER", tlpField: undefined } as const;

const messages: Table = {
  "an incident": (text) => inWorld(text, { leakGuard }, (bench) => bench.rule("Send To TruSTAR", 7)),
  "an incident's notes": (text) =>
    inWorld("x", { leakGuard }, async (bench) => {
      const texts = [text, `${ours.indicatorsHeading}\n${text}`].map((html, id) => ({ id, html }));
      bench.resilient.folders.get(7)?.notes.push(...texts);
      bench.alpha.relatedIndicators = [{ type: text, value: text }];
      // The second time there is a report to compare with.
      await bench.rule("Send To TruSTAR", 7);
      await bench.rule("Send To TruSTAR", 7);
    }),
  "a new artifact": (text) => {
    const artifact = { id: 9, type: 1, value: text, description: { content: text } };
    return inWorld("x", {}, (bench) => bench.rule("ArtifactCreated", 7, { artifact }));
  },
  "a function's inputs": (text) =>
    inWorld("x", {}, async (bench) => {
      const inputs = { trustar_artifact_value: { content: text }, trustar_artifact_type: { name: text } };
      for (const name of [text, ...functions])
        await bench.run(name, { trustar_incident_id: text, ...inputs });
    }),
};

const ofTrustar = (status: number, text: string): unknown => {
  const body = JSON.stringify({ status, message: text, error: text });
  const tokenBody = JSON.stringify({ error_description: `expired ${text}` });
  const about = { status, traceId: text, hidden: { values: ["a.example", text.slice(0, 50)] } };
  return [
    toTrustarError("GET /x", { ...about, text: body }, 0),
    ...[text, "/reports/1", undefined].map((path) => {
      const reportPath = "/reports/1";
      return toTrustarError(
        "GET /x",
        { ...about, text: JSON.stringify({ path, said: text }), reportPath },
        0,
      );
    }),
    toTrustarError(tokenCall, { ...about, text: tokenBody }, 0),
  ];
};
const ofResilient = (status: number, body: string, retryAfter?: string): unknown =>
  toStatusError(
    { status, body, retryAfter, hidden: { values: ["203.0.113.7", "acme's"], secrets: ["p+w"] } },
    "read",
    0,
  );

const refusals: Table = {
  "TruSTAR's words with 400": (text) => ofTrustar(400, text),
  "TruSTAR's words with 401": (text) => ofTrustar(401, text),
  "TruSTAR's words with 404": (text) => ofTrustar(404, text),
  "TruSTAR's words with 429": (text) => ofTrustar(429, text),
  "TruSTAR's words with 503": (text) => ofTrustar(503, text),
  "Resilient's words with 400": (text) => ofResilient(400, JSON.stringify({ title: text, hints: [text] })),
  "Resilient's words with 404": (text) => ofResilient(404, JSON.stringify({ message: text })),
  "Resilient's words with 429": (text) => ofResilient(429, JSON.stringify({ message: "wait" }), text),
  "Resilient's page of HTML": (text) => ofResilient(500, text),
  "words about a long value": (text) =>
    withoutValues(`Bad ${text.slice(0, 300)}%20`, { values: [text, `${text}'`], texts: [text] }),
  "words with a secret": (text) => withoutSecrets(text, ["s3cret", "(a+)+$", text.slice(0, 100)]),
  "a report whose values no error may name": (text) => [...valuesIn(text)],
};

const customizations = ourCustomizations("trustar");
const workflows = customizations.filter(({ kind }) => kind === "workflows");

const upstreams: Table = {
  "TruSTAR's answers": async (text) => {
    const names = { id: text, name: text, title: text, value: text, indicatorType: text, externalUrl: text };
    const others = { tags: [{ name: text }], severityLevel: text, score: { value: text }, timeBegan: text };
    const item = { ...names, ...others, enclaveIds: [text] };
    await askTrustar(JSON.stringify({ items: [item], hasNext: false }), "a.example");
    await askTrustar(JSON.stringify([item]), "a.example");
    await askTrustar(text, text);
  },
  "a workflow of the server": (text) => {
    const settings = `{"inputs":{},"pre_processing_script":${JSON.stringify(text)}}`;
    const xml = `<function uuid="1">${text}</function><x:function uuid='2'>${settings}</x:function><function ${text}`;
    const uuid = "3f2b0d6e-0000-4000-8000-000000000001";
    planCustomizations(customizations, {
      workflows: workflows.map(({ body }) => ({ ...body, uuid, content: { xml } })),
    });
    isTooOld({ version: text });
  },
  "a broker's greeting": (text) =>
    meetBroker(Buffer.alloc(0), { "heart-beat": text.replace(/[\0\n\r]/g, " ") }),
  "a broker's message": (text) => {
    const ids = { "message-id": text, ack: text, "correlation-id": text, Co3ContextToken: text };
    return meetBroker(writeWire("MESSAGE", { ...ids, destination: text, "reply-to": text }, text));
  },
  "a broker's message that is no UTF-8": (text) =>
    meetBroker(writeWire("MESSAGE", { "message-id": "1", ack: "1" }, Buffer.from(text, "utf16le"))),
  "a broker's error": (text) => {
    const message = `User name [${text}] is not authorized to write to: queue://${text}`;
    return Promise.all([
      meetBroker(writeWire("ERROR", { message, "receipt-id": text }, text)),
      meetBroker(writeWire("ERROR", {}, text)),
    ]);
  },
  "a broker's noise": (text) => meetBroker(Buffer.from(`${text}\n\n\0MESSAGE\n${text}\n\n\0`)),
};

const post = "POST /cts/trustar_cts HTTP/1.1";
const part = 'Content-Disposition: form-data; name="artifact"';
const filePart = "Content-Disposition: form-data; name=file; filename=";

const requests: Table = {
  "an artifact": (text) => request(post, JSON.stringify({ type: "email.header.to", value: [text, text] })),
  "a body": (text) => request(post, text),
  "a body in windows-1252": (text) =>
    request(`${post}\r\nContent-Type: application/json; charset=windows-1252`, text),
  "a body in parts": (text) => {
    const artifact = JSON.stringify({ type: "string", value: text });
    const parts = [`${part}\r\n\r\n${artifact}`, `${filePart}${text.replace(/[\r\n]/g, " ")}\r\n\r\n${text}`];
    const body = `--b\r\n${parts.join("\r\n--b\r\n")}\r\n--b--`;
    return request(`${post}\r\nContent-Type: multipart/form-data; boundary=b`, body);
  },
  "a content type": (text) => request(`${post}\r\nContent-Type: form-data${asHeader(text)}`),
  "a charset and an id": (text) => {
    const charset = `Content-Type: application/json; charset = "${asHeader(text).slice(0, 5_000)}`;
    return request(`${post}\r\nX-Request-Id: ${asHeader(text).slice(0, 5_000)}\r\n${charset}`, "{}");
  },
  "a log-in": (text) => request(`${post}\r\nAuthorization: Basic ${asHeader(text)}`, "", true),
  "a path": (text) => request(`GET /cts/trustar_cts//${asHeader(text).replace(/\s/g, "%20")}?x HTTP/1.1`),
};

const example = readFileSync(new URL("../../app.config.example", import.meta.url), "utf8");
const template = parseTemplate(example);
const asValue = (text: string): string => text.replace(/\r\n|[\r\n]/g, "\n  ");
const withValues = (text: string): string =>
  example.replace(/^#?([a-z_]+) = .*$/gm, (_line, key: string) => `${key} = ${asValue(text)}`);
const places = { cwd: "/nowhere", home: "/nowhere" };

const configs: Table = {
  "an app.config": (text) => parseText(`[resilient]\n${text}`, places),
  "an app.config that is brought up to date": (text) =>
    updateConfig(`[resilient]\n#host = x\n${text}`, template, "f"),
  "an app.config.example": parseTemplate,
  "the address of Resilient": (text) => rootUrl({ baseUrl: `https://a${text}`, resourcePrefix: text }),
};
const slowConfigs: Table = {
  "every value of an app.config": (text) => parseText(withValues(text), { ...places, env: { A: text } }),
  "a line of an app.config": (text) => {
    const line = asValue(text);
    return parseText(`[trustar]\n#${line}\n${line} = x\n[${line.slice(0, 1_000)}]\nk: v`, places);
  },
  "the environment's proxies": (text) => {
    isExempt("192.0.2.1", 443, exemptEntries(`203.0.113.0/24,${text}`));
    return parseText(withValues("x"), { ...places, env: { https_proxy: text, no_proxy: text } });
  },
  "the path of an address": (text) =>
    parseText(`[trustar_threat_source]\nurl = http://a.example/${asValue(text)}`, places),
};

const withUnits = (table: Table, units?: number): readonly Subject[] =>
  Object.entries(table).map(([name, run]) => ({ name, run, units }));

export const subjects: readonly Subject[] = [
  ...[lookups, notes, refusals, configs].flatMap((table) => withUnits(table)),
  // These take their time.
  ...withUnits(masking, 60),
  ...[upstreams, requests].flatMap((table) => withUnits(table, 24)),
  ...[messages, slowConfigs].flatMap((table) => withUnits(table, 8)),
];

/** Functions that no subject reaches, by what is in their file's path and name, and why. */
export const notFromOutside: readonly (readonly [which: RegExp, because: string])[] = [
  [/\/cli\/|src\/main\.ts/, "an administrator's own command line and its output"],
  [/selftest|\/probes\//, "an administrator's own command, on values that other subjects read, too"],
  [/keyring|-secrets\.ts|secret-sources|bounded-file/, "secrets of the administrator's own"],
  [/owner-lock|process-mark|replace-file|memory\.ts/, "files of this program, and their names"],
  [/append-file|state-file/, "files of this program, whose lines other subjects read"],
  [/server-certificate|environment-lookup/, "a date of Node's, the name of a variable"],
  [/customizations\/(?:bpmn|scripts|our-customizations)/, "texts of ours"],
  [
    /json-text\.ts translate|network-trouble|proxy-problem/,
    "codes of Node's errors, and a header that Node has cut",
  ],
  [/to-network-error/, "codes and words of Node's own errors"],
  [
    /preview\.ts|term-list\.ts readTermFile/,
    "an administrator's own command, and a file of the administrator's",
  ],
  [/wrong-logins/, "addresses of sockets"],
  [
    /resilient\/(?:configuration|customizing)/,
    "labels of ours, a word of the server's that Node has compared",
  ],
  [/resilient\/(?:transport|session|resilient-client)/, "the configured address, headers that Node has cut"],
];
