//! Accounts: what must be filled in, by role, and how names are compared.

use crate::actor::Role;
use crate::plain_text::{checked_name, half_width, is_chinese};
use crate::rejected::{Reason, Rejected, Word};

/// An account as somebody asks for it, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The name to sign in with.
    pub name: String,
    /// The name shown inside the centre.
    pub display_name: String,
    /// The one role.
    pub role: Role,
    /// The code of the department, for roles that belong to one.
    pub department: Option<String>,
    /// The window, for clerks.
    pub window: Option<String>,
}

impl NewAccount {
    /// Checks and tidies what was typed.
    ///
    /// # Errors
    /// All faults at once; `AccountNameConfusable` for a name that could be taken for another.
    pub fn try_new(typed: Self) -> Result<Self, Vec<Rejected>> {
        let mut faults = Vec::new();
        let name = folded_name(&typed.name).and_then(told_apart);
        let name = name.unwrap_or_else(|fault| {
            faults.push(fault);
            String::new()
        });
        let mut text = |text: &str, max, path| {
            checked_name(text, max, path).unwrap_or_else(|fault| {
                faults.push(fault);
                String::new()
            })
        };
        let display_name = text(&typed.display_name, DISPLAY_NAME_MAX, "displayName");
        let department = typed
            .department
            .map(|code| text(&code, CODE_MAX, "departmentCode"));
        let window = typed.window.map(|window| text(&window, CODE_MAX, "window"));
        let role = typed.role;
        if department.is_some() != role.has_department() || window.is_some() != role.has_window() {
            let needs = if role.has_department() {
                Word::new("须填部门，不填窗口", "a department and no window")
            } else if role.has_window() {
                Word::new("须填窗口，不填部门", "a window and no department")
            } else {
                Word::new("不填部门和窗口", "neither a department nor a window")
            };
            let incomplete = Reason::AccountIncomplete {
                role: role.into(),
                needs,
            };
            faults.push(incomplete.at("role"));
        }
        if faults.is_empty() {
            Ok(Self {
                name,
                display_name,
                role,
                department,
                window,
            })
        } else {
            Err(faults)
        }
    }
}

/// The form in which names are stored and compared: half width and lower case, of letters (Chinese ones
/// too), digits and `.`, `_`, `-`, `@`.
///
/// # Errors
/// `TextEmpty`, `TextTooLong`, `TextNotPrintable` or `AccountNameConfusable`, pointing at `name`.
pub fn folded_name(typed: &str) -> Result<String, Rejected> {
    let name = checked_name(typed, NAME_MAX, "name")?;
    let folded: String = name
        .chars()
        .map(half_width)
        .flat_map(char::to_lowercase)
        .collect();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if folded.chars().all(allowed) {
        Ok(folded)
    } else {
        Err(Reason::AccountNameConfusable.at("name"))
    }
}

/// A new name is of Chinese characters, `a` to `z`, digits and signs, and of no script whose letters look like these: a
/// Cyrillic `а` makes another `аdmin`. Such names may have been given before, and still sign in.
fn told_apart(name: String) -> Result<String, Rejected> {
    let tells = |c: char| c.is_ascii() || is_chinese(c);
    if name.chars().all(tells) {
        Ok(name)
    } else {
        Err(Reason::AccountNameConfusable.at("name"))
    }
}

const NAME_MAX: usize = 64;
const DISPLAY_NAME_MAX: usize = 50;
const CODE_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    fn typed(role: Role, department: Option<&str>, window: Option<&str>) -> NewAccount {
        NewAccount {
            name: " Wang.Fang ".to_owned(),
            display_name: " 王芳 ".to_owned(),
            role,
            department: department.map(str::to_owned),
            window: window.map(str::to_owned),
        }
    }

    #[test]
    fn each_role_needs_exactly_its_place() {
        for role in Role::ALL.iter().copied() {
            for department in [None, Some("scjg")] {
                for window in [None, Some("A01")] {
                    let fits = department.is_some() == role.has_department()
                        && window.is_some() == role.has_window();
                    let outcome = NewAccount::try_new(typed(role, department, window));
                    assert_eq!(outcome.is_ok(), fits, "{role:?} {department:?} {window:?}");
                }
            }
        }
    }

    #[test]
    fn names_are_tidied_and_all_faults_are_told_at_once() {
        let good = NewAccount::try_new(typed(Role::Supervisor, None, None)).unwrap();
        assert_eq!(
            (good.name.as_str(), good.display_name.as_str()),
            ("wang.fang", "王芳")
        );

        let bad = NewAccount {
            name: "a b".to_owned(),
            display_name: " ".to_owned(),
            ..typed(Role::Reviewer, None, None)
        };
        let faults = NewAccount::try_new(bad).unwrap_err();
        let told: Vec<_> = faults
            .iter()
            .map(|fault| (fault.reason.code().code(), fault.field.join(".")))
            .collect();
        assert_eq!(
            told,
            [
                ("ACCOUNT_NAME_CONFUSABLE", "name".to_owned()),
                ("TEXT_EMPTY", "displayName".to_owned()),
                ("ACCOUNT_INCOMPLETE", "role".to_owned()),
            ]
        );
    }

    #[test]
    fn a_name_that_could_be_taken_for_another_is_not_given() {
        let named = |name: &str| {
            NewAccount::try_new(NewAccount {
                name: name.to_owned(),
                ..typed(Role::Supervisor, None, None)
            })
        };
        for (name, kept) in [
            ("王芳_01@A厅", "王芳_01@a厅"),
            ("ＷＡＮＧ．fang", "wang.fang"),
            ("㐂𠮷", "㐂𠮷"),
        ] {
            assert_eq!(named(name).unwrap().name, kept);
        }
        for name in [
            // Cyrillic, Greek, a letter of mathematics, and one with an accent.
            "\u{430}dmin",
            "\u{3B1}dmin",
            "\u{1D41A}dmin",
            "\u{E1}dmin",
            // An Arabic digit, a Katakana that looks like 工, a form for compatibility of 龜, and a zero that looks like an O.
            "wang\u{661}",
            "\u{30A8}业",
            "\u{F907}",
            "\u{3007}",
        ] {
            let faults = named(name).unwrap_err();
            assert_eq!(faults, [Reason::AccountNameConfusable.at("name")], "{name}");
            assert!(folded_name(name).is_ok(), "{name} still signs in");
        }
    }

    #[test]
    fn names_compare_without_width_and_case() {
        assert_eq!(folded_name("ＷＡＮＧ＿０１").unwrap(), "wang_01");
        assert_eq!(folded_name("王芳@A厅").unwrap(), "王芳@a厅");
        for bad in ["", "a\u{200B}b", "a/b", "a\nb", "x'--", &"x".repeat(65)] {
            assert!(folded_name(bad).is_err(), "{bad:?}");
        }
        // Who is refused a sign learns which there are.
        for odd in ["re v", "a/b"] {
            let refused = Reason::AccountNameConfusable.at("name");
            assert_eq!(folded_name(odd), Err(refused));
        }
    }
}
