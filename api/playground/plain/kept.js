// Values that one example leaves for the next: kept from a result, put into the variables where `{{name}}` stands.

/** Keeps what `keeps` finds in `result`; true if anything was found. */
export function keep(keeps, result, kept) {
  let found = false;
  for (const { name, path } of keeps) {
    const value = path.split(".").reduce((at, step) => at?.[step], result);
    if (value === undefined || value === null) continue;
    kept.set(name, value);
    found = true;
  }
  return found;
}

/** A copy of `value` with every placeholder filled. A string that is one placeholder takes the value as it is. */
export function fill(value, kept, missing) {
  if (typeof value === "string") {
    const look = (name) => (kept.has(name) ? kept.get(name) : missing(name));
    const whole = /^\{\{\s*(\w+)\s*\}\}$/.exec(value);
    if (whole) return look(whole[1]);
    return value.replace(/\{\{\s*(\w+)\s*\}\}/g, (_all, name) => String(look(name)));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, kept, missing));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, kept, missing)]));
  }
  return value;
}
