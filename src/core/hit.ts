/** One line of a hit as the analyst reads it; `name` is unique within its hit. Source: Custom Threat Service Guide. */
export type HitProperty =
  | { readonly type: "string" | "uri" | "ip"; readonly name: string; readonly value: string }
  | { readonly type: "number"; readonly name: string; readonly value: number }
  | {
      readonly type: "lat_lng";
      readonly name: string;
      readonly value: { readonly lat: number; readonly lng: number };
    };

/** What is shown on an artifact. */
export interface Hit {
  readonly props: readonly HitProperty[];
}

/** `priority`: one hit per indicator; `summaries`: and one per intelligence source; `reports`: and one per report. */
export type HitDetail = "priority" | "summaries" | "reports";
