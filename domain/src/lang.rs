//! The language in which texts for people are written. Codes never depend on it.

/// A language of this program. Chinese is the language of the law and of the hall, so it is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Simplified Chinese (zh-CN).
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Reads an `Accept-Language` header: the wanted language with the highest weight that we have, else Chinese.
    pub fn negotiate(header: Option<&str>) -> Self {
        let mut best = (Self::default(), 0);
        for range in header.unwrap_or_default().split(',') {
            let (tag, weight) = weighted(range);
            let primary = tag.split('-').next().unwrap_or_default();
            let lang = if primary.eq_ignore_ascii_case("zh") {
                Self::Zh
            } else if primary.eq_ignore_ascii_case("en") {
                Self::En
            } else {
                continue;
            };
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }

    /// The tag for `Content-Language` and `lang` attributes.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Chooses between the two wordings of one text.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Splits `value;q=0.8` into the value and its weight in thousandths; a weight that cannot be read counts as none.
pub fn weighted(entry: &str) -> (&str, u32) {
    let mut parts = entry.split(';').map(str::trim);
    let value = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (value, weight.map_or(1000, thousandths))
}

/// A weight has at most three decimals (RFC 9110, 12.4.2).
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(0), Ok(fraction)) => fraction,
        (Ok(1), Ok(0)) => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_is_chosen_and_chinese_is_the_default() {
        for (header, lang) in [
            (None, Lang::Zh),
            (Some(""), Lang::Zh),
            (Some("fr-FR, de;q=0.9"), Lang::Zh),
            (Some("en"), Lang::En),
            (Some("en-GB,en;q=0.9,zh;q=0.1"), Lang::En),
            (Some("zh-Hans-CN, en;q=0.9"), Lang::Zh),
            (Some("zh;q=0.2, EN-us;q=0.25"), Lang::En),
            (Some("en;q=0, zh;q=0.001"), Lang::Zh),
            (Some("en;q=nonsense"), Lang::Zh),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header:?}");
        }
    }
}
