import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

export default defineConfig([
  globalIgnores(["build/", ".venv*/", "**/*.min.js"]),
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
  {
    files: ["zoo/web/**"],
    languageOptions: {
      globals: { ...globals.browser, ...globals.audioWorklet, tf: "readonly" },
    },
  },
  {
    // Functions in these run in the page.
    files: ["tests/browser/**", "tests/docs/**"],
    languageOptions: {
      globals: { ...globals.browser, axe: "readonly", tf: "readonly", zoo: "readonly" },
    },
  },
]);
