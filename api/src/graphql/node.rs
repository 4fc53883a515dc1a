//! Objects by their global identifiers.

use async_graphql::{Context, ID, Interface, Object, Result};
use lianshen_domain::ids::{
    ApplicationId, BundleVersionId, CaseId, DepartmentId, Id, ItemVersionId, KINDS, MediationId,
    ReviewId, VisitId,
};
use lianshen_domain::rejected::Reason;
use uuid::Uuid;

use super::application::Application;
use super::case::Case;
use super::catalogue::{Bundle, Department, Item, Published};
use super::context::Ctx;
use super::mediation::Mediation;
use super::payload::Noun as _;
use super::review::{self, Review};
use super::visit::Visit;
use crate::case::{CaseExtent, Extent};
use crate::error::AppError;

/// An object that has a global identifier.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Identifier, unique among all objects."))]
pub enum Node {
    /// An application.
    Application(Application),
    /// A case.
    Case(Case),
    /// A review.
    Review(Review),
    /// A joint site visit or a joint meeting.
    Visit(Visit),
    /// A mediation of a conflict.
    Mediation(Mediation),
    /// A published version of an item.
    Item(Item),
    /// A published version of a bundle.
    Bundle(Bundle),
    /// A department.
    Department(Department),
}

/// What can be asked of any object.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object of an identifier, if you may see it; null for all others, whether they exist or not, and for what is shown
    /// with another object only, as documents, materials and events are.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identifier.")] id: ID,
    ) -> Result<Option<Node>> {
        let ctx = Ctx::of(ctx)?;
        let malformed = || ctx.fail(Reason::IdMalformed.at("id"));
        let (kind, raw) = id.split_once(':').ok_or_else(malformed)?;
        let raw: Uuid = raw.parse().map_err(|_| malformed())?;
        // One form of an identifier only.
        if raw.to_string() != id[kind.len() + 1..] {
            return Err(malformed());
        }
        let fail = |error: AppError| ctx.fail(error);
        let published = Published::to(ctx);
        match kind {
            ApplicationId::KIND => {
                let found = Application::read(ctx.app(), ctx.actor()?, Id::new(raw), None).await;
                Ok(found.map_err(fail)?.map(Node::Application))
            }
            CaseId::KIND => {
                let whole = CaseExtent::WHOLE;
                let found = Case::read(ctx.app(), ctx.actor()?, Id::new(raw), whole).await;
                Ok(found.map_err(fail)?.map(Node::Case))
            }
            ReviewId::KIND => {
                let found = review::one(ctx, Id::new(raw), Extent::Rows).await?;
                Ok(found.map(Node::Review))
            }
            VisitId::KIND => {
                let found = Visit::read(ctx.app(), ctx.actor()?, Id::new(raw), ()).await;
                Ok(found.map_err(fail)?.map(Node::Visit))
            }
            MediationId::KIND => {
                let found = Mediation::read(ctx.app(), ctx.actor()?, Id::new(raw), ()).await;
                Ok(found.map_err(fail)?.map(Node::Mediation))
            }
            ItemVersionId::KIND => Ok(published
                .and_then(|published| published.item_version(Id::new(raw)))
                .map(Node::Item)),
            BundleVersionId::KIND => Ok(published
                .and_then(|published| published.bundle_version(Id::new(raw)))
                .map(Node::Bundle)),
            DepartmentId::KIND => Ok(published
                .and_then(|published| published.department_of(Id::new(raw)))
                .map(Node::Department)),
            kind if KINDS.contains(&kind) => Ok(None),
            _ => Err(malformed()),
        }
    }
}
