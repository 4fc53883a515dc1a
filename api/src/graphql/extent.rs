//! How much an answer shows of rows that can be read in part.

use async_graphql::{Lookahead, SelectionField};

use super::application::{Applicant, Application};
use super::case::Case;
use super::review::Review;
use crate::case::{CaseExtent, Extent};

/// An object that can be read in part, or is made of one.
pub(super) struct Shown {
    /// Its fields that need no more than its head.
    head: &'static [&'static str],
    /// Its fields that show a part of the same row.
    parts: &'static [(&'static str, &'static Shown)],
    /// Its fields that lead on to other such objects, which have rows of their own.
    leads: &'static [(&'static str, &'static Shown)],
}

pub(super) static APPLICATION: Shown = Shown {
    head: Application::HEAD,
    parts: &[("applicant", &APPLICANT)],
    leads: &[("cases", &CASE)],
};

static APPLICANT: Shown = Shown {
    head: Applicant::HEAD,
    parts: &[],
    leads: &[],
};

pub(super) static CASE: Shown = Shown {
    head: Case::HEAD,
    parts: &[],
    leads: &[("application", &APPLICATION), ("reviews", &REVIEW)],
};

pub(super) static REVIEW: Shown = Shown {
    head: Review::HEAD,
    parts: &[],
    leads: &[("case", &CASE)],
};

impl Shown {
    /// How much has to be read for what is asked of such objects and of those that they lead to: all of them, as soon as one
    /// is asked for a field that its head does not hold.
    pub(super) fn extent(&self, objects: &[Lookahead<'_>]) -> Extent {
        self.read_for(objects, true)
    }

    /// How much has to be read of such objects alone.
    pub(super) fn own_extent(&self, objects: &[Lookahead<'_>]) -> Extent {
        self.read_for(objects, false)
    }

    fn read_for(&self, objects: &[Lookahead<'_>], with_others: bool) -> Extent {
        let mut objects = objects.iter().flat_map(Lookahead::selection_fields);
        if objects.any(|object| self.exceeds_head(&object, with_others)) {
            Extent::Rows
        } else {
            Extent::Heads
        }
    }

    /// The nesting of a document is bounded, and so is how deep this calls itself.
    fn exceeds_head(&self, object: &SelectionField<'_>, with_others: bool) -> bool {
        object.selection_set().any(|field| {
            let name = field.name();
            let leads_by = |known: &&(&str, &Self)| known.0 == name;
            if let Some((_, part)) = self.parts.iter().find(leads_by) {
                part.exceeds_head(&field, with_others)
            } else if let Some((_, other)) = self.leads.iter().find(leads_by) {
                with_others && other.exceeds_head(&field, with_others)
            } else {
                !self.head.contains(&name)
            }
        })
    }
}

/// What is asked of the objects of a page: as nodes, and by its edges.
pub(super) fn objects_of<'a>(page: &Lookahead<'a>) -> [Lookahead<'a>; 2] {
    [page.field("nodes"), page.field("edges").field("node")]
}

/// How much has to be read of cases and of their applications for what is asked of them.
pub(super) fn of_cases(cases: &[Lookahead<'_>]) -> CaseExtent {
    let applications = cases.iter().map(|case| case.field("application"));
    let applications: Vec<_> = applications.collect();
    let is_asked = |field: &&str| cases.iter().any(|case| case.field(field).exists());
    CaseExtent {
        case: CASE.own_extent(cases),
        application: if Case::OF_APPLICATION.iter().any(is_asked) {
            Extent::Rows
        } else {
            APPLICATION.own_extent(&applications)
        },
    }
}
