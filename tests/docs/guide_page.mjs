/** Choose a song in the page of the guide, and read what it says in the end. */

export default async ({ page, url, args }) => {
  await page.goto(`${url}/`);
  await page.setInputFiles("input", args.song);
  await page.waitForFunction(() => document.querySelector("pre").textContent.includes("\n"));
  return page.innerText("pre");
};
