import { fc } from "../../support/fast-check.js";
import { priorities, priorityOf } from "../../../src/core/indicator.js";
import { metadataOf, summaryOf } from "../../support/lookup-fixtures.js";

describe("the priority of an indicator", () => {
  const withSeverities = (...levels: readonly (number | undefined)[]) =>
    priorityOf(
      [metadataOf("x")],
      levels.map((level) => summaryOf("x", level)),
    );

  it.each([
    [[], "NOT_FOUND"],
    [[undefined], "NOT_FOUND"],
    [[-1], "NOT_FOUND"],
    [[0], "NOT_FOUND"],
    [[1], "LOW"],
    [[2], "MEDIUM"],
    [[3], "HIGH"],
    [[0, 3, 1], "HIGH"],
    [[-1, undefined, 2], "MEDIUM"],
    [[7], "HIGH"],
    [[2.5], "MEDIUM"],
    [[0, 1.5, -1], "LOW"],
  ] as const)("severities %j make %s", (levels, expected) => {
    expect(withSeverities(...levels)).toBe(expected);
  });

  it("a live priorityLevel wins over the summaries, higher or lower", () => {
    const live = (priorityLevel: (typeof priorities)[number], severity: number) =>
      priorityOf([metadataOf("x", { priorityLevel })], [summaryOf("x", severity)]);
    expect(live("HIGH", 1)).toBe("HIGH");
    expect(live("LOW", 3)).toBe("LOW");
    expect(live("NOT_FOUND", 3)).toBe("HIGH");
  });

  it("of a value with several types the highest counts", () => {
    const metadata = [
      metadataOf("x"),
      metadataOf("x", { priorityLevel: "HIGH" }),
      metadataOf("x", { priorityLevel: "LOW" }),
    ];
    expect(priorityOf(metadata, [])).toBe("HIGH");
  });

  it("is one of TruSTAR's words whatever the sources say, and never lower than a whole severity among them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: -1, max: 3 }), fc.double({ noNaN: true, min: 1, max: 3 }))),
        (levels) => {
          const priority = withSeverities(...levels);
          expect(priorities).toContain(priority);
          for (const level of levels)
            expect(priorities.indexOf(priority)).toBeGreaterThanOrEqual(Math.floor(level));
        },
      ),
    );
  });
});
