//! What numbers may be.

use std::ops::RangeInclusive;

/// The keys that have bounds, and the bounds; those of the tables that the domain knows stand there.
const BOUNDS: [(&str, RangeInclusive<u64>); 18] = [
    ("pool", 1..=1_000),
    ("acquire_timeout_seconds", 1..=60),
    ("access_token_minutes", 1..=1_440),
    ("session_idle_minutes", 1..=525_600),
    ("session_hours", 1..=8_760),
    // What a hash may cost; the default is the least that is safe.
    ("password_memory_kib", 19_456..=1_048_576),
    ("password_passes", 2..=64),
    ("password_min_chars", 8..=64),
    ("max_connections", 1..=1_000_000),
    ("max_connections_per_peer", 1..=1_000_000),
    // Whoever sweeps seldom warns of deadlines late.
    ("sweep_seconds", 1..=300),
    ("farewell_seconds", 0..=60),
    ("replica_wait_milliseconds", 0..=400),
    ("late_entry_days", 0..=365),
    // Offices are closed for a week, and their systems repeat what was not answered when they open again.
    ("keep_idempotency_days", 7..=36_500),
    // Records of the network are kept for six months at least (网络安全法 第二十一条第三项).
    ("keep_sessions_days", 184..=36_500),
    ("sharing.timeout_seconds", 1..=60),
    ("sharing.attempts", 1..=50),
];

/// What is beyond its bounds: the key, what it is, and what it may be.
pub(super) fn beyond(key: &str, n: u64) -> Option<String> {
    let may = of(key)?;
    let (least, most) = (may.start(), may.end());
    (!may.contains(&n)).then(|| format!("{key} is {n}, and may be {least} to {most}"))
}

/// What a whole number of this key may be, in words.
pub(super) fn in_words(key: &str) -> String {
    match of(key) {
        Some(may) => format!("a whole number, {} to {}", may.start(), may.end()),
        None => "a whole number, 0 or more".to_owned(),
    }
}

fn of(key: &str) -> Option<&'static RangeInclusive<u64>> {
    let mut known = BOUNDS.iter();
    known.find(|(known, _)| *known == key).map(|(_, may)| may)
}
