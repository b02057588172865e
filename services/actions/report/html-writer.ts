/** Line breaks before and behind a block. */
const blocks: Readonly<Record<string, readonly [before: number, behind: number]>> = {
  blockquote: [2, 2],
  div: [1, 1],
  h1: [3, 2],
  h2: [3, 2],
  h3: [3, 2],
  h4: [2, 2],
  h5: [2, 2],
  h6: [2, 2],
  ol: [2, 2],
  p: [2, 2],
  pre: [2, 2],
  table: [2, 2],
  ul: [2, 2],
};
/** More signs before a line (`> > - `) would make a long text many times longer. */
const mostMarks = 7;
const blanks = /[ \t\r\n\f]+/g;
const emptyTags: ReadonlySet<string> = new Set(["br", "hr", "img", "wbr", "col"]);

/** What stands before the lines of an item or a quotation. */
interface Mark {
  readonly first: string;
  readonly others: string;
  isWritten: boolean;
}

interface OpenElement {
  readonly name: string;
  readonly breaks: readonly [before: number, behind: number] | undefined;
  readonly mark: Mark | undefined;
  /** Words that had been written when it began. */
  readonly wordsBefore: number;
  /** Of a list: the number of the next item. */
  nextNumber: number;
}

interface OpenLink {
  readonly target: string;
  /** Its words so far, as long as they could still be the target. */
  words: string;
}

/** Writes the text of HTML from a parser's events, in one pass; the same text whatever pieces it comes in. */
export class HtmlWriter {
  readonly #showsTargets: boolean;
  readonly #pieces: string[] = [];
  readonly #open: OpenElement[] = [];
  readonly #marks: Mark[] = [];
  /** Marks that the last line had, and that are still open. */
  #keptMarks = 0;
  #link: OpenLink | undefined;
  #words = 0;
  #hasBlank = false;
  /** Line breaks of `<br>` and of blocks without a word; those of the blocks that end and begin here. */
  #lines = 0;
  #blockLines = 0;
  #blockLinesBefore: number | undefined;
  #pres = 0;

  constructor(showsTargets: boolean) {
    this.#showsTargets = showsTargets;
  }

  get depth(): number {
    return this.#open.length;
  }

  toString(): string {
    return this.#pieces.join("") + "\n".repeat(this.#lines);
  }

  text(text: string): void {
    if (this.#pres > 0) {
      this.#preformatted(text);
      return;
    }
    const words = text.replace(blanks, " ");
    const start = words.startsWith(" ") ? 1 : 0;
    const end = words.length > start && words.endsWith(" ") ? words.length - 1 : words.length;
    if (start > 0) this.#hasBlank = true;
    if (start === end) return;
    const inList = isListName(this.#open.at(-1)?.name ?? "");
    if (inList) this.#breakBefore(1);
    this.#write(words.slice(start, end));
    if (inList) this.#blockLines = 1;
    this.#hasBlank = end < words.length;
  }

  opened(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "br") this.#lineBreak();
    else if (name === "img") this.#picture(attributes["alt"] ?? "", attributes["src"] ?? "");
    if (emptyTags.has(name)) return;
    const parent = this.#open.at(-1);
    const isItem = parent !== undefined && isListName(parent.name);
    // A list in an item stands closer, and whatever is in a list is an item of it.
    const breaks = isItem || (isListName(name) && parent?.name === "li") ? ([1, 1] as const) : blocks[name];
    const mark = this.#markOf(name, isItem ? parent : undefined);
    if (breaks !== undefined) this.#breakBefore(breaks[0]);
    if (mark !== undefined) this.#marks.push(mark);
    const nextNumber = name === "ol" ? Number(attributes["start"] ?? 1) || 1 : Number.NaN;
    this.#open.push({ name, breaks, mark, wordsBefore: this.#words, nextNumber });
    if (name === "pre") this.#pres += 1;
    if (name === "a") this.#openLink(attributes["href"] ?? "");
  }

