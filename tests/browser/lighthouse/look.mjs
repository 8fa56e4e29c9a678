// Lighthouse on every screen that is asked for. Reads one line of JSON: {chromium, flags, url, username, password, hashes}.
// The first page is loaded anew, for speed too; a screen behind the sign-in is looked at as it stands, since loading it anew
// would lock it. Writes one line of JSON: [{screen, scores: {category: 0..100}, wrong: [{id, title}]}].
import { readFileSync } from "node:fs";
import { desktopConfig, navigation, snapshot } from "lighthouse";
import puppeteer from "puppeteer-core";

const { chromium, flags, url, username, password, hashes } = JSON.parse(readFileSync(0, "utf8"));
const browser = await puppeteer.launch({ executablePath: chromium, args: flags, headless: true });
const said = [];

function note(screen, { lhr }) {
  const scores = Object.fromEntries(Object.values(lhr.categories).filter(({ score }) => score !== null).map(({ id, score }) => [id, Math.round(score * 100)]));
  const counted = new Set(Object.values(lhr.categories).flatMap((each) => each.auditRefs.filter((one) => one.weight > 0).map((one) => one.id)));
  const wrong = Object.values(lhr.audits).filter((audit) => counted.has(audit.id) && audit.score !== null && audit.score < 0.9);
  said.push({ screen, scores, wrong: wrong.map(({ id, title }) => ({ id, title })) });
}

try {
  const page = await browser.newPage();
  await page.setViewport({ width: 820, height: 1180 });
  note("lock", await navigation(page, url, { config: desktopConfig }));
  await page.waitForSelector("input[name=username]");
  await page.type("input[name=username]", username);
  await page.type("input[name=password]", password);
  await page.click("main form button");
  await page.waitForSelector(".bar");
  for (const hash of hashes) {
    await page.evaluate((to) => (location.hash = to), hash);
    await page.waitForNetworkIdle({ idleTime: 500, concurrency: 2, timeout: 5_000 }).catch(() => undefined);
    note(hash.replace(/^#\//, "").replace(/\/[0-9a-f-]{36}/, ""), await snapshot(page, { config: desktopConfig }));
  }
} finally {
  await browser.close();
}
process.stdout.write(`${JSON.stringify(said)}\n`);
