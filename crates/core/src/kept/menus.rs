//! Menus that a kept roster has offered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One person's menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MenuOffer {
    /// Opaque id.
    pub id: String,
    /// The person.
    pub person_id: String,
    /// The workers, in neutral order.
    pub options: Vec<String>,
    /// Whether it holds a place with each of them now.
    pub holds: bool,
}

impl MenuOffer {
    /// Whether it holds a place with each of its workers now.
    pub fn holds(&self) -> bool {
        self.holds
    }
}
