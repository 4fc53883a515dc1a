// An independent judge of calendar and clocks: clocks_dump | node oracle.mjs
// Which days are worked it takes from the package chinese-days, and each clock it walks event by event and day by day:
// on every morning it asks whether the clock is running. It shares nothing with the program but the law.
import { createInterface } from 'node:readline';
import chineseDays from 'chinese-days';

const DAYS = 1461;
const CLOCKS = 20000;

// ---- Days, as numbers since 1970-01-01 ------------------------------------------------------------------------------

const numberOf = (text) => (text === null ? null : Date.parse(`${text}T00:00:00Z`) / 86400000);
const textOf = (day) => (day === null ? null : new Date(day * 86400000).toISOString().slice(0, 10));
const yearOf = (day) => new Date(day * 86400000).getUTCFullYear();
const isKnownYear = (year) => year >= 2023 && year <= 2026;

const works = new Map();
const isWorked = (day) => {
  if (!works.has(day)) {
    const date = new Date(day * 86400000);
    // Nobody knows the holidays of other years; the program must count their weekdays and say that it guesses.
    const worked = isKnownYear(yearOf(day)) ? chineseDays.isWorkday(textOf(day)) : date.getUTCDay() % 6 !== 0;
    works.set(day, worked);
  }
  return works.get(day);
};

/** The corresponding day so many months later, else the end of that month. */
const monthsAfter = (day, months) => {
  const date = new Date(day * 86400000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const daysOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), daysOfMonth)) / 86400000;
};

// ---- The walk -------------------------------------------------------------------------------------------------------

/** The day of an act, or for an entry after the fact that of the entry. */
const enteredOn = (on, entered) => numberOf(entered ?? on);

/** Lives through a clock as somebody who knows what was on record by the end of `knownOn`, and ends open suspensions on `resumedOn`. */
const live = (clock, knownOn, resumedOn) => {
  const anchor = numberOf(clock.anchor);
  const byWorkdays = clock.limit.unit === 'WORKDAY';
  const counts = (day) => !byWorkdays || isWorked(day);

  const events = [];
  for (const { start, end, start_entered_on, end_entered_on } of clock.suspensions) {
    const [from, until] = [numberOf(start), numberOf(end)];
    if (enteredOn(start, start_entered_on) > knownOn) continue;
    const ends = until !== null && enteredOn(end, end_entered_on) <= knownOn ? until : resumedOn;
    const suspension = { ends };
    events.push({ on: from, suspension, kind: 'SUSPENDED' });
    if (ends !== null) events.push({ on: ends, suspension, kind: 'RESUMED' });
  }
  for (const { approved_on, entered_on, days } of clock.extensions) {
    const on = enteredOn(approved_on, entered_on);
    if (on <= knownOn) events.push({ on, approved: approved_on, days, kind: 'EXTENDED' });
  }
  // The sort is stable, so a suspension of one day still starts before it ends.
  events.sort((one, other) => one.on - other.on);

  let total = {
    WORKDAY: () => clock.limit.n,
    CALENDAR_DAY: () => clock.limit.n,
    MONTH: () => monthsAfter(anchor, clock.limit.n) - anchor,
    YEAR: () => monthsAfter(anchor, 12 * clock.limit.n) - anchor,
  }[clock.limit.unit]();
  const open = new Set();
  const charged = [];
  const late = [];
  const end = () => {
    if (total > charged.length) return null;
    if (total === 0) return { last: anchor, due: anchor };
    const last = charged[total - 1];
    let due = last;
    while (!byWorkdays && !isWorked(due)) due += 1;
    return { last, due };
  };

  let next = 0;
  for (let day = Math.min(anchor, events[0]?.on ?? anchor); ; day += 1) {
    const today = [];
    while (next < events.length && events[next].on === day) today.push(events[next++]);

    const suspended = {
      START_OF_DAY_STATE: () => open.size > 0,
      INCLUSIVE: () => open.size > 0 || today.some(({ kind }) => kind === 'SUSPENDED'),
      EXCLUSIVE: () => [...open].some(({ ends }) => ends !== day),
    }[clock.boundary]();
    if (day > anchor && counts(day) && !suspended) charged.push(day);

    for (const { kind, suspension, approved, days } of today) {
      if (kind === 'SUSPENDED') open.add(suspension);
      if (kind === 'RESUMED') open.delete(suspension);
      if (kind === 'EXTENDED') {
        const ended = end();
        if (ended !== null && ended.due < day) late.push(approved);
        else total += days;
      }
    }
    if (day >= anchor && next === events.length && (end() !== null || open.size > 0)) break;
  }
  return { anchor, counts, byWorkdays, total, charged, late, end: end() };
};

