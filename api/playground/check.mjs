// Drives the playground in headless Chromium: `node check.mjs http://127.0.0.1:8080 [full|plain]`. With SCREENSHOTS set
// to the beginning of a file name it also takes pictures.
// Fails on a failed request, on a request to any other origin, on a console error or warning (a breach of the
// content security policy is one), on an example that is answered with errors. Needs `npm ci` in this folder and Chromium
// (`apt-get install chromium`, or name another in CHROMIUM).

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [address, wanted] = process.argv.slice(2);
const pictures = process.env.SCREENSHOTS;
assert(address, "usage: node check.mjs ADDRESS [full|plain]");
const origin = new URL(address).origin;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

try {
  await checkIn("zh-CN", "登录", async (page, config, kind) => {
    await checkSignIn(page, config);
    await (kind === "full" ? checkFull(page, config) : checkPlain(page, config));
  });
  await checkIn("en-GB", "Sign in", async (page, config) => {
    assert.match(await page.title(), /playground/);
    if (config.demoAccounts.length > 0) await page.locator("[name=follow]").waitFor();
  });
} finally {
  await browser.close();
}

/** Opens the page in one language, and sees to it that nothing goes wrong while `steps` are taken. */
async function checkIn(locale, signIn, steps) {
  const context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } });
  await context.addInitScript(editors);
  const page = await context.newPage();
  const wrong = [];
  const loaded = new Set();

  const isOurs = (url) => ["data:", "blob:"].includes(url.protocol) || url.host === new URL(origin).host;
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!isOurs(url)) wrong.push(`asked another host: ${url}`);
    loaded.add(url.pathname);
  });
  context.on("requestfailed", (request) => wrong.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  context.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`HTTP ${response.status()}: ${response.url()}`);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) || /Content.Security.Policy/i.test(message.text())) {
      wrong.push(`console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => wrong.push(`exception: ${error.stack ?? error}`));
  page.on("websocket", (socket) => {
    if (!isOurs(new URL(socket.url()))) wrong.push(`socket to another host: ${socket.url()}`);
    socket.on("socketerror", (error) => wrong.push(`socket: ${error}`));
  });

  let kind;
  try {
    await page.goto(`${origin}/playground`);
    await page.locator(".graphiql-execute-button, #run").waitFor();
    kind = (await page.locator("#run").count()) > 0 ? "plain" : "full";
    if (wanted) assert.equal(kind, wanted);
    await page.locator("header.session form button", { hasText: signIn }).waitFor();
    const config = await page.evaluate(async () => (await fetch("/playground/config.json")).json());
    await steps(page, config, kind);
    assert.deepEqual(await page.evaluate(storedTokens), [], "a token is in the storage of the browser");
  } catch (error) {
    wrong.push(error.message);
  }
  if (pictures) await page.screenshot({ path: `${pictures}-${kind}-${locale}.png` });
  await context.close();
  if (wrong.length > 0) {
    console.error(`${locale}: ${wrong.length} wrong\n${wrong.join("\n")}`);
    process.exitCode = 1;
  } else {
    console.log(`${locale}: the ${kind} page works; ${loaded.size} addresses, all on ${origin}`);
  }
}

/** Reading an editor of GraphiQL by its screen would miss the lines that are scrolled away. */
function editors() {
  globalThis.editorModel = (part) =>
    globalThis.__MONACO?.editor.getModels().find((model) => model.uri.path.includes(`${part}.`));
  globalThis.editorText = (part) => globalThis.editorModel(part)?.getValue() ?? "";
}

function storedTokens() {
  return [localStorage, sessionStorage].flatMap((storage) =>
    Object.values(storage).filter((value) => /"accessToken\W{1,8}[\w.-]{4}|Bearer /.test(value)),
  );
}

async function checkSignIn(page, config) {
  const status = page.locator("header.session output");
  const before = await status.textContent();

  await page.fill("[name=accountName]", "nobody-of-this-name");
  await page.fill("[name=password]", "wrong");
  await page.click("header.session form button");
  await page.locator("header.session .problem:not(:empty)").waitFor();
  assert.equal(await status.textContent(), before);

  const [demo] = config.demoAccounts;
  await page.fill("[name=accountName]", demo.name);
  await page.fill("[name=password]", demo.password);
  await page.click("header.session form button");
  await changed(status, before);
  assert.equal(await page.inputValue("[name=password]"), "", "the password stays in its field");

  await page.locator("header.session > button").click();
  await changed(status, await status.textContent(), before);
  await page.selectOption("[name=demoAccount]", demo.name);
  await changed(status, before);
}

/** Waits until the text is not `before`, or is `after`. */
async function changed(locator, before, after) {
  for (let patience = 100; patience > 0; patience -= 1) {
    const text = await locator.textContent();
    if (after === undefined ? text !== before : text === after) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`still “${await locator.textContent()}”`);
}

async function checkPlain(page, config) {
  const tabs = page.locator("nav [role=tab]");
  assert.deepEqual(await tabs.allTextContents(), config.examples.map(({ name }) => name));
  for (const [index, example] of config.examples.entries()) {
    await tabs.nth(index).click();
    assert.equal(await page.inputValue("[name=query]"), example.query);
    await page.click("#run");
    await answered(example, () => page.locator("#answer").textContent());
    if (isSubscription(example)) await page.click("#stop");
    await page.locator("#run:enabled").waitFor({ timeout: 5000 });
  }
  await page.click("#run-all");
  await page.locator("#run:disabled").waitFor();
  await tabs.last().and(page.locator("[aria-selected=true]")).waitFor();
  await page.locator("#run:enabled").waitFor();
  const last = config.examples.at(-1);
  if (!isSubscription(last)) await answered(last, () => page.locator("#answer").textContent());
}

async function checkFull(page, config) {
  const tabs = page.locator("button.graphiql-tab-button");
  const names = config.examples.map(({ query }) => /(?:query|mutation|subscription)\s+(\w+)/.exec(query)[1]);
  assert.deepEqual(await tabs.allTextContents(), names);

  await page.locator(".graphiql-sidebar button").first().click();
  await page.locator(".graphiql-doc-explorer", { hasText: "Query" }).waitFor();
  await page.locator(".graphiql-doc-explorer-root-type, .graphiql-doc-explorer a", { hasText: "Mutation" }).first().waitFor();

  const run = page.locator("button.graphiql-execute-button");
  for (const [index, example] of config.examples.entries()) {
    await tabs.nth(index).click();
    await page.waitForFunction((query) => editorText("operation").endsWith(query), example.query);
    if (example.variables) {
      const shown = await page.evaluate(() => editorText("variables"));
      assert.deepEqual(JSON.parse(shown), example.variables, example.name);
    }
    await run.click();
    await answered(example, () => page.evaluate(() => editorText("response")));
    if (isSubscription(example)) await run.click();
  }

  // Prettify loads a part of the bundle that nothing else loads; the worker finds the field that does not exist.
  await tabs.first().click();
  await page.waitForFunction((query) => editorText("operation").endsWith(query), config.examples[0].query);
  await page.evaluate(() => editorModel("operation").setValue("query Wrong{noSuchFieldAtAll{id}}"));
  await page.locator('button[aria-label^="Prettify"]').click();
  await page.waitForFunction(() => editorText("operation").includes("{\n  noSuchFieldAtAll {\n    id"));
  await page.waitForFunction(() =>
    globalThis.__MONACO.editor.getModelMarkers({}).some(({ message }) => message.includes("noSuchFieldAtAll")),
  );
}

function isSubscription({ query }) {
  return /^subscription\b/m.test(query);
}

/** Waits for an answer without errors. A subscription may have nothing to tell within two seconds. */
async function answered(example, read) {
  const patience = isSubscription(example) ? 2000 : 10_000;
  const deadline = Date.now() + patience;
  let text = "";
  while (!text.trim() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    text = await read();
  }
  if (isSubscription(example) && !text.trim()) return;
  assert.match(text, /"data"/, `${example.name}: ${text}`);
  assert.doesNotMatch(text, /^ {2}"errors"/m, `${example.name}: ${text}`);
}