  closed(name: string): void {
    const element = this.#open.at(-1);
    if (element?.name !== name) return;
    this.#open.pop();
    const { breaks, mark, wordsBefore } = element;
    if (name === "a") this.#closeLink();
    if (name === "td" || name === "th") this.#hasBlank = true;
    if (name === "pre") this.#pres -= 1;
    if (mark !== undefined) {
      if (!mark.isWritten) this.#write("");
      this.#marks.pop();
      this.#keptMarks = Math.min(this.#keptMarks, this.#marks.length);
      if (name === "blockquote") this.#lines = 0;
    }
    if (breaks === undefined) return;
    if (wordsBefore === this.#words) {
      this.#lines += this.#blockLines;
      this.#blockLines = 0;
    }
    this.#blockLines = Math.max(this.#blockLines, breaks[1]);
    this.#blockLinesBefore = undefined;
  }

  closeAll(): void {
    for (const { name } of this.#open.toReversed()) this.closed(name);
  }

  #markOf(name: string, list: OpenElement | undefined): Mark | undefined {
    if (this.#marks.length >= mostMarks) return undefined;
    if (name === "blockquote") return { first: "> ", others: "> ", isWritten: false };
    if (name !== "li" || list === undefined) return undefined;
    const first = list.name === "ul" ? "- " : ` ${list.nextNumber}. `;
    list.nextNumber += 1;
    return { first, others: "  ", isWritten: false };
  }

  /** Of a block in a block, both without a word before them, the inner one's breaks count. */
  #breakBefore(lines: number): void {
    this.#blockLinesBefore ??= this.#blockLines;
    this.#blockLines = Math.max(this.#blockLinesBefore, lines);
  }

  #lineBreak(): void {
    const mark = this.#marks.at(-1);
    if (mark?.isWritten === false && mark.first !== mark.others) this.#write("");
    this.#lines += 1;
    this.#blockLinesBefore = undefined;
  }

  #preformatted(text: string): void {
    for (const [index, line] of text.split("\n").entries()) {
      if (index > 0) this.#lineBreak();
      if (line !== "") this.#write(line);
    }
  }

  #picture(alt: string, source: string): void {
    const shown = source === "" ? "" : `[${source}]`;
    this.text(alt === "" || shown === "" ? alt + shown : `${alt} ${shown}`);
  }

  /** A link in a link ends the one around it. */
  #openLink(href: string): void {
    this.#closeLink();
    const target = href.startsWith("#") ? "" : href.replace(/^mailto:/, "");
    if (this.#showsTargets && target !== "") this.#link = { target, words: "" };
  }

  #closeLink(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    if (link.words !== link.target) this.text(link.words === "" ? link.target : ` [${link.target}]`);
  }

  #write(word: string): void {
    const lines = this.#lines + (this.#words === 0 ? 0 : this.#blockLines);
    if (lines > 0 || this.#words === 0) this.#newLine(lines);
    else if (this.#hasBlank) this.#pieces.push(" ");
    this.#pieces.push(word);
    this.#words += 1;
    this.#lines = this.#blockLines = 0;
    this.#blockLinesBefore = undefined;
    this.#hasBlank = false;
    const link = this.#link;
    if (link !== undefined && link.words.length <= link.target.length) link.words += word.replaceAll(" ", "");
  }

  #newLine(lines: number): void {
    const kept = this.#marks.slice(0, this.#keptMarks).map(({ others }) => others);
    const empty = `\n${kept.join("")}`;
    if (lines > 0) this.#pieces.push(empty.repeat(lines - 1), "\n");
    for (const mark of this.#marks) {
      this.#pieces.push(mark.isWritten ? mark.others : mark.first);
      mark.isWritten = true;
    }
    this.#keptMarks = this.#marks.length;
  }
}

function isListName(name: string): boolean {
  return name === "ul" || name === "ol";
}
