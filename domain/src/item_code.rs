//! Codes and numbers with a structure: of items, of bodies and citizens, of cases and receipts.

use chrono::{Datelike, NaiveDate};

/// The alphabet of the unified social credit code (GB 32100): no I, O, S, V, Z.
const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Weights of the first 17 digits of a citizen identity number (GB 11643).
const CITIZEN_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check characters of a citizen identity number, by remainder.
const CITIZEN_CHECKS: &[u8; 11] = b"10X98765432";

/// Whether this is a basic code (基本编码): 12 digits.
pub fn is_basic_code(code: &str) -> bool {
    code.len() == 12 && all_digits(code)
}

/// Whether this is an implementation code (实施编码): credit code of the department, level, basic code.
pub fn is_implementation_code(code: &str) -> bool {
    code.len() == 31
        && code.is_ascii()
        && is_credit_code(&code[..18])
        && matches!(code.as_bytes()[18], b'1'..=b'7')
        && is_basic_code(&code[19..])
}

/// Whether this is a handling-item code (业务办理项编码): implementation code and two digits.
pub fn is_handling_item_code(code: &str) -> bool {
    code.len() == 33
        && code.is_ascii()
        && is_implementation_code(&code[..31])
        && all_digits(&code[31..])
}

/// Whether this is a unified social credit code (统一社会信用代码) with the right check character.
pub fn is_credit_code(code: &str) -> bool {
    if code.len() != 18 {
        return false;
    }
    let mut sum = 0;
    let mut weight = 1;
    let mut check = 0;
    for (at, byte) in code.bytes().enumerate() {
        let Some(value) = CREDIT_ALPHABET.iter().position(|known| *known == byte) else {
            return false;
        };
        if at < 17 {
            sum += value * weight;
            weight = weight * 3 % 31;
        } else {
            check = value;
        }
    }
    check == (31 - sum % 31) % 31
}

