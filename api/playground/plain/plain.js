// The plain page: what the playground is when the program was built without Node. It signs in, runs the example
// documents one by one or in order, and hands values from one to the next.

import { createClient, readConfig } from "./client.js";
import { element, sessionBar } from "./session.js";
import { language, words } from "./words.js";

document.documentElement.lang = language;
document.title = words.title;

const config = await readConfig();
const client = createClient(config, words);

const drafts = config.examples.map(({ query, variables }) => ({
  query,
  variables: variables ? JSON.stringify(variables, null, 2) : "",
  answer: "",
}));
if (drafts.length === 0) drafts.push({ query: "{ __typename }", variables: "", answer: "" });

// When all examples run in order nobody stops a subscription, so it is heard for this long (milliseconds).
const walkthroughPause = 2000;

let chosen = 0;
let running = null;

const description = element("p", { className: "description" });
const query = element("textarea", { name: "query", spellcheck: false, rows: 16 });
const variables = element("textarea", { name: "variables", spellcheck: false, rows: 8 });
const status = element("output", {});
const answer = element("pre", { id: "answer", tabIndex: 0 });
const kept = element("pre", { className: "kept" });
const keptTitle = element("h2", {}, words.kept);
const run = element("button", { type: "button", id: "run" }, words.run);
const stop = element("button", { type: "button", id: "stop", disabled: true }, words.stop);
const runAll = element("button", { type: "button", id: "run-all", className: "run-all" }, words.runAll);
const tabs = element("div", {});
tabs.setAttribute("role", "tablist");
tabs.setAttribute("aria-label", words.examples);

config.examples.forEach((example, index) => {
  const tab = element("button", { type: "button", onclick: () => choose(index) }, example.name);
  tab.setAttribute("role", "tab");
  tabs.append(tab);
});

query.oninput = () => (drafts[chosen].query = query.value);
variables.oninput = () => (drafts[chosen].variables = variables.value);
run.onclick = () => runChosen();
stop.onclick = () => running?.return();
runAll.onclick = async () => {
  for (let index = 0; index < drafts.length; index += 1) {
    choose(index);
    if (!(await runChosen(walkthroughPause))) return;
  }
};

function choose(index) {
  chosen = index;
  const example = config.examples[index];
  const lines = [example?.description, example?.account && words.forAccount(example.account)];
  description.textContent = lines.filter(Boolean).join("\n");
  query.value = drafts[index].query;
  variables.value = drafts[index].variables;
  answer.textContent = drafts[index].answer;
  status.textContent = "";
  [...tabs.children].forEach((tab, at) => tab.setAttribute("aria-selected", String(at === index)));
}

function show(draft, text) {
  draft.answer = text;
  if (draft === drafts[chosen]) answer.textContent = text;
}

/** Runs the chosen document, a subscription for `patience` at most; true if it was answered without `errors`. */
async function runChosen(patience) {
  const draft = drafts[chosen];
  const buttons = [run, runAll, ...tabs.children];
  let clean = false;
  buttons.forEach((button) => (button.disabled = true));
  status.textContent = words.running;
  show(draft, "");
  try {
    const outcome = await client.execute({ query: draft.query, variables: readVariables(draft.variables) });
    if (outcome[Symbol.asyncIterator]) {
      clean = await listen(draft, outcome, patience);
    } else {
      show(draft, JSON.stringify(outcome, null, 2));
      clean = !outcome.errors;
    }
    status.textContent = words.done;
  } catch (error) {
    show(draft, error.message);
    status.textContent = "";
  } finally {
    running = null;
    stop.disabled = true;
    buttons.forEach((button) => (button.disabled = false));
  }
  return clean;
}

async function listen(draft, results, patience) {
  running = results;
  stop.disabled = false;
  if (patience) setTimeout(() => results.return(), patience);
  let clean = true;
  for await (const result of results) {
    show(draft, `${draft.answer}${JSON.stringify(result, null, 2)}\n`);
    clean &&= !result.errors;
  }
  return clean;
}

function readVariables(text) {
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${words.badVariables}: ${error.message}`);
  }
}

function showKept() {
  kept.textContent = [...client.kept].map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join("\n");
  kept.hidden = keptTitle.hidden = client.kept.size === 0;
}

client.onChange(showKept);
showKept();
choose(0);

document.body.append(
  sessionBar(client, config, words),
  element(
    "main",
    { className: "work" },
    element("nav", {}, element("h2", {}, words.examples), tabs, runAll),
    element(
      "section",
      { className: "editor" },
      description,
      element("label", {}, words.query, query),
      element("label", {}, words.variables, variables),
      element("div", { className: "actions" }, run, stop, status),
    ),
    element("section", { className: "answer" }, element("h2", {}, words.result), answer, keptTitle, kept),
  ),
);
