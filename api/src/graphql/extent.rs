//! How much an answer shows of rows that can be read in part.

use async_graphql::{Lookahead, SelectionField};

use super::application::{Applicant, Application};
use super::case::Case;
use super::review::Review;
use crate::case::Extent;

/// An object that can be read in part, or is made of one.
pub(super) struct Shown {
    /// Its fields that need no more than its head.
    head: &'static [&'static str],
    /// Its fields that lead on to other such objects.
    leads: &'static [(&'static str, &'static Shown)],
}

pub(super) static APPLICATION: Shown = Shown {
    head: Application::HEAD,
    leads: &[("applicant", &APPLICANT), ("cases", &CASE)],
};

static APPLICANT: Shown = Shown {
    head: Applicant::HEAD,
    leads: &[],
};

pub(super) static CASE: Shown = Shown {
    head: Case::HEAD,
    leads: &[("application", &APPLICATION), ("reviews", &REVIEW)],
};

pub(super) static REVIEW: Shown = Shown {
    head: Review::HEAD,
    leads: &[("case", &CASE)],
};

impl Shown {
    /// How much has to be read for what is asked here of such an object and of those that it leads to: all of them, as soon
    /// as one is asked for a field that its head does not hold.
    pub(super) fn extent(&self, asked: &Lookahead<'_>) -> Extent {
        let objects = asked.selection_fields();
        if objects.iter().any(|object| self.exceeds_head(object)) {
            Extent::Rows
        } else {
            Extent::Heads
        }
    }

    /// The same of a page of such objects, asked for as nodes or by their edges.
    pub(super) fn extent_of_page(&self, page: &Lookahead<'_>) -> Extent {
        let (nodes, edges) = (page.field("nodes"), page.field("edges").field("node"));
        self.extent(&nodes).max(self.extent(&edges))
    }

    /// The nesting of a document is bounded, and so is how deep this calls itself.
    fn exceeds_head(&self, object: &SelectionField<'_>) -> bool {
        object.selection_set().any(|field| {
            let name = field.name();
            match self.leads.iter().find(|(lead, _)| *lead == name) {
                Some((_, next)) => next.exceeds_head(&field),
                None => !self.head.contains(&name),
            }
        })
    }
}