/// Whether this is a citizen identity number (公民身份号码) of somebody born by `today`.
/// Numbers of 15 digits have not been valid since 2013 and are refused.
pub fn is_citizen_number(number: &str, today: NaiveDate) -> bool {
    if number.len() != 18 || !number.is_ascii() || !all_digits(&number[..17]) {
        return false;
    }
    let digits = number.bytes().take(17).map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .zip(CITIZEN_WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = CITIZEN_CHECKS.get(sum as usize % 11);
    let born = NaiveDate::parse_from_str(&number[6..14], "%Y%m%d");
    !number.starts_with('0')
        && check == number.as_bytes().last()
        && born.is_ok_and(|born| born.year() >= 1880 && born <= today)
}

/// The number of a case (办件编号): implementation code, day of receipt, serial of that item and day.
/// `None` when the code is no implementation code or the serial has more than five digits.
pub fn case_number(implementation_code: &str, received: NaiveDate, serial: u32) -> Option<String> {
    let fits = is_implementation_code(implementation_code) && (1..=99_999).contains(&serial);
    let day = day_text(received)?;
    fits.then(|| format!("{implementation_code}{day}{serial:05}"))
}

/// The receipt number that people carry: region, day, serial of the centre and day, check digit.
/// `None` when the region has not six digits or the serial more than six.
pub fn receipt_number(region: &str, received: NaiveDate, serial: u32) -> Option<String> {
    let fits = region.len() == 6 && all_digits(region) && (1..=999_999).contains(&serial);
    let day = day_text(received)?;
    let body = fits.then(|| format!("{region}{day}{serial:06}"))?;
    let check = check_digit(&body);
    Some(format!("{body}{check}"))
}

/// Whether this can be a receipt number: 21 digits, a real day and the right check digit.
pub fn is_valid_receipt_number(number: &str) -> bool {
    number.len() == 21
        && all_digits(number)
        && NaiveDate::parse_from_str(&number[6..14], "%Y%m%d").is_ok()
        && number[14..20] != *"000000"
        && check_digit(&number[..20]).to_string() == number[20..]
}

/// The number of a document (文书编号), e.g. `滨澜市监许决〔2026〕12号`.
pub fn document_number(
    place: &str,
    department: &str,
    word: &str,
    year: i32,
    serial: u32,
) -> String {
    format!("{place}{department}{word}〔{year}〕{serial}号")
}

/// The check digit of ISO 7064 MOD 11-10 over decimal digits.
fn check_digit(digits: &str) -> u32 {
    let mut product = 10;
    for digit in digits.bytes().map(|byte| u32::from(byte) - u32::from(b'0')) {
        let sum = match (product + digit) % 10 {
            0 => 10,
            sum => sum,
        };
        product = sum * 2 % 11;
    }
    (11 - product) % 10
}

/// A day as eight digits; years of other lengths have none.
fn day_text(day: NaiveDate) -> Option<String> {
    (1000..=9999)
        .contains(&day.year())
        .then(|| day.format("%Y%m%d").to_string())
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IMPLEMENTATION: &str = "11320999030000212W4990104001000";

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn item_codes_have_12_31_and_33_characters() {
        assert!(is_basic_code("990104001000"));
        assert!(is_implementation_code(IMPLEMENTATION));
        assert!(is_handling_item_code(&format!("{IMPLEMENTATION}01")));
        for wrong in ["", "99010400100", "9901040010000", "99010400100X", "九九"] {
            assert!(!is_basic_code(wrong), "{wrong}");
        }
        for wrong in [
            "11320999030000212X4990104001000",
            "11320999030000212W8990104001000",
            "11320999030000212W499010400100",
            "滨滨滨滨滨滨滨滨滨滨a",
        ] {
            assert!(!is_implementation_code(wrong), "{wrong}");
        }
        assert!(!is_handling_item_code(IMPLEMENTATION));
    }

    #[test]
    fn credit_codes_are_checked_by_their_last_character() {
        // Codes of departments of the fictional county.
        for right in [
            "11320999030000212W",
            "113209990400002839",
            "11320999050000359G",
            "1132099915000105X0",
        ] {
            assert!(is_credit_code(right), "{right}");
        }
        for wrong in [
            "",
            "11320999030000212w",
            "11320999030000221W",
            "1132099903000021IW",
            "11320999030000212",
            "113209990300002120",
        ] {
            assert!(!is_credit_code(wrong), "{wrong}");
        }
    }

    #[test]
    fn citizen_numbers_are_checked_by_digit_and_birth_date() {
        let today = day(2026, 3, 2);
        for right in [
            "320999199001010013",
            "32099919851123002X",
            "320999200002290032",
        ] {
            assert!(is_citizen_number(right, today), "{right}");
        }
        for wrong in [
            "",
            "320999199001010014",
            "32099919851123002x",
            "320999900101001",
            "320999199002300013",
            "３20999199001010013",
            "32099919900101001八",
        ] {
            assert!(!is_citizen_number(wrong, today), "{wrong}");
        }
        assert!(
            !is_citizen_number("320999199001010013", day(1989, 12, 31)),
            "not born yet"
        );
    }

    #[test]
    fn a_case_number_has_44_characters() {
        let number = case_number(IMPLEMENTATION, day(2026, 3, 2), 7).unwrap();
        assert_eq!(number, format!("{IMPLEMENTATION}2026030200007"));
        assert_eq!(number.len(), 44);
        assert_eq!(case_number(IMPLEMENTATION, day(2026, 3, 2), 100_000), None);
        assert_eq!(case_number(IMPLEMENTATION, day(2026, 3, 2), 0), None);
        assert_eq!(case_number("x", day(2026, 3, 2), 1), None);
    }

    #[test]
    fn the_check_digit_is_that_of_iso_7064() {
        // The example of the standard: 0794 has check digit 5.
        assert_eq!(check_digit("0794"), 5);
    }

    #[test]
    fn a_document_number_names_place_department_year_and_serial() {
        assert_eq!(
            document_number("滨澜", "市监", "许决", 2026, 12),
            "滨澜市监许决〔2026〕12号"
        );
    }

    proptest! {
        #[test]
        fn receipt_numbers_are_valid_and_one_wrong_digit_shows(serial in 1_u32..=999_999, days in 0_u64..20_000, at in 0_usize..21, other in 0_u8..10) {
            let date = day(2000, 1, 1) + chrono::Days::new(days);
            let number = receipt_number("320999", date, serial).unwrap();
            prop_assert_eq!(number.len(), 21);
            prop_assert!(is_valid_receipt_number(&number));
            let mut bytes = number.clone().into_bytes();
            bytes[at] = b'0' + other;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(is_valid_receipt_number(&changed), changed == number);
        }

        #[test]
        fn no_text_makes_the_checks_panic(text in "\\PC{0,40}") {
            let today = day(2026, 3, 2);
            prop_assert!(!(is_credit_code(&text) && is_basic_code(&text)));
            prop_assert!(!(is_citizen_number(&text, today) && is_valid_receipt_number(&text)));
            prop_assert!(!(is_handling_item_code(&text) && is_implementation_code(&text)));
        }
    }
}
