//! The desk: an application that lies before whoever acts on it, held by the transaction and complete.
//!
//! Every act on an application goes the same way: it is taken onto the desk, what time brought about meanwhile is
//! brought about first, the core decides, and the desk is cleared: rows, clocks, papers and events in one transaction.

use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{ApplicationState, File, FileClock, Moment, Rules, When};
use lianshen_domain::case::{Case, CaseResult, CaseState};
use lianshen_domain::clock::{ClockKind, Lapse};
use lianshen_domain::conflict::granted_on;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::event::{ASKED_BY, EventKind, Happening};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _, ReviewId};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::{Outcome, Review};
use lianshen_domain::supervision::{Occurrence, agenda};
use lianshen_entity::application;

use super::cards::{Announced, Watch};
use super::clocks::{self, clock_rows};
use super::hold::Held;
use super::material::{Materials, material_names};
use super::mediation::Mediations;
use super::missing::KeptReports;
use super::paper::{Paper, Papers};
use super::reproject;
use super::rules::RuleBook;
use super::serials::Wanted;
use super::signature::sign;
use super::store::{self, Rows};
use super::submit::accepted_series;
use super::visit::Visits;
use crate::app::App;
use crate::catalogue::{Centre, Snapshot};
use crate::db::{Tx, Writes};
use crate::error::AppError;
use crate::ledger::{self, Entry};
use crate::tally::CountedWrites;

/// An application on the desk.
pub(super) struct Desk<'a> {
    pub(super) app: &'a App,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) rules: RuleBook,
    /// Who acts; nobody when time does.
    pub(super) actor: Option<&'a Actor>,
    pub(super) at: Moment,
    pub(super) file: File,
    rows: Rows,
    /// The visits of the application; read only for acts on them.
    pub(super) visits: Visits,
    /// What departments miss before acceptance; read only where it matters.
    pub(super) reports: KeptReports,
    /// What somebody wanted and may not, which is on record although it is refused.
    pub(super) unlawful: Vec<Occurrence>,
    /// Its mediations.
    pub(super) mediations: Mediations,
    /// Names of the materials, as long as it is not accepted.
    materials: Vec<String>,
    /// What the rules of supervision find.
    pub(super) watch: Watch,
    /// What time brought about, what the act did, and what the rules of supervision find because of it.
    by_time: Vec<Happening>,
    done: Vec<Happening>,
    found: Vec<Happening>,
    /// The day of the act, which stands on its papers.
    acted_on: NaiveDate,
    pub(super) drafts: Vec<Draft>,
    /// The materials of the application; read only for acts on them.
    pub(super) there: Materials,
    /// What the act writes beside the file.
    pub(super) beside: Writes,
}

/// A paper about to be written.
pub(super) struct Draft {
    pub(super) kind: DocumentKind,
    pub(super) case: Option<CaseId>,
    pub(super) lines: Vec<Line>,
    /// The date on it.
    pub(super) on: NaiveDate,
    /// Nobody signs what time brought about.
    pub(super) by_time: bool,
}

impl<'a> Desk<'a> {
    /// Takes a held application onto the desk, and brings about what time has brought.
    pub(super) async fn take(
        app: &'a App,
        tx: &Tx,
        held: Held,
        actor: Option<&'a Actor>,
        at: Moment,
    ) -> Result<Self, AppError> {
        let region = &held.row.region;
        let snapshot = app
            .library
            .at_least_within(tx, region, held.revision)
            .await?;
        let held = reproject::reach(app, tx, &snapshot, held).await?;
        let rules = RuleBook::of(&app.config, snapshot.clone(), &held.row);
        let course = clocks::course(&tx.0, ApplicationId::new(held.row.id)).await?;
        let materials = if held.row.accepted_on.is_none() {
            material_names(tx, &held.row).await?
        } else {
            Vec::new()
        };
        let (mut file, rows) = store::load_file(tx, held).await?;
        file.course = course;
        let mediations = Mediations::of(tx, &file).await?;
        let mut desk = Self {
            app,
            snapshot,
            rules,
            actor,
            at,
            file,
            watch: Watch::default(),
            rows,
            visits: Visits::default(),
            reports: KeptReports::default(),
            unlawful: Vec::new(),
            mediations,
            materials,
            by_time: Vec::new(),
            done: Vec::new(),
            found: Vec::new(),
            acted_on: at.today,
            drafts: Vec::new(),
            there: Materials::default(),
            beside: Writes::default(),
        };
        let agenda = desk.agenda();
        let has_lapsed = desk.settle()?;
        desk.watch(agenda, has_lapsed);
        if desk.row().sweep_on.is_some_and(|on| on <= at.today) {
            desk.look_at_cards(tx).await?;
        }
        Ok(desk)
    }

