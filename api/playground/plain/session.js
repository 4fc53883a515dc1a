// The sign-in bar at the head of both pages.

/** Makes an element: `element("button", { type: "button", onclick }, "Run")`. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function sessionBar(client, config, words) {
  const problem = element("span", { className: "problem" });
  problem.setAttribute("role", "alert");

  const attempt = async (name, password) => {
    problem.textContent = "";
    try {
      await client.signIn(name, password);
    } catch (error) {
      problem.textContent = error.message;
    }
  };

  const choice = element("select", { name: "demoAccount" }, element("option", { value: "" }, words.choose));
  for (const { name, role } of config.demoAccounts) {
    choice.append(element("option", { value: name }, role ? `${name} · ${role}` : name));
  }
  choice.onchange = () => {
    const demo = config.demoAccounts.find((account) => account.name === choice.value);
    if (demo) attempt(demo.name, demo.password);
  };

  const accountName = element("input", { name: "accountName", autocomplete: "username", required: true, size: 12 });
  const password = element("input", {
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
    size: 12,
  });
  const form = element(
    "form",
    {},
    element("label", {}, words.accountName, " ", accountName),
    element("label", {}, words.password, " ", password),
    element("button", { type: "submit" }, words.signIn),
  );
  form.onsubmit = async (event) => {
    event.preventDefault();
    await attempt(accountName.value, password.value);
    password.value = "";
  };

  const follow = element("input", { type: "checkbox", name: "follow", checked: true });
  follow.onchange = () => (client.followsExamples = follow.checked);

  const status = element("output", { className: "status" });
  const leave = element("button", { type: "button", onclick: client.signOut }, words.signOut);

  const show = () => {
    const account = client.account();
    status.textContent = account ? words.signedInAs(account.displayName, account.role) : words.notSignedIn;
    choice.value = config.demoAccounts.some(({ name }) => name === account?.name) ? account.name : "";
    leave.hidden = !account;
  };
  client.onChange(show);
  show();

  const bar = element("header", { className: "session" }, element("h1", {}, words.title));
  if (config.demoAccounts.length > 0) {
    bar.append(element("label", {}, words.demoAccount, " ", choice));
  }
  bar.append(form);
  if (config.demoAccounts.length > 0) bar.append(element("label", {}, follow, " ", words.follow));
  bar.append(status, leave, problem);
  return bar;
}
