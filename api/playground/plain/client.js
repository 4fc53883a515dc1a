// Talks to the server for both pages. The token lives in the closure of `createClient` and nowhere else: not in any
// storage, not in an address, gone with the page.

import { fill, keep } from "./kept.js";
import { subscribe } from "./socket.js";

/** Reads what the server tells about itself: where GraphQL is, demo accounts, example documents. */
export async function readConfig() {
  const answer = await fetch("/playground/config.json");
  if (!answer.ok) throw new Error(`config.json: HTTP ${answer.status}`);
  return answer.json();
}

/** The name of the first operation in a document, or undefined if it has none. */
export function operationName(document) {
  return /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(document)?.[1];
}

/** The kind of the operation `name`, or of the only operation if it has no name. */
function kindOf(document, name) {
  const lines = document.replace(/^\s*#.*$/gm, "");
  const found = name ? new RegExp(`^\\s*(\\w+)\\s+${name}\\b`, "m").exec(lines) : /^\s*(\w+)/.exec(lines);
  return ["query", "mutation", "subscription"].find((kind) => kind === found?.[1]);
}

export function createClient(config, words) {
  const listeners = new Set();
  const kept = new Map();
  let session = null;

  const changed = () => listeners.forEach((listener) => listener());

  const adopt = (signedIn, name) => {
    session = {
      name,
      displayName: signedIn.account?.displayName ?? name,
      role: signedIn.account?.role,
      authorization: `Bearer ${signedIn.accessToken}`,
      expires: Date.parse(signedIn.accessTokenExpiresAt) || Infinity,
    };
    changed();
  };

  async function post(body) {
    const headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
    };
    if (session) headers.authorization = session.authorization;
    const answer = await fetch(config.graphql, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`HTTP ${answer.status} ${text.slice(0, 200)}`);
    }
  }

  async function signIn(accountName, password) {
    session = null;
    const result = await post({
      operationName: "PlaygroundSignIn",
      query: `mutation PlaygroundSignIn($input: SessionSignInInput!) {
        sessionSignIn(input: $input) {
          session { accessToken accessTokenExpiresAt refreshToken account { displayName role } }
          userErrors { code message field }
        }
      }`,
      variables: { input: { accountName, password } },
    });
    const payload = result.data?.sessionSignIn;
    if (!payload?.session) {
      changed();
      throw new Error(payload?.userErrors?.[0]?.message ?? result.errors?.[0]?.message ?? words.signInFailed);
    }
    adopt(payload.session, accountName);
  }

  /** Signs in as the account that an example is written for, unless the reader said not to. */
  async function followAccount(example) {
    const wanted = example?.account;
    if (!client.followsExamples || !wanted) return;
    const still = session?.name === wanted && session.expires - Date.now() > 5000;
    const demo = config.demoAccounts.find((account) => account.name === wanted);
    if (demo && !still) await signIn(demo.name, demo.password);
  }

  function learn(example, variables, result) {
    const signedIn = result.data?.sessionSignIn?.session;
    if (signedIn?.accessToken) adopt(signedIn, variables?.input?.accountName ?? "");
    if (example && keep(example.keeps, result, kept)) changed();
    return result;
  }

  const client = {
    kept,
    followsExamples: true,
    account: () => session,
    /** Calls `listener` after every sign-in, sign-out and kept value, until the answered function is called. */
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signIn,
    signOut() {
      session = null;
      changed();
    },
    exampleOf: (name) => config.examples.find((example) => operationName(example.query) === name),

    /** Sends one operation. A query or mutation gives its result, a subscription an async iterable of results. */
    async execute({ query, variables, operationName: chosen }) {
      // Right after a change of tabs GraphiQL still names the operation of the tab before.
      const name = chosen && kindOf(query, chosen) ? chosen : operationName(query);
      const example = client.exampleOf(name);
      await followAccount(example);
      const filled = fill(variables, kept, (missing) => {
        const source = config.examples.find((one) => one.keeps.some((kept) => kept.name === missing));
        throw new Error(words.missing(missing, source?.name));
      });
      const request = { query, variables: filled ?? undefined, operationName: name };
      if (kindOf(query, name) === "subscription") {
        const onResult = (result) => learn(example, filled, result);
        return subscribe(config.graphql, session?.authorization, request, onResult);
      }
      return learn(example, filled, await post(request));
    },
  };
  return client;
}