    /// The row of the application, as it was loaded.
    pub(super) fn row(&self) -> &application::Model {
        &self.rows.application
    }

    /// A case of it.
    pub(super) fn case(&self, id: CaseId) -> Result<&Case, Reason> {
        let found = self.file.cases.iter().find(|case| case.id == id);
        found.ok_or(Reason::NotFound)
    }

    /// A review of it.
    pub(super) fn review(&self, id: ReviewId) -> Result<&Review, Reason> {
        let found = self.file.reviews.iter().find(|review| review.id == id);
        found.ok_or(Reason::NotFound)
    }

    /// Reads the visits of the application, for an act on one.
    pub(super) async fn read_visits(&mut self, tx: &Tx) -> Result<(), AppError> {
        self.visits = Visits::of(tx, self.file.application.id).await?;
        Ok(())
    }

    /// Dates an act and its papers; an entry after the fact is for those who may.
    pub(super) fn when(&mut self, happened_on: Option<NaiveDate>) -> Result<When, AppError> {
        let Some(actor) = self.actor else {
            return Ok(When::now(self.at));
        };
        let most = self.app.config.late_entry_days;
        let when = self.file.when(actor, self.at, happened_on, most)?;
        self.acted_on = when.on;
        Ok(when)
    }

    /// Dates an act, has the core decide on it, and notes what it brought about.
    pub(super) fn decide<E: Into<AppError>>(
        &mut self,
        happened_on: Option<NaiveDate>,
        core: impl FnOnce(&mut File, When, &RuleBook) -> Result<Vec<Happening>, E>,
    ) -> Result<When, AppError> {
        let when = self.when(happened_on)?;
        let happenings = core(&mut self.file, when, &self.rules).map_err(Into::into)?;
        self.happened(happenings);
        Ok(when)
    }

    /// The same for an act that may have been done before, identically; `None` then, and nothing is noted.
    pub(super) fn attempt<E: Into<AppError>>(
        &mut self,
        happened_on: Option<NaiveDate>,
        core: impl FnOnce(&mut File, When, &RuleBook) -> Result<Outcome<Vec<Happening>>, E>,
    ) -> Result<Option<When>, AppError> {
        let when = self.when(happened_on)?;
        match core(&mut self.file, when, &self.rules).map_err(Into::into)? {
            Outcome::Done(happenings) => {
                self.happened(happenings);
                Ok(Some(when))
            }
            Outcome::Unchanged => Ok(None),
        }
    }

    /// Notes what an act brought about; each opinion is signed, by whichever act it was given.
    pub(super) fn happened(&mut self, mut happenings: Vec<Happening>) {
        for told in &mut happenings {
            self.name_asker(told);
            let mut reviews = self.file.reviews.iter();
            if let Some(review) = reviews.find(|review| Some(review.id) == told.review) {
                sign(told, review);
            }
        }
        let by = self.actor.map(|actor| actor.account);
        self.file.course.add(&happenings, by, self.at);
        self.done.extend(happenings);
        while let Some(ended) = self.file.end_of_waiting(&self.rules) {
            self.file
                .course
                .add(std::slice::from_ref(&ended), by, self.at);
            self.done.push(ended);
        }
        let moot = self.follow_mediations(None);
        self.done.extend(moot);
        self.wind();
    }

    /// Whoever leads may ask about the case of another department, which has said nothing by that.
    fn name_asker(&self, told: &mut Happening) {
        let of_case = told.case.and_then(|id| self.case(id).ok());
        let asker = self.actor.and_then(|actor| actor.department.as_ref());
        if let (EventKind::OpinionAsked, Some(case), Some(asker)) = (told.kind, of_case, asker)
            && *asker != case.department
            && told.detail.iter().all(|(name, _)| *name != ASKED_BY)
        {
            told.detail.push((ASKED_BY, asker.clone()));
        }
    }

    /// Lays a paper to the file; its number is taken when the desk is cleared.
    pub(super) fn paper(&mut self, kind: DocumentKind, case: Option<CaseId>, lines: Vec<Line>) {
        self.drafts.push(Draft {
            kind,
            case,
            lines,
            on: self.acted_on,
            by_time: false,
        });
    }

    /// One more line for the paper of a case that was laid last.
    pub(super) fn add_line(&mut self, case: CaseId, line: Line) {
        let mut drafts = self.drafts.iter_mut().rev();
        if let Some(draft) = drafts.find(|draft| draft.case == Some(case)) {
            draft.lines.push(line);
        }
    }

