//! Departments.

use std::sync::Arc;

use async_graphql::Object;
use lianshen_domain::ids::DepartmentId;
use lianshen_domain::item;

use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::NodeId;

/// A department (部门) of the centre's government.
pub struct Department {
    id: DepartmentId,
    department: Arc<item::Department>,
}

impl Department {
    pub(super) fn new(id: DepartmentId, department: Arc<item::Department>) -> Self {
        Self { id, department }
    }
}

/// A department (部门) of the centre's government.
#[Object]
impl Department {
    /// Identifier.
    pub async fn id(&self) -> NodeId<DepartmentId> {
        self.id.into()
    }

    /// Short code, e.g. `SJJ`.
    async fn code(&self) -> &str {
        &self.department.code
    }

    /// Full name.
    async fn name(&self) -> &str {
        &self.department.name
    }

    /// Name without that of the region.
    async fn short_name(&self) -> &str {
        &self.department.short_name
    }

    /// Unified social credit code (统一社会信用代码).
    async fn credit_code(&self) -> &str {
        &self.department.credit_code
    }

    /// Number of the department in the national standard list.
    async fn standard_number(&self) -> &str {
        &self.department.standard_number
    }

    /// What it does at the centre.
    async fn kind(&self) -> CodeEnum<item::DepartmentKind> {
        self.department.kind.into()
    }

    /// Its window in the hall; null if it has none.
    async fn hall_window(&self) -> Option<&str> {
        self.department.hall_window.as_deref()
    }
}
