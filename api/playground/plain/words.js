// What the pages say, in the reader's language.

const chinese = {
  title: "联审 · 接口演练",
  demoAccount: "演示账号",
  choose: "请选择……",
  accountName: "账号",
  password: "密码",
  signIn: "登录",
  signOut: "退出",
  notSignedIn: "未登录",
  signedInAs: (name, role) => `已登录：${name}${role ? `（${role}）` : ""}`,
  signInFailed: "登录失败",
  follow: "使用示例指定的账号",
  examples: "示例",
  forAccount: (name) => `由 ${name} 执行`,
  query: "请求文档",
  variables: "变量（JSON）",
  run: "执行",
  runAll: "依次执行全部示例",
  stop: "停止",
  result: "结果",
  kept: "已记下的值",
  running: "执行中……",
  done: "已完成",
  missing: (name, example) =>
    `变量需要 {{${name}}}，但尚未取得。${example ? `请先执行示例 ${example}。` : ""}`,
  badVariables: "变量不是有效的 JSON",
};

const english = {
  title: "lianshen · playground",
  demoAccount: "Demo account",
  choose: "Choose…",
  accountName: "Account",
  password: "Password",
  signIn: "Sign in",
  signOut: "Sign out",
  notSignedIn: "Not signed in",
  signedInAs: (name, role) => `Signed in: ${name}${role ? ` (${role})` : ""}`,
  signInFailed: "Signing in failed",
  follow: "Follow the example's account",
  examples: "Examples",
  forAccount: (name) => `Run as ${name}`,
  query: "Document",
  variables: "Variables (JSON)",
  run: "Run",
  runAll: "Run all examples in order",
  stop: "Stop",
  result: "Result",
  kept: "Kept values",
  running: "Running…",
  done: "Done",
  missing: (name, example) =>
    `The variables need {{${name}}}, which is not known yet.${example ? ` Run example ${example} first.` : ""}`,
  badVariables: "The variables are not valid JSON",
};

const isChinese = navigator.language.toLowerCase().startsWith("zh");

export const words = isChinese ? chinese : english;
export const language = isChinese ? "zh-CN" : "en";
