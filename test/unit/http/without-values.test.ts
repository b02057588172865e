import { valuesIn, withoutSecrets, withoutValues } from "../../../services/http/without-values.js";

it("takes what was sent out of what was said, in any case, the longest first", () => {
  const sent = ["evil.example", "http://evil.example/a", "ab"];
  expect(withoutValues("refused HTTP://EVIL.example/a and evil.example: absurd", sent)).toBe(
    "refused [value] and [value]: absurd",
  );
  expect(withoutValues("aab", ["...", "a+b"])).toBe("aab");
});

it.each([
  ["encoded", "no such value: HKLM%5CSoft%20ware%2FRun", "HKLM\\Soft ware/Run"],
  ["encoded in small letters", "no such value: HKLM%5csoft%20ware%2frun", "HKLM\\Soft ware/Run"],
  ["in the query of a path", "no such value: /x?q=john%20doe&n=1", "john doe"],
  ["with + for blanks", "no such value: john+van+doe", "john van doe"],
  ["as a form", "no such value: john+%28%7Edoe%27s%29%21", "john (~doe's)!"],
  ["as a form, with %20 for blanks", "no such value: john%20%28doe%29", "john (doe)"],
  ["as UTF-8", "no such value: J%C3%B6rg%E2%82%AC", "Jörg€"],
  ["with half a character", "no such value: a%20%EF%BF%BDb", "a \ud800b"],
])("takes out what was sent when it is quoted %s", (_how, said, value) => {
  const left = withoutValues(said, [value]);
  expect(left).toContain("[value]");
  expect(left.replace("/x?q=[value]&n=1", "[value]")).toBe("no such value: [value]");
});

it("takes out what is an indicator by its looks, and leaves what helps to find the cause", () => {
  const said =
    "Cannot take 203.0.113.7, 'a@b.example' (https://x.example/y): enclave 7a33144f-aef3-442b-87d4-dbf70d8afdb0, wait 5000";
  expect(withoutValues(said, [])).toBe(
    "Cannot take [value], '[value]' ([value]): enclave 7a33144f-aef3-442b-87d4-dbf70d8afdb0, wait 5000",
  );
});

it("takes secrets out whole, as they are, trimmed and as JSON spells them", () => {
  const secrets = [" s3cret ", 'quo"te\\', "Basic c2VjcmV0", "c2VjcmV0", "evil.example/p q", "", "ab"];
  expect(
    withoutSecrets('S3CRET, {"p":"quo\\"te\\\\"} quo"te\\ basic c2VjcmV0 c2VjcmV0: absurd', secrets),
  ).toBe('[secret], {"p":"[secret]"} [secret] [secret] [secret]: absurd');
  expect(withoutValues(withoutSecrets("not http://evil.example/p q", secrets), [])).toBe(
    "not http://[secret]",
  );
  expect(withoutSecrets("as it was", [])).toBe("as it was");
});

it.each([
  ["\tArtifact 1\n\tValue: john doe\n\tType: User Account", ["john doe"]],
  ["<p>MALWARE: <a href='https://x.example'>EMOTET</a></p>", ["EMOTET"]],
  ["mail from 203.0.113.7, see evil.example.", ["203.0.113.7", "evil.example"]],
  ["hash 0123456789abcdef0123456789abcdef", ["0123456789abcdef0123456789abcdef"]],
  ["a@b.example (HKLM\\Soft\\Run)", ["a@b.example", "HKLM\\Soft\\Run"]],
])("finds what may be a value in %j", (text, expected) => {
  expect(valuesIn(text)).toEqual(expect.arrayContaining(expected));
});

it("leaves words of prose alone", () => {
  expect(valuesIn("Severity: Low\nStatus: Active. The report, as it is.")).toEqual([]);
});

it("takes time in proportion to a report's length", () => {
  const body = "\tValue: 203.0.113.7\n".repeat(100_000);
  expect(valuesIn(body)).toEqual(["203.0.113.7"]);
});
