//! Several applications read at once, with all that their clocks are made of.

use std::collections::HashMap;

use lianshen_domain::application::File;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_entity::{application, case_, clock, review};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::clocks::{Told, courses};
use super::mapping::{application_of, case_of, review_of};
use crate::error::AppError;

/// Applications with their cases, clocks and courses.
pub(super) struct Batch {
    applications: Vec<application::Model>,
    cases: HashMap<Uuid, Vec<case_::Model>>,
    clocks: HashMap<Uuid, Vec<clock::Model>>,
    reviews: HashMap<Uuid, Vec<review::Model>>,
    courses: HashMap<ApplicationId, Told>,
}

/// One of them.
pub(super) struct Lying {
    /// Its row.
    pub(super) row: application::Model,
    /// The rows of its cases, in order.
    pub(super) cases: Vec<case_::Model>,
    /// Its clocks, as they are kept.
    pub(super) clocks: Vec<clock::Model>,
    /// The opinions that its cases asked for.
    pub(super) asked: Vec<review::Model>,
    /// The same as the core sees it; of reviews, those.
    pub(super) file: File,
}

/// One whose clocks cannot be made, because not all of it is understood.
pub(super) struct Obscure {
    /// The application.
    pub(super) application: ApplicationId,
    /// Its number.
    pub(super) receipt_number: String,
    /// Why.
    pub(super) why: AppError,
}

impl Batch {
    /// Reads what belongs to applications: three statements, whatever their number, and one more where others were asked.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        applications: Vec<application::Model>,
    ) -> Result<Self, AppError> {
        let ids: Vec<Uuid> = applications.iter().map(|row| row.id).collect();
        let mut cases: HashMap<Uuid, Vec<case_::Model>> = HashMap::new();
        let rows = case_::Entity::find()
            .filter(case_::Column::ApplicationId.is_in(ids.iter().copied()))
            .order_by_asc(case_::Column::Ordinal)
            .all(db)
            .await?;
        for row in rows {
            cases.entry(row.application_id).or_default().push(row);
        }
        let consulting: Vec<Uuid> = cases
            .values()
            .flatten()
            .filter(|case| case.asked > 0)
            .map(|case| case.id)
            .collect();
        let mut reviews: HashMap<Uuid, Vec<review::Model>> = HashMap::new();
        if !consulting.is_empty() {
            let rows = review::Entity::find()
                .filter(review::Column::CaseId.is_in(consulting))
                .filter(review::Column::Consultation.is_not_null())
                .all(db)
                .await?;
            for row in rows {
                reviews.entry(row.application_id).or_default().push(row);
            }
        }
        let mut clocks: HashMap<Uuid, Vec<clock::Model>> = HashMap::new();
        let rows = clock::Entity::find()
            .filter(clock::Column::ApplicationId.is_in(ids.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            clocks.entry(row.application_id).or_default().push(row);
        }
        let keys: Vec<ApplicationId> = ids.into_iter().map(ApplicationId::new).collect();
        Ok(Self {
            courses: courses(db, &keys).await?,
            applications,
            cases,
            clocks,
            reviews,
        })
    }

    /// One after the other; one that is not understood stops none of the others.
    pub(super) fn files(mut self) -> impl Iterator<Item = Result<Lying, Obscure>> {
        let all = std::mem::take(&mut self.applications).into_iter();
        all.map(move |row| self.file(row))
    }

    fn file(&mut self, row: application::Model) -> Result<Lying, Obscure> {
        let cases = self.cases.remove(&row.id).unwrap_or_default();
        let asked = self.reviews.remove(&row.id).unwrap_or_default();
        let course = self.courses.remove(&ApplicationId::new(row.id));
        match file_of(&row, &cases, &asked, course) {
            Ok(file) => Ok(Lying {
                clocks: self.clocks.remove(&row.id).unwrap_or_default(),
                row,
                cases,
                asked,
                file,
            }),
            Err(why) => Err(Obscure {
                application: ApplicationId::new(row.id),
                receipt_number: row.receipt_number,
                why,
            }),
        }
    }
}

fn file_of(
    row: &application::Model,
    cases: &[case_::Model],
    asked: &[review::Model],
    course: Option<Told>,
) -> Result<File, AppError> {
    Ok(File {
        application: application_of(row),
        cases: cases.iter().map(case_of).collect::<Result<_, _>>()?,
        reviews: asked.iter().map(review_of).collect::<Result<_, _>>()?,
        course: course.transpose()?.unwrap_or_default(),
    })
}
