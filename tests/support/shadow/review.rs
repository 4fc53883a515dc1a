//! Who has a review, what its opinion would say, and that it is made again because a refusal was revoked.

use chrono::NaiveDate;
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::Moment;
use lianshen_domain::case::CaseState;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{AccountId, CaseId, ReviewId};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{OpinionDraft, OpinionKind, Outcome, ReviewState};
use lianshen_domain::revocation::{Revocation, RevocationGround, RevocationWay};

use super::{Refused, Shadow, of_one, review_mut};
use crate::support::deed::{Deed, REASONS, REVOKED_BY, REVOKED_IN};

impl Shadow {
    /// Nobody works on what is not accepted yet, gives work to strangers, or relies on what is not there.
    pub(super) fn expect_workable(&self, actor: &Actor, deed: &Deed) -> Result<(), Rejected> {
        let is_handling = matches!(
            deed,
            Deed::Claim(_) | Deed::Release(_) | Deed::Draft(..) | Deed::Assign(..)
        );
        let review = deed.review().and_then(|id| self.review(id));
        if let Some(review) = review.filter(|_| is_handling) {
            let case = self.case(review.case);
            let is_next = case.is_some_and(|case| case.state == CaseState::AwaitingPredecessor);
            if review.state == ReviewState::Waiting && !is_next {
                return Err(Reason::AwaitsPredecessor.into());
            }
        }
        match deed {
            Deed::Assign(_, to) => {
                let is_colleague = to.role == Role::Reviewer && to.department == actor.department;
                if is_colleague {
                    Ok(())
                } else {
                    Err(Reason::NotAReviewer.at("accountId"))
                }
            }
            Deed::Give(_, said) => said
                .relying_on
                .map_or(Ok(()), |material| self.expect_readable(actor, material)),
            _ => Ok(()),
        }
    }

    pub(super) fn keeps_draft(
        &mut self,
        id: ReviewId,
        kind: OpinionKind,
        actor: &Actor,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let draft = OpinionDraft {
            kind: Some(kind),
            reasons: Some(REASONS.to_owned()),
            ..OpinionDraft::default()
        };
        let review = review_mut(&mut self.file, id)?;
        Ok(review.keep_draft(actor, draft, at.now)?)
    }

    pub(super) fn assigns(
        &mut self,
        id: ReviewId,
        to: AccountId,
        actor: &Actor,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let review = review_mut(&mut self.file, id)?;
        of_one(review.assign(to, actor, at.now)?)
    }

    /// The day of it is that of the receipt, and is called so.
    pub(super) fn reopens(
        &mut self,
        case: CaseId,
        actor: &Actor,
        (at, on): (Moment, Option<NaiveDate>),
        id: ReviewId,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let received_on = on.unwrap_or(at.today);
        let revocation = Revocation {
            body: REVOKED_BY.to_owned(),
            document_number: REVOKED_IN.to_owned(),
            way: RevocationWay::Reconsideration,
            ground: RevocationGround::Procedure,
            decided_on: received_on,
            within_days: None,
            note: None,
        };
        let rules = self.rules.clone();
        let most = rules.late_entry_days;
        let when = self.file.when(actor, at, Some(received_on), most);
        let done = when.and_then(|when| self.file.reopen(case, &revocation, when, &*rules, id));
        let done = done.map_err(|refused| {
            let field = refused.field.into_iter();
            let named = field.map(|step| match step.as_str() {
                "happenedOn" => "receivedOn".to_owned(),
                _ => step,
            });
            Rejected {
                field: named.collect(),
                ..refused
            }
        })?;
        Ok(Outcome::Done(done))
    }
}
