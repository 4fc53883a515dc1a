//! Applicants (申请人), the agents who act for them (代理人), and what of them may be shown.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::coded;
use crate::item_code::{is_citizen_number, is_credit_code};
use crate::plain_text::checked_name;
use crate::rejected::{Reason, Rejected};

/// The longest name of a person or a body, in characters.
pub const NAME_MAX: usize = 100;

coded! {
    /// 服务对象: the kind of applicant (GB/T 39046 A.4).
    pub enum ApplicantKind {
        /// 自然人.
        NaturalPerson = "NATURAL_PERSON",
        /// 企业法人.
        Enterprise = "ENTERPRISE",
        /// 事业法人.
        PublicInstitution = "PUBLIC_INSTITUTION",
        /// 社会组织法人.
        SocialOrganisation = "SOCIAL_ORGANISATION",
        /// 行政机关.
        Agency = "AGENCY",
        /// 其他组织.
        Other = "OTHER",
    }
}

impl ApplicantKind {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::NaturalPerson => "1",
            Self::Enterprise => "2",
            Self::PublicInstitution => "3",
            Self::SocialOrganisation => "4",
            Self::Agency => "5",
            Self::Other => "6",
        }
    }
}

/// Somebody who acts for the applicant, with authority (行政许可法 第二十九条).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// Name of the person.
    pub name: String,
    /// Citizen identity number.
    pub id_number: String,
    /// Telephone number.
    pub phone: String,
}

/// Who applies. Made by [`Applicant::try_new`], so that what is stored has been checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applicant {
    /// What kind of person or body.
    pub kind: ApplicantKind,
    /// Name of the person or the body.
    pub name: String,
    /// Citizen identity number of a natural person, unified social credit code of a body.
    pub id_number: String,
    /// Telephone number.
    pub phone: String,
    /// The agent, if one acts.
    pub agent: Option<Agent>,
}

impl Applicant {
    /// Checks and tidies what was typed; `today` is the last possible day of birth.
    ///
    /// # Errors
    /// All faults at once, with paths beginning at `applicant`.
    pub fn try_new(typed: Self, today: NaiveDate) -> Result<Self, Vec<Rejected>> {
        let mut faults = Vec::new();
        let person = typed.kind == ApplicantKind::NaturalPerson;
        let name = kept(
            checked_name(&typed.name, NAME_MAX, "applicant.name"),
            &mut faults,
        );
        let id_number = if person {
            checked_citizen_number(&typed.id_number, today, "applicant.idNumber")
        } else {
            checked_credit_code(&typed.id_number, "applicant.idNumber")
        };
        let id_number = kept(id_number, &mut faults);
        let phone = kept(checked_phone(&typed.phone, "applicant.phone"), &mut faults);
        let agent = typed.agent.map(|agent| Agent {
            name: kept(
                checked_name(&agent.name, NAME_MAX, "applicant.agent.name"),
                &mut faults,
            ),
            id_number: kept(
                checked_citizen_number(&agent.id_number, today, "applicant.agent.idNumber"),
                &mut faults,
            ),
            phone: kept(
                checked_phone(&agent.phone, "applicant.agent.phone"),
                &mut faults,
            ),
        });
        if faults.is_empty() {
            let kind = typed.kind;
            Ok(Self {
                kind,
                name,
                id_number,
                phone,
                agent,
            })
        } else {
            Err(faults)
        }
    }

    /// The name as those see it who need not know; names of bodies are public.
    pub fn masked_name(&self) -> String {
        if self.kind == ApplicantKind::NaturalPerson {
            masked_name(&self.name)
        } else {
            self.name.clone()
        }
    }

    /// The number as those see it who need not know; credit codes are public.
    pub fn masked_id_number(&self) -> String {
        if self.kind == ApplicantKind::NaturalPerson {
            masked_id_number(&self.id_number)
        } else {
            self.id_number.clone()
        }
    }

    /// The telephone number as those see it who need not know.
    pub fn masked_phone(&self) -> String {
        masked_phone(&self.phone)
    }
}

/// Masked, so that personal data cannot reach a log by way of `{:?}`.
impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applicant")
            .field("kind", &self.kind.code())
            .field("name", &self.masked_name())
            .field("agent", &self.agent)
            .finish_non_exhaustive()
    }
}

/// Masked, for the same reason.
impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("name", &masked_name(&self.name))
            .finish_non_exhaustive()
    }
}

/// A person's name: `王*` of two characters, first and last of more.
pub fn masked_name(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    match characters.as_slice() {
        [] => String::new(),
        [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, hidden @ .., last] => format!("{first}{}{last}", "*".repeat(hidden.len())),
    }
}

/// An identity number: the first six and the last four characters, e.g. `320999********0013`.
pub fn masked_id_number(number: &str) -> String {
    masked_between(number, 6, 4)
}

/// A telephone number: the first three and the last four characters, e.g. `138****5678`.
pub fn masked_phone(phone: &str) -> String {
    masked_between(phone, 3, 4)
}

/// Shows both ends of a number; one that is too short to hide anything shows nothing.
fn masked_between(number: &str, front: usize, back: usize) -> String {
    let length = number.chars().count();
    let hides = length >= front + back + 2;
    let shown = |at: usize| hides && (at < front || at >= length - back);
    number
        .chars()
        .enumerate()
        .map(|(at, c)| if shown(at) { c } else { '*' })
        .collect()
}