/** Takes out the suspensions that were entered when the period had ended: an entry never heals a breach. */
const withoutLate = (clock, knownOn) => {
  const entry = ({ start, start_entered_on }) => enteredOn(start, start_entered_on);
  const isAtOnce = (suspension) => suspension.start_entered_on === null;
  const suspensions = clock.suspensions.filter(isAtOnce);
  const late = [];
  const afterTheFact = clock.suspensions.filter((one) => !isAtOnce(one) && entry(one) <= knownOn);
  for (const one of afterTheFact.sort((one, other) => entry(one) - entry(other))) {
    const { end } = live({ ...clock, suspensions }, entry(one), null);
    if (end === null || entry(one) <= end.due) suspensions.push(one);
    else late.push(one.start);
  }
  return { clock: { ...clock, suspensions }, late };
};

const judge = (recorded, today) => {
  const stop = numberOf(recorded.stopped_on);
  const stopped = stop !== null && stop <= today;
  const readOn = stopped ? stop : today;
  const { clock, late: lateSuspensions } = withoutLate(recorded, readOn);
  const { anchor, counts, byWorkdays, total, charged, late, end } = live(clock, readOn, null);
  const projected = end ?? live(clock, readOn, readOn).end;

  const through = (day) => charged.filter((one) => one <= day).length;
  const counted = (after, day) => {
    let sum = 0;
    for (let one = after + 1; one <= day; one += 1) sum += counts(one) ? 1 : 0;
    return sum;
  };
  // Until the last charged day the suspensions matter, after it only the days that pass.
  let remaining = total - through(readOn);
  let elapsed = through(readOn);
  if (end !== null && readOn < end.last) remaining += end.due - end.last;
  if (end !== null && readOn >= end.last) {
    remaining = counted(readOn, end.due) - counted(end.due, readOn);
    elapsed = total + counted(end.last, readOn);
  }
  const overdue = end !== null && readOn > end.due;
  const state = stopped
    ? 'STOPPED'
    : readOn < anchor
      ? 'NOT_STARTED'
      : end === null
        ? 'SUSPENDED'
        : overdue
          ? 'OVERDUE'
          : 'RUNNING';

  let provisional = false;
  if (projected.due > anchor) {
    for (let day = byWorkdays ? anchor + 1 : projected.last; day <= projected.due; day += 1) {
      provisional ||= !isKnownYear(yearOf(day));
    }
  }
  return {
    dueOn: textOf(end?.due ?? null),
    projectedOn: textOf(projected.due),
    remaining,
    elapsed,
    state,
    overdue,
    provisional,
    lateExtensions: late,
    lateSuspensions,
    recordedDueOn: textOf(live(withoutLate(recorded, stop ?? Infinity).clock, stop ?? Infinity, null).end?.due ?? null),
  };
};

// ---- The comparison -------------------------------------------------------------------------------------------------

let passed = 0;
let failed = 0;
const check = (ok, complaint) => {
  if (ok) {
    passed += 1;
  } else {
    failed += 1;
    if (failed <= 10) console.log(`FAILED ${complaint()}`);
  }
};

const dates = new Set();
const seen = new Map();
const see = (what) => seen.set(what, (seen.get(what) ?? 0) + 1);
let clocks = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.date) {
    dates.add(told.date);
    check(told.worked === isWorked(numberOf(told.date)), () => `${told.date}: worked is ${told.worked}`);
  } else {
    clocks += 1;
    see(told.said.state);
    for (const what of ['lateExtensions', 'lateSuspensions']) if (told.said[what].length > 0) see(what);
    for (const what of ['overdue', 'provisional']) if (told.said[what]) see(what);
    const expected = judge(told.clock, numberOf(told.today));
    const wrong = Object.keys({ ...expected, ...told.said }).filter(
      (key) => JSON.stringify(expected[key]) !== JSON.stringify(told.said[key]),
    );
    check(wrong.length === 0, () => {
      const differences = wrong.map(
        (key) => `${key} is ${JSON.stringify(told.said[key])}, not ${JSON.stringify(expected[key])}`,
      );
      return `${differences.join('; ')}\n       ${line}`;
    });
  }
}
// Nothing said, or always the same, would be nothing wrong.
const ofFourYears = Array.from({ length: DAYS }, (_, offset) => textOf(numberOf('2023-01-01') + offset));
check(
  ofFourYears.every((date) => dates.has(date)),
  () => `only ${dates.size} days were told`,
);
check(clocks === CLOCKS, () => `${clocks} clocks were told`);
const kinds = ['NOT_STARTED', 'RUNNING', 'SUSPENDED', 'OVERDUE', 'STOPPED'];
for (const what of [...kinds, 'overdue', 'provisional', 'lateExtensions', 'lateSuspensions']) {
  check((seen.get(what) ?? 0) >= 100, () => `${seen.get(what) ?? 0} clocks are ${what}`);
}
console.log([...seen].map(([what, count]) => `${count} ${what}`).join(', '));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
