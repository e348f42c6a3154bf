// Opens HTML reports in Chromium and looks whether they do what they should. Driven by tests/html_report.py:
//   node report.js SPEC.json
// The specification names the browser, the reports with their kinds, and a folder for screenshots (or null).
"use strict";
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const modules = process.env.FOREBEAR_MODULES;
const { chromium } = require(path.join(modules, "playwright-core"));
const axe = fs.readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");
const spec = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

const wrong = [];
let checks = 0;
const check = (holds, what) => {
  checks += 1;
  if (!holds) wrong.push(what);
};

// A page that notes whatever it should not do: errors, requests, dialogs.
const open = async (browser, report, options = {}) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  const own = pathToFileURL(report.file).href;
  page.on("console", (message) => check(!["error", "warning"].includes(message.type()), `${report.name}: console: ${message.text()}`));
  page.on("pageerror", (error) => check(false, `${report.name}: ${error.message}`));
  page.on("dialog", (dialog) => { check(false, `${report.name}: a dialog`); dialog.dismiss(); });
  page.on("request", (request) => check(request.url().split("#")[0] === own, `${report.name}: a request to ${request.url()}`));
  const begun = Date.now();
  await page.goto(own);
  // Without scripts there are no frames to wait for.
  if (options.javaScriptEnabled !== false) await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return { page, context, took: Date.now() - begun };
};
const unfold = (page) => page.evaluate(async () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  await new Promise((done) => setTimeout(done, 100));
});
const owned = (page) => page.evaluate(() => typeof window.__owned);
const shown = (page, selector) => page.locator(`${selector}:visible`).count();