fn checked_citizen_number(typed: &str, today: NaiveDate, path: &str) -> Result<String, Rejected> {
    let number = typed.trim().to_ascii_uppercase();
    if number.is_empty() {
        Err(Reason::TextEmpty.at(path))
    } else if is_citizen_number(&number, today) {
        Ok(number)
    } else {
        Err(Reason::IdNumberInvalid.at(path))
    }
}

fn checked_credit_code(typed: &str, path: &str) -> Result<String, Rejected> {
    let code = typed.trim().to_ascii_uppercase();
    if code.is_empty() {
        Err(Reason::TextEmpty.at(path))
    } else if is_credit_code(&code) {
        Ok(code)
    } else {
        Err(Reason::CreditCodeInvalid.at(path))
    }
}

fn checked_phone(typed: &str, path: &str) -> Result<String, Rejected> {
    let phone = typed.trim();
    if phone.is_empty() {
        return Err(Reason::TextEmpty.at(path));
    }
    let number = phone.strip_prefix('+').unwrap_or(phone);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let fits = number.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        && number.len() <= 30
        && (5..=20).contains(&digits);
    if fits {
        Ok(phone.to_owned())
    } else {
        Err(Reason::PhoneInvalid.at(path))
    }
}

/// The value of a check; its fault goes to the others and leaves nothing behind.
fn kept(checked: Result<String, Rejected>, faults: &mut Vec<Rejected>) -> String {
    checked.unwrap_or_else(|fault| {
        faults.push(fault);
        String::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
    }

    fn person() -> Applicant {
        Applicant {
            kind: ApplicantKind::NaturalPerson,
            name: " 王小明 ".to_owned(),
            id_number: "32099919851123002x".to_owned(),
            phone: " 13812345678".to_owned(),
            agent: None,
        }
    }

    #[test]
    fn a_person_is_checked_and_tidied() {
        let applicant = Applicant::try_new(person(), today()).unwrap();
        assert_eq!(applicant.name, "王小明");
        assert_eq!(applicant.id_number, "32099919851123002X");
        assert_eq!(applicant.masked_name(), "王*明");
        assert_eq!(applicant.masked_id_number(), "320999********002X");
        assert_eq!(applicant.masked_phone(), "138****5678");
    }

    #[test]
    fn a_body_has_a_credit_code_and_is_public() {
        let body = Applicant {
            kind: ApplicantKind::Enterprise,
            name: "滨澜县小明餐饮有限公司".to_owned(),
            id_number: "11320999030000212W".to_owned(),
            ..person()
        };
        let applicant = Applicant::try_new(body.clone(), today()).unwrap();
        assert_eq!(applicant.masked_name(), body.name);
        assert_eq!(applicant.masked_id_number(), body.id_number);
        let citizen = Applicant {
            id_number: "320999199001010013".to_owned(),
            ..body
        };
        assert_eq!(
            Applicant::try_new(citizen, today()).unwrap_err(),
            [Reason::CreditCodeInvalid.at("applicant.idNumber")]
        );
    }

    #[test]
    fn all_faults_come_at_once() {
        let typed = Applicant {
            name: "王\0明".to_owned(),
            id_number: "320999900101001".to_owned(),
            phone: "12-34".to_owned(),
            agent: Some(Agent {
                name: "😀".to_owned(),
                id_number: String::new(),
                phone: "一二三四五".to_owned(),
            }),
            ..person()
        };
        assert_eq!(
            Applicant::try_new(typed, today()).unwrap_err(),
            [
                Reason::TextNotPrintable.at("applicant.name"),
                Reason::IdNumberInvalid.at("applicant.idNumber"),
                Reason::PhoneInvalid.at("applicant.phone"),
                Reason::TextNotPrintable.at("applicant.agent.name"),
                Reason::TextEmpty.at("applicant.agent.idNumber"),
                Reason::PhoneInvalid.at("applicant.agent.phone"),
            ]
        );
    }

    #[test]
    fn telephone_numbers() {
        for right in ["13812345678", "+86-515-8812345", "12345", "0515-88123456"] {
            assert!(checked_phone(right, "p").is_ok(), "{right}");
        }
        for wrong in [
            "1234",
            "138 1234 5678",
            "+",
            "1+23456",
            "123456789012345678901",
            "１３８１２３４５６７８",
            "-----------------------------12345",
        ] {
            assert_eq!(
                checked_phone(wrong, "p"),
                Err(Reason::PhoneInvalid.at("p")),
                "{wrong}"
            );
        }
    }

    #[test]
    fn masks() {
        for (name, masked) in [
            ("", ""),
            ("王", "*"),
            ("王明", "王*"),
            ("王小明", "王*明"),
            ("欧阳小明", "欧**明"),
        ] {
            assert_eq!(masked_name(name), masked);
        }
        assert_eq!(masked_id_number("320999199001010013"), "320999********0013");
        assert_eq!(masked_phone("12345"), "*****");
    }

    #[test]
    fn debug_shows_no_personal_data() {
        let agent = Agent {
            name: "李四".to_owned(),
            id_number: "320999199001010013".to_owned(),
            phone: "13900000000".to_owned(),
        };
        let text = format!(
            "{:?}",
            Applicant {
                agent: Some(agent),
                ..person()
            }
        );
        for secret in ["小", "1985", "13812345678", "李四", "1990", "13900000000"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
