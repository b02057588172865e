import { openBench, relatedIps, type Bench } from "./world/bench.js";

const heading = "TruSTAR Enrichment / Indicators";
const submission = "TruSTAR Report Submitted Successfully.";

/** An incident that was sent, with the notes that this leaves. */
async function sentIncident(): Promise<{
  bench: Bench;
  notes: { id: number; html: string }[];
}> {
  const bench = await openBench({ alpha: { submissionEnclaveIds: ["closed", "12345678-9abc"] } });
  const { notes } = bench.resilient.addIncident(1);
  bench.resilient.addArtifact(1, "45.9.148.1");
  bench.alpha.relatedIndicators = relatedIps(1);
  bench.alpha.closedEnclaves.add("closed");
  await bench.rule("CaseCreated", 1);
  expect(notes).toHaveLength(2);
  return { bench, notes };
}

/** Makes the next run add a link and an indicator. */
async function sendMore(bench: Bench): Promise<void> {
  bench.alpha.closedEnclaves.clear();
  bench.alpha.relatedIndicators = relatedIps(2);
  await bench.rule("Send To TruSTAR", 1);
}

describe("what an analyst wrote", () => {
  it.each([
    ["a reply", `<div>Re: ${heading} - checked with Bob</div><div>10.9.0.0 is the proxy</div>`],
    ["words behind the heading", `<p>${heading} - checked with Bob</p><p>IP: 10.9.0.0</p>`],
    ["a copy with words below", `<p>${heading}</p><p>IP: 10.9.0.0</p><p>checked with Bob</p>`],
    ["a copy with a comment", `<p>${heading}</p><p>IP: 10.9.0.0 checked with Bob</p>`],
    ["a line of the same form", `<p>${heading}</p><p>NOTE: checked with Bob</p>`],
    ["a reply on the submission", `<p>Re: TruSTAR Enrichment</p><p>${submission}</p>`],
    ["a copy of the submission", `<p>TruSTAR Enrichment</p><p>${submission}</p><p>Bob knows</p>`],
  ])("stays as it is: %s", async (_what, html) => {
    for (const remembers of [true, false]) {
      const { bench, notes } = await sentIncident();
      notes.push({ id: 90_000, html });
      await bench.restart(remembers ? bench.ledger : undefined);
      await sendMore(bench);
      expect(notes.find(({ id }) => id === 90_000)?.html).toBe(html);
      // Without its memory a worker leaves every note alone, and writes new ones.
      expect(notes).toHaveLength(remembers ? 3 : 5);
      expect(notes[remembers ? 0 : 3]?.html.match(/>https:/g)).toHaveLength(2);
      expect(notes[remembers ? 1 : 4]?.html).toContain("10.9.0.1<");
    }
  });

  it.each([
    ["no link", `<p>TruSTAR Enrichment</p><p>${submission}</p>`],
    [
      "another link",
      `<p>TruSTAR Enrichment</p><p>${submission}</p><p>https://x.example/constellation/reports/9</p>`,
    ],
    [
      "the same values and more",
      `<p>${heading}</p><p>IP: 10.9.0.0</p><p>IP: 10.9.0.1</p><p>IP: 10.9.0.9</p>`,
    ],
    ["the same values in prose", `<p>${heading}</p><p>we know 10.9.0.0 and 10.9.0.1 already</p>`],
  ])("is not taken for ours because it begins like ours: %s", async (_what, html) => {
    const bench = await openBench();
    const { notes } = bench.resilient.addIncident(1);
    notes.push({ id: 1, html });
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(2);
    await bench.rule("CaseCreated", 1);
    expect(notes.map(({ html: text }) => text.replace(/<[^>]*>/g, " "))).toEqual([
      html.replace(/<[^>]*>/g, " "),
      expect.stringMatching(/^ {2}TruSTAR Enrichment .*alpha-report-1/),
      expect.stringMatching(/Indicators .*10\.9\.0\.0.*10\.9\.0\.1/),
    ]);
    await bench.rule("Send To TruSTAR", 1);
    expect(notes).toHaveLength(3);
    expect(notes[0]?.html).toBe(html);
  });

  it("a note that says in our words what we would write is ours: a crash came before it was recorded", async () => {
    const { bench, notes } = await sentIncident();
    await bench.restart();
    await bench.rule("Send To TruSTAR", 1);
    expect(notes).toHaveLength(2);
    await sendMore(bench);
    expect(notes).toHaveLength(2);
    expect(notes[1]?.html).toContain("10.9.0.1<");
  });

  it.each([
    ["a picture", '<p><img src="https://soar.example/x.png"></p>'],
    ["a line struck out", "<s></s>"],
    ["a colour", '<span style="background-color: red"></span>'],
    ["an underline", "<p><u></u></p>"],
  ])("stays in our own notes, although the text does not show it: %s", async (_what, mark) => {
    for (const remembers of [true, false]) {
      const { bench, notes } = await sentIncident();
      for (const note of notes) note.html += mark;
      const before = notes.map(({ html }) => html);
      await bench.restart(remembers ? bench.ledger : undefined);
      await sendMore(bench);
      expect(notes.slice(0, 2).map(({ html }) => html)).toEqual(before);
      expect(notes).toHaveLength(4);
      await sendMore(bench);
      expect(notes).toHaveLength(4);
    }
  });

  it("a server's own wrapping of our notes keeps nobody from replacing them", async () => {
    const { bench, notes } = await sentIncident();
    for (const note of notes) note.html = `<div class="rte" style="x"><span>${note.html}</span><br/></div>`;
    await sendMore(bench);
    expect(notes).toHaveLength(2);
    expect(notes[1]?.html).toContain("10.9.0.1<");
  });

  it.each([true, false])(
    "stays in our own notes, and what is new comes into new ones: %j",
    async (remembers) => {
      const { bench, notes } = await sentIncident();
      for (const note of notes) note.html += "<p>checked with Bob</p>";
      const before = notes.map(({ html }) => html);
      await bench.restart(remembers ? bench.ledger : undefined);
      await sendMore(bench);
      expect(notes.slice(0, 2).map(({ html }) => html)).toEqual(before);
      expect(notes).toHaveLength(4);
      expect(notes[3]?.html).toContain("10.9.0.1<");
      expect(notes[3]?.html.includes("10.9.0.0<")).toBe(!remembers);
      await bench.rule("Send To TruSTAR", 1);
      expect(notes).toHaveLength(4);
    },
  );

  it("stays when it is written while the run goes on", async () => {
    const { bench, notes } = await sentIncident();
    bench.calls.before = (method) => {
      if (method === "alpha.related") notes[1]!.html += "<p>checked with Bob</p>";
    };
    await sendMore(bench);
    expect(notes[1]?.html).toContain("checked with Bob");
    expect(notes[2]?.html).toContain("10.9.0.1<");
  });

  it("does not reach TruSTAR when it speaks of the enrichment, as in the legacy app", async () => {
    const { bench, notes } = await sentIncident();
    notes.push({ id: 90_000, html: "<p>Bob says</p><p>see TruSTAR Enrichment: secret-host</p>" });
    notes.push({ id: 90_001, html: "<p>Alice's words</p>" });
    bench.resilient.editIncident(1, { status: "closed" });
    await bench.rule("UpdateIncident", 1);
    const [report] = bench.alpha.stored.values();
    expect(report?.body).toContain("Alice's words");
    expect(report?.body).not.toContain("secret-host");
  });
});