// Accessibility and width, in every theme and width.
const looks = async (browser, report) => {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"]) {
      const at = `${report.name} at ${width}, ${colorScheme}`;
      const { page, context } = await open(browser, report, { viewport: { width, height: 900 }, colorScheme });
      if (spec.shots) await page.screenshot({ path: path.join(spec.shots, `${report.name}-${width}-${colorScheme}.png`), fullPage: true });
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
      check(await fits(), `${at}: scrolls sideways`);
      await unfold(page);
      check(await fits(), `${at}: scrolls sideways, unfolded`);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => (await window.axe.run(document, { rules: { "target-size": { enabled: true } } })).violations);
      for (const one of found) {
        const nodes = one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.failureSummary.replace(/\s+/g, " ")})`);
        check(false, `${at}: axe ${one.id}: ${nodes.join("; ")}`);
      }
      check(true, at);
      await context.close();
    }
  }
};

const findings = async (browser, report) => {
  const { page, context, took } = await open(browser, report);
  const all = await shown(page, ".finding");
  check(all === report.findings, `${report.name}: ${all} findings are shown, not ${report.findings}`);
  const status = page.locator(".filters [role=status]");
  check((await status.textContent()).includes(`All ${all}`), `${report.name}: the count is not told`);
  const first = page.locator(".filters fieldset button").first();
  await first.click();
  const some = await shown(page, ".finding");
  const promised = Number((await first.textContent()).split(" ").pop());
  check(some > 0 && some === promised, `${report.name}: a button shows ${some} of ${promised}`);
  const told = some === all ? `All ${all}` : `${some} of ${all}`;
  check((await status.textContent()).startsWith(told), `${report.name}: the count does not follow`);
  check((await first.getAttribute("aria-pressed")) === "true", `${report.name}: the button does not say that it is pressed`);
  await first.click();
  const search = page.locator(".filters input");
  const filtered = (number) => page.waitForFunction(
    (text) => document.querySelector(".filters [role=status]").textContent.startsWith(text), number, { timeout: 20000 });
  await search.fill("no such words");
  await filtered(`0 of ${all}`);
  check((await shown(page, ".group")) === 0, `${report.name}: empty groups are shown`);
  const print = await page.evaluate(() => [...document.querySelector(".finding").querySelectorAll("code.copy")].pop().textContent);
  await search.fill(print.toUpperCase());
  await filtered("1 of");
  await page.locator(".filters > button").click();
  check((await shown(page, ".finding")) === all, `${report.name}: not all are shown again`);
  for (const index of [0, 1]) {
    const select = page.locator(".filters select").nth(index);
    const value = await select.locator("option").nth(1).getAttribute("value");
    await select.selectOption(value);
    const chosen = await page.evaluate((key) => [...document.querySelectorAll(".finding:not([hidden])")].map((one) => one.dataset[key]), ["rule", "confidence"][index]);
    check(chosen.length > 0 && chosen.every((one) => one === value), `${report.name}: ${value} shows others`);
    await select.selectOption("");
  }
  await context.close();
  return took;
};

const keyboard = async (browser, report) => {
  const { page, context } = await open(browser, report, { viewport: { width: 1280, height: 900 } });
  const reach = async (selector) => {
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return true;
    }
    return false;
  };
  check(await reach(".skip"), `${report.name}: the first stop is not the way past the contents`);
  for (const [place, words] of [[".graph a", "For"], [".chart a", "Change"]]) {
    check(await reach(place), `${report.name}: the keyboard does not reach ${place}`);
    const tip = page.locator("#tip");
    check(await tip.isVisible(), `${report.name}: no evidence on focus at ${place}`);
    check((await tip.textContent()).includes(words), `${report.name}: the evidence at ${place} says ${await tip.textContent()}`);
    await page.keyboard.press("Escape");
    check(!(await tip.isVisible()), `${report.name}: Escape does not close the note`);
  }
  await page.keyboard.press("Enter");
  check(await page.evaluate(() => location.hash.includes("event") && document.querySelector(":target") !== null), `${report.name}: Enter does not lead to the row`);
  await page.locator(".graph a").first().hover();
  check(await page.locator("#tip").isVisible(), `${report.name}: no evidence on hover`);
  await page.locator(".graph a").first().click();
  check(await page.evaluate(() => location.hash.includes("hop")), `${report.name}: a click does not lead to the evidence`);
  const theme = page.locator("#tools select");
  await theme.selectOption("dark");
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await theme.selectOption("light");
  check(dark !== await page.evaluate(() => getComputedStyle(document.body).backgroundColor), `${report.name}: the theme does not change`);
  await context.close();
};

const paper = async (browser, report) => {
  const { page, context } = await open(browser, report);
  const folded = () => page.locator("details:not([open])").count();
  const before = await folded();
  await page.evaluate(() => addEventListener("beforeprint", () => { window.foldedOnPaper = document.querySelectorAll("details:not([open])").length; }));
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  if (spec.shots) fs.writeFileSync(path.join(spec.shots, `${report.name}.pdf`), pdf);
  check(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 20000, `${report.name}: no PDF`);
  check((await page.evaluate(() => window.foldedOnPaper)) === 0, `${report.name}: something stays folded on paper`);
  check((await folded()) === before, `${report.name}: it is not folded as before`);
  await context.close();
};

const withoutScript = async (browser, report) => {
  const { page, context } = await open(browser, report, { javaScriptEnabled: false });
  check((await page.locator(".finding:visible").count()) === report.findings, `${report.name}: without a script something is hidden`);
  check((await page.locator("#tools button, .filters").count()) === 0, `${report.name}: controls without a script`);
  await context.close();
};

const several = async (browser, report) => {
  const { page, context, took } = await open(browser, report);
  const names = () => page.locator(".overview tbody tr:visible th a").allTextContents();
  const before = await names();
  check(before.length === report.repositories, `${report.name}: ${before.length} repositories`);
  await page.locator(".overview thead button").nth(1).click();
  const numbers = await page.evaluate(() => [...document.querySelectorAll(".overview tbody tr")].map((row) => Number(row.cells[1].textContent)));
  check(numbers.every((number, index) => index === 0 || numbers[index - 1] >= number), `${report.name}: not sorted: ${numbers.slice(0, 20)}`);
  await page.locator(".overview thead button").first().click();
  const sorted = await names();
  check(sorted.length === before.length, `${report.name}: sorting lost some`);
  const last = sorted[sorted.length - 1];
  await page.locator(".overview input").fill(last);
  const left = await names();
  const fits = await page.evaluate((words) => [...document.querySelectorAll(".overview tbody tr")].filter((row) => row.textContent.toLowerCase().includes(words.toLowerCase())).length, last);
  check(left.length === fits && left.includes(last), `${report.name}: the filter shows ${left.length} of ${fits}`);
  check((await shown(page, ".repository")) === left.length, `${report.name}: the list does not follow the table`);
  await page.locator(".overview tbody tr:visible th a", { hasText: last }).first().click();
  await page.waitForFunction(() => document.querySelector(".repository[open]") !== null);
  await context.close();
  return took;
};

const hostile = async (browser, report) => {
  const { page, context } = await open(browser, report);
  await unfold(page);
  const links = page.locator("[data-tip]");
  for (let index = 0; index < Math.min(await links.count(), 30); index += 1) await links.nth(index).hover({ force: true, timeout: 2000 }).catch(() => {});
  // The page of a comparison has no search.
  const search = page.locator(".filters input");
  if (await search.count()) await search.fill("<img src=x onerror=window.__owned=1>");
  await page.waitForTimeout(300);
  check((await owned(page)) === "undefined", `${report.name}: a script of the repository ran`);
  const foreign = await page.evaluate(() => document.querySelectorAll("img, iframe, object, embed, body script ~ script, [onerror], [onload], [onclick]").length);
  check(foreign === 0, `${report.name}: ${foreign} elements of the repository`);
  for (const place of report.places) {
    check((await page.content()).includes(place), `${report.name}: the report does not hold ${place}, so it proves nothing`);
  }
  await context.close();
};

(async () => {
  const browser = await chromium.launch({ executablePath: spec.chromium, args: spec.flags });
  console.log(`Chromium ${browser.version()}, axe-core ${JSON.parse(fs.readFileSync(path.join(modules, "axe-core", "package.json"), "utf8")).version}`);
  for (const report of spec.reports) {
    let took = null;
    if (report.kinds.includes("looks")) await looks(browser, report);
    if (report.kinds.includes("findings")) took = await findings(browser, report);
    if (report.kinds.includes("keyboard")) await keyboard(browser, report);
    if (report.kinds.includes("paper")) await paper(browser, report);
    if (report.kinds.includes("without-script")) await withoutScript(browser, report);
    if (report.kinds.includes("several")) took = await several(browser, report);
    if (report.kinds.includes("hostile")) await hostile(browser, report);
    const size = (fs.statSync(report.file).size / 1e6).toFixed(1);
    console.log(`${report.name}: ${size} MB${took === null ? "" : `, drawn after ${took} ms`}`);
  }
  await browser.close();
  console.log(JSON.stringify({ checks, wrong }));
  process.exit(wrong.length ? 1 : 0);
})().catch((error) => { console.log(error); process.exit(1); });