    /// Whoever first acts at a window on an application that has none takes it there.
    pub(super) fn take_over(&mut self, actor: &Actor) {
        let application = &mut self.file.application;
        if application.window.is_none() {
            application.window.clone_from(&actor.window);
        }
    }

    /// The due date of an open clock of the whole.
    pub(super) fn due_on(&self, kind: ClockKind) -> Option<NaiveDate> {
        self.file.open_clock(None, kind, &self.rules)?.due_on()
    }

    /// Its clocks, as they are now.
    pub(super) fn clocks(&self) -> Vec<FileClock> {
        self.file.clocks(&self.rules)
    }

    /// Notes what the rules of supervision find: what had come before the act stands before it, the rest behind it.
    pub(super) fn note_found(&mut self, happening: Happening, before: bool) {
        if before {
            self.by_time.push(happening);
        } else {
            self.found.push(happening);
        }
    }

    fn wind(&mut self) -> Vec<FileClock> {
        let today = self.at.today;
        self.file.wind(&self.rules, today)
    }

    /// What has lapsed since somebody last looked is brought about before anybody acts. Answers whether something has.
    fn settle(&mut self) -> Result<bool, AppError> {
        while let Some((lapsed, happenings)) = self.file.lapse(self.at, &self.rules)? {
            self.file.course.add(&happenings, None, self.at);
            let moot = self.follow_mediations(Some(&lapsed));
            self.wind();
            self.lay_lapse_papers(&lapsed, &happenings)?;
            self.by_time.extend(happenings.into_iter().chain(moot));
        }
        Ok(!self.by_time.is_empty())
    }

    /// What a receipt of acceptance names.
    pub(super) fn acceptance_lines(&self) -> Result<Vec<Line>, AppError> {
        let centre = self.centre()?;
        let papers = Papers::new(&self.app.env, &self.snapshot, centre, self.actor, self.at);
        let query_code = &self.row().query_code;
        Ok(papers.acceptance_lines(&self.file.cases, &self.materials, query_code))
    }

    /// What a decision names.
    pub(super) fn decision_lines(&self, case: &Case) -> Result<Vec<Line>, AppError> {
        let centre = self.centre()?;
        let papers = Papers::new(&self.app.env, &self.snapshot, centre, self.actor, self.at);
        let mut lines = papers.decision_lines(case);
        // What departments agreed on is part of what is granted.
        let result = case.ending.as_ref().map(|ending| ending.result);
        if result == Some(CaseResult::Granted) {
            let of_case = self
                .file
                .reviews
                .iter()
                .filter(|review| review.case == case.id);
            lines.extend(granted_on(of_case).into_iter().map(|condition| {
                let text = format!("{}（{}）", condition.text, condition.article);
                Line::new(LineLabel::Condition, text)
            }));
        }
        Ok(lines)
    }

    pub(super) fn centre(&self) -> Result<&Centre, Reason> {
        let centre = self.snapshot.centre(&self.row().region);
        centre.ok_or(Reason::NotFound)
    }

    /// The version of a case, as it was loaded.
    pub(super) fn kept_version(&self, id: CaseId) -> i64 {
        let kept = self.rows.cases.iter().find(|row| row.id == id.raw());
        kept.map_or(0, |row| row.version)
    }

