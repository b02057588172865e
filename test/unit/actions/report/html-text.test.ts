import { htmlToShownText, htmlToText, richToText } from "../../../../services/actions/report/html-text.js";
import { cpuSecsOf } from "../../../support/cpu-time.js";

describe("HTML", () => {
  it.each([
    ["<b>x</b>", "x"],
    ["&lt;ok&gt;", "<ok>"],
    ["&amp;lt;ok&amp;gt;", "&lt;ok&gt;"],
    ["a&nbsp;&nbsp;b", "a b"],
    ["a <ok> <script>alert(1)</script>", "a <ok> <script>alert(1)</script>"],
    ["<Jo.Doe@X.example> wrote", "<Jo.Doe@X.example> wrote"],
    ["one<br/>two<p>three</p>", "one\ntwo\n\nthree"],
    ["<h1>Not shouting</h1>", "Not shouting"],
    ["<ul><li>a</li><li>b</li></ul>", "- a\n- b"],
    ["<table><tr><td>1.2.3.4</td><td>5.6.7.8</td></tr></table>", "1.2.3.4 5.6.7.8"],
    ['<a href="http://evil.example/">here</a>', "here [http://evil.example/]"],
    ['<a href="http://evil.example/">http://evil.example/</a>', "http://evil.example/"],
    ["5 < 6 > 4 & 3", "5 < 6 > 4 & 3"],
    ["&#x1F600;&eacute;", "😀é"],
    ["", ""],
  ])("%j is %j", async (html, text) => {
    expect((await htmlToText(html)).trim()).toBe(text);
  });

  it("can be shown without the targets of its links", async () => {
    expect(await htmlToShownText('<p>IP: <a href="http://x.example/">45.9.148.1</a></p>')).toBe(
      "IP: 45.9.148.1",
    );
  });
});

describe("a field that should be plain already", () => {
  it.each([
    ["typed brackets", "<ok> & <b>", "<ok> & <b>"],
    ["typed entities", "&lt;ok&gt; ?a=1&lt=2", "&lt;ok&gt; ?a=1&lt=2"],
    ["a left-over blank", "a&nbsp;b", "a b"],
    ["an attack that is shown", '"><img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>'],
    ["a script that is shown", "<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["an e-mail address", "from <jo@corp.example>", "from <jo@corp.example>"],
    ["the editor's HTML", '<div class="rte"><b>x</b> &lt;ok&gt;&nbsp;y</div>', "x <ok> y"],
    ["markup without a wrapper", "mail from <b>45.9.148.1</b> seen", "mail from 45.9.148.1 seen"],
  ])("%s", async (_, text, shown) => {
    expect(await richToText(text)).toBe(shown);
  });
});

describe("markup that nobody can have meant", () => {
  const words = Array.from({ length: 5_000 }, (_, index) => `w${index}`);
  it.each([
    ["as deep as it gets", words.map((word) => `<b>${word} `).join("")],
    ["closed by others", words.map((word) => `<b>${word} </i>`).join("")],
    ["blocks closed by others", words.map((word) => `<div>${word}</span>`).join("")],
    ["paragraphs closed by others", words.map((word) => `<p><div>${word}</p>`).join("")],
    ["never opened", `<b>x</b>${words.map((word) => `</div>${word} `).join("")}`],
    ["open comments", words.map((word) => `<!-- ${word} <b>x</b> `).join("")],
    ["open tags", `<b>x</b>${words.map((word) => `<a href=${word} `).join("")}`],
    ["open quotes", `<b>x</b>${words.map((word) => `<a href="${word} `).join("")}`],
    ["line ends before a word", `${"<br>".repeat(100_000)}${words.join(" ")}`],
    ["nested lists", words.map((word) => `<ul><li>${word} `).join("")],
    ["nested quotations", words.map((word) => `<blockquote>${word} `).join("")],
    ["nested links", words.map((word) => `<a href=http://x.example/>${word} `).join("")],
  ])("is read as far as it can be read: %s", async (_, html) => {
    for (const read of [richToText, htmlToText, htmlToShownText]) {
      const text = await read(html);
      expect(words.filter((word) => !text.includes(word))).toEqual([]);
    }
  });

  it("is not made many times longer by the signs before its lines", async () => {
    const html = `${"<blockquote>".repeat(150)}${"a<br>".repeat(10_000)}`;
    expect((await htmlToText(html)).length).toBeLessThan(10 * html.length);
  });
});

it("keeps the words of nested markup together, closed or not", async () => {
  const html = `<div>${"<b>".repeat(100)}x${"</b>".repeat(100)}<br>`.repeat(3);
  expect((await htmlToText(html)).trim()).toBe("x\n\nx\n\nx");
});

describe("size", () => {
  it.each([
    ["open brackets", "<".repeat(1_000_000)],
    ["half tags", "<b ".repeat(300_000)],
    ["handlers", "<a on=".repeat(200_000)],
    ["deep nesting", "<div>".repeat(200_000) + "x"],
    ["nested lists", "<li><p>".repeat(200_000) + "x"],
    ["words", "<b>word</b> ".repeat(80_000)],
  ])("does not hurt: %s", async (_, text) => {
    const secs = await cpuSecsOf(async () => {
      await richToText(text);
      await htmlToText(text);
    });
    // Far more than it takes; what grows with the square of the length takes minutes.
    expect(secs).toBeLessThan(30);
  });
});

it.each(["<div>Ac&#8203;me</div>", "<div>Ac<wbr>me</div>", "Ac<wbr>me"])(
  "leaves the word in %s whole",
  async (html) => {
    expect((await richToText(html)).replaceAll("\u200b", "")).toBe("Acme");
  },
);
