import eslint from "@eslint/js";
import * as regexp from "eslint-plugin-regexp";
import tseslint from "typescript-eslint";

const named = {
  selector: "ExportDefaultDeclaration",
  message: "Export by name: one name everywhere, and find-references works.",
};

/** One hostile value must not stop the process: no pattern may take more than linear time. */
const linearPatterns = {
  "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
  "regexp/no-super-linear-move": [
    "error",
    { report: "potential", ignorePartial: false, ignoreSticky: false },
  ],
};

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "node_modules/"] },
  eslint.configs.recommended,
  regexp.configs.recommended,
  { files: ["**/*.cjs"], languageOptions: { globals: { module: "writable" } } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./test/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "no-console": "error",
      ...linearPatterns,
      "no-restricted-syntax": ["error", named],
      "no-restricted-properties": [
        "error",
        { object: "process", property: "exit", message: "Only src/main.ts decides how the process ends." },
        {
          object: "process",
          property: "env",
          message: "Take the environment as a parameter; src/main.ts passes it.",
        },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  { files: ["src/main.ts", "src/health-check.ts"], rules: { "no-restricted-properties": "off" } },
  {
    files: ["test/**/*.ts"],
    rules: {
      // These read what they wrote themselves. The simulators, below, read what a hostile value made of it.
      "regexp/no-super-linear-backtracking": "off",
      "regexp/no-super-linear-move": "off",
      "no-restricted-properties": "off",
      // supertest and pino hand out loosely typed bodies; assertions on them are the test itself.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      // Test doubles are object literals of closures.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-base-to-string": "off",
    },
  },
  { files: ["test/support/**/*.ts", "test/unit/actions/world/*.ts"], rules: linearPatterns },
);