    /// Clears the desk: everything that changed is written, in one transaction with what happened. Answers what the
    /// rules of supervision announced.
    pub(super) async fn clear(mut self, tx: &Tx) -> Result<Announced, AppError> {
        let today = self.at.today;
        // By whatever it closed, all its licences are handed over.
        let is_closed = self.file.application.state == ApplicationState::Closed;
        if is_closed && self.row().state.0 != ApplicationState::Closed {
            self.issue_permit(When {
                at: self.at,
                on: self.acted_on,
            })?;
        }
        let clocks = self.wind();
        let now = agenda(&clocks, &self.app.config.thresholds);
        let mut writes = CountedWrites::default();
        writes.append(std::mem::take(&mut self.beside));
        let announced = self.announce((tx, &mut writes), &now).await?;
        let is_due = self.row().sweep_on.is_some_and(|on| on <= today);
        let parts = [&self.by_time, &self.done, &self.found];
        if parts.iter().all(|part| part.is_empty()) && !is_due {
            writes.send(tx).await?;
            return Ok(announced);
        }
        let region = self.row().region.clone();
        let snapshot = self.snapshot.clone();
        let centre = snapshot.centre(&region).ok_or(Reason::NotFound)?;

        let mut papers = Papers::new(&self.app.env, &snapshot, centre, self.actor, self.at);
        let mut wanted = Wanted::default();
        for draft in &self.drafts {
            let case = draft.case.and_then(|id| self.case(id).ok());
            papers.want(&mut wanted, draft.kind, case, draft.on);
        }
        let is_accepted_now = self.file.application.accepted_on.is_some()
            && self.rows.application.accepted_on.is_none();
        if is_accepted_now {
            for case in self.to_be_numbered() {
                wanted.one(accepted_series(centre, &case.item));
            }
        }
        let mut given = wanted.take(tx).await?;
        if is_accepted_now {
            let open = self.file.cases.iter_mut();
            for case in open.filter(|case| is_accepted(case)) {
                case.accepted_seq = Some(given.next(&accepted_series(centre, &case.item))?);
            }
        }
        for draft in std::mem::take(&mut self.drafts) {
            let case = draft.case.and_then(|id| self.case(id).ok());
            let paper = Paper {
                kind: draft.kind,
                case,
                lines: draft.lines,
                on: draft.on,
            };
            papers.add(&self.rows.application, paper, &mut given, draft.by_time)?;
        }

        if self.asks_others_than_before() {
            self.pass_materials(tx, &mut writes).await?;
        }
        let sweep_on = next_sweep(&self.file, &clocks, &self.rules, today);
        let kept = clock_rows(&self.file, &region, &clocks, today);
        let sweeps = (Some(today), sweep_on);
        store::save_file(&mut writes, &self.file, self.rows, sweeps);
        clocks::keep_clocks(&mut writes, kept);
        papers.write(&mut writes);
        self.visits.save(&mut writes, &region);
        self.reports
            .save(&mut writes, self.file.application.id, &region);
        self.mediations.save(&mut writes, &region);
        let by = |actor| Entry {
            region: &region,
            application: Some(self.file.application.id),
            actor,
            happened_at: self.at.now,
        };
        let entries = [
            (by(None), &*self.by_time),
            (by(self.actor), &*self.done),
            (by(None), &*self.found),
        ];
        ledger::add(&mut writes, &self.app.env, &entries);
        writes.send(tx).await?;
        Ok(announced)
    }

    /// Whether somebody was asked for an opinion since the application was loaded, or is not asked any more, whatever brought
    /// it about.
    fn asks_others_than_before(&self) -> bool {
        let mut of_others = self.file.reviews.iter();
        of_others.any(|review| {
            let mut kept = self.rows.reviews.iter();
            let kept = kept.find(|row| row.id == review.id.raw());
            let did = kept.is_some_and(|row| !row.state.0.is_dropped());
            review.consultation.is_some() && did == review.state.is_dropped()
        })
    }

    fn to_be_numbered(&self) -> impl Iterator<Item = &Case> {
        self.file.cases.iter().filter(|case| is_accepted(case))
    }
}

fn is_accepted(case: &Case) -> bool {
    case.state == CaseState::AwaitingPredecessor || case.dates.is_some()
}

/// The first day on which a rule raises something or a period lapses, after one through which all of it is written.
pub(super) fn next_sweep(
    file: &File,
    clocks: &[FileClock],
    rules: &dyn Rules,
    through: NaiveDate,
) -> Option<NaiveDate> {
    let raised = agenda(clocks, rules.thresholds())
        .into_iter()
        .map(|occurrence| occurrence.on);
    let caps = rules.conventions().cap_exclusion_at_notified_duration;
    let last_day = |clock: &FileClock| match clock.running.kind {
        // It ends with the last day that it may exclude, which may come before that of its own clock.
        ClockKind::Special if caps => clock.running.told_through(&clock.calendar),
        _ => clock.due_on(),
    };
    let open = || {
        let clocks = clocks.iter();
        clocks.filter(|clock| clock.running.stopped_by.is_none())
    };
    // What an act that was entered late began may have lapsed before: the sweep comes at once.
    let may_have_passed = open().any(|clock| {
        let meaning = clock.running.kind.row().on_lapse;
        let only_late = matches!(meaning, Lapse::Overdue | Lapse::StepOverrun);
        !only_late && last_day(clock).is_some_and(|last| last < through)
    });
    if may_have_passed && file.has_lapsed(through, rules) {
        return Some(through);
    }
    let lapses = open().filter_map(|clock| last_day(clock)?.succ_opt());
    raised.chain(lapses).filter(|on| *on > through).min()
}
