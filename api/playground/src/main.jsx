// The full page: GraphiQL under our sign-in bar, one tab for each example document.

import "./workers.js";
import "graphiql/style.css";
import "../plain/session.css";
import "./main.css";

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";

import { createClient, readConfig } from "../plain/client.js";
import { element, sessionBar } from "../plain/session.js";
import { language, words } from "../plain/words.js";

document.documentElement.lang = language;
document.title = words.title;

const config = await readConfig();
const client = createClient(config, words);

const tabs = config.examples.map((example) => ({
  query: `${comment(example)}${example.query}`,
  variables: example.variables ? JSON.stringify(example.variables, null, 2) : "",
}));

/** The description of an example, as GraphiQL has no other place for it. */
function comment({ description, account }) {
  const lines = description.split("\n").concat(account ? words.forAccount(account) : []);
  return lines.filter(Boolean).map((line) => `# ${line}\n`).join("");
}

// Edits live as long as the browser tab: they may hold what an applicant wrote, so they don't stay on the disk.
// GraphiQL takes the variables of its first tab from here only, not from `defaultTabs`.
const storage = window.sessionStorage;
const isFresh = storage.getItem("graphiql:tabState") === null;
const first = isFresh && tabs.length > 0 ? { initialQuery: tabs[0].query, initialVariables: tabs[0].variables } : {};

/** Where the schema shows itself to signed-in readers only, GraphiQL must ask again after a sign-in. */
function SchemaAfterSignIn() {
  const schema = useGraphiQL((state) => state.schema);
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    if (schema) return undefined;
    return client.onChange(() => client.account() && introspect());
  }, [schema, introspect]);
  return null;
}

function Page() {
  return (
    <GraphiQL
      fetcher={client.execute}
      storage={storage}
      defaultTabs={tabs.length > 0 ? tabs : undefined}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      inputValueDeprecation
      schemaDescription
      {...first}
    >
      <GraphiQL.Footer>
        <SchemaAfterSignIn />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

const page = element("div", { className: "page" });
document.body.append(sessionBar(client, config, words), page);
createRoot(page).render(<Page />);
