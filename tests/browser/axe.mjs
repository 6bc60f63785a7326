/** What axe-core finds serious in a page, as it is now. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const SOURCE = await readFile(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

export async function serious(page) {
  // The page's policy lets no script be added, so it comes through the debugger.
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(async () => {
    const colors = document
      .getAnimations()
      .filter(({ effect }) => effect.getTiming().iterations === 1);
    await Promise.allSettled(colors.map(({ finished }) => finished)); // on their way to others
    return axe.run();
  });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => html + failureSummary)}`,
    );
}
